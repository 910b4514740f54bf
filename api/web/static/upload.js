// The form that uploads a photo: it says beside the field why a file would be refused, before the file is sent.
// Without it, S3 and the photo function refuse the file.
"use strict";

const input = document.getElementById("file");
const { maxBytes, tooLarge, wrongType, maxSeconds, tooLate } = input.dataset;
const error = document.createElement("p");
error.className = "field-error";
error.id = "file-error";
error.setAttribute("role", "alert");
input.after(error);
input.setAttribute("aria-describedby", "file-error file-help");

const reason = file => {
  if (performance.now() > maxSeconds * 1000) return tooLate;
  if (file?.size > maxBytes) return tooLarge;
  // The first bytes decide. A browser knows the type by the name of the file.
  return file?.type && !input.accept.split(",").includes(file.type) ? wrongType : "";
};
const check = () => {
  const text = reason(input.files[0]);
  error.textContent = text;
  if (text) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  return !text;
};
input.addEventListener("change", check);
input.form.addEventListener("submit", event => {
  if (check()) return;
  event.preventDefault();
  input.focus();
});
