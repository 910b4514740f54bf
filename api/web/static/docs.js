// The API docs: Swagger UI with the OpenAPI document of this API. It sends no request to another host.
"use strict";

const container = document.getElementById("api");

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const followScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followScheme);
followScheme();

// Swagger UI has no names for the lists of its parameters, no keyboard access to long examples, and no heading of level 2.
const makeAccessible = () => {
  for (const list of container.querySelectorAll("tr[data-param-name] select:not([aria-label])"))
    list.setAttribute("aria-label", list.closest("tr").dataset.paramName);
  for (const example of container.querySelectorAll("pre.microlight:not([tabindex])")) example.tabIndex = 0;
  for (const heading of container.querySelectorAll(":is(h3, h4, h5):not([aria-level])"))
    heading.setAttribute("aria-level", heading.matches(".models > h4") ? 2 : heading.tagName[1] - 1);
};
new MutationObserver(makeAccessible).observe(container, { childList: true, subtree: true });

if (window.SwaggerUIBundle) {
  window.SwaggerUIBundle({
    domNode: container,
    url: container.dataset.openapi,
    validatorUrl: "none", // no online validator
    persistAuthorization: false, // forget the token when the page is closed
    // Omit the session cookie of the browser: a request with a cookie and a token is a 400.
    requestInterceptor: (request) => Object.assign(request, { credentials: "omit" }),
    deepLinking: true,
    filter: true,
    displayRequestDuration: true,
    requestSnippetsEnabled: true,
    defaultModelsExpandDepth: 0, // keep the schemas collapsed
    // Swagger UI adds a second <main>. A page must have only one.
    onComplete: () => container.querySelector("main")?.setAttribute("role", "group"),
  });
} else {
  const message = document.createElement("p");
  const link = document.createElement("a");
  message.className = "lead";
  link.href = container.dataset.openapi;
  link.textContent = "the OpenAPI document";
  message.append("The viewer is not installed here. Read ", link, " instead. It has the same content.");
  container.append(message);
}
