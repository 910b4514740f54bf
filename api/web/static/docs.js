// The API docs: Swagger UI over this service's own OpenAPI document. Nothing is loaded from, or sent to, anywhere else.
"use strict";

const place = document.getElementById("api");

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const followScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followScheme);
followScheme();

if (window.SwaggerUIBundle) {
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.openapi,
    validatorUrl: "none", // no online validator
    persistAuthorization: false, // a token lives as long as this page
    // Without the cookie of a reader who is signed in: with a token beside it, the answer would be 400.
    requestInterceptor: (request) => Object.assign(request, { credentials: "omit" }),
    deepLinking: true,
    filter: true,
    displayRequestDuration: true,
    requestSnippetsEnabled: true,
    defaultModelsExpandDepth: 0, // the shapes stay folded
    // Swagger UI brings a <main> of its own into ours: one landmark is enough.
    onComplete: () => place.querySelector("main")?.setAttribute("role", "group"),
  });
} else {
  const sorry = document.createElement("p");
  const link = document.createElement("a");
  sorry.className = "lead";
  link.href = place.dataset.openapi;
  link.textContent = "the OpenAPI document";
  sorry.append("The viewer is not installed here. Read ", link, " instead: it says the same.");
  place.append(sorry);
}
