// Check pages with html-validate: standard input has their HTML by name, standard output the messages by name.
"use strict";

const { HtmlValidate, StaticConfigLoader } = require("html-validate");

const config = {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    "aria-label-misuse": ["error", { allowAnyNamable: true }], // a list may have a name
    "doctype-style": ["error", { style: "lowercase" }],
    "form-dup-name": "off", // check boxes, and the day and time of a date
    "long-title": "off",
    "no-trailing-whitespace": "off",
    "tel-non-breaking": "off",
    "void-style": ["error", { style: "omit" }],
  },
};

async function main() {
  const html = new HtmlValidate(new StaticConfigLoader(config));
  const found = {};
  for (const [name, text] of Object.entries(JSON.parse(require("node:fs").readFileSync(0, "utf8")))) {
    const { results } = await html.validateString(text);
    const messages = results.flatMap(result => result.messages);
    if (messages.length) found[name] = messages.map(each => `${each.line}: ${each.ruleId}: ${each.message}`);
  }
  process.stdout.write(JSON.stringify(found));
}

main();
