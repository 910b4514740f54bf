"use strict";

/**
 * The parameters of a deployment, recorded in its template, and their comparison with those of the live stack.
 *
 * A template is a JSON object; the template of a stack that does not exist is {}.
 *
 * @typedef {Object<string, *>} Template
 * @typedef {{Parameters: Object<string, string>, Given: string[], Stage: Object<string, string>}} Settings
 *   The values of all parameters, the names on the command line, and the values of the stage in serverless.yml.
 */

/** The parameters of the package itself, which differ from deployment to deployment. */
const ARTIFACT = ["artifact", "sha256", "image"];
const KEY_VERSION = /\{\{resolve:ssm:[^:}]+:(\d+)\}\}/;

/**
 * Return the parameters of a deployment as its template has them, in Metadata.Clowder. The next deployment reads them.
 *
 * @param {Object<string, Object<string, *>>} settings given: the parameters on the command line; stageParameters: those
 *   of the stage in serverless.yml; parameters: the values of all parameters.
 * @returns {Settings}
 */
function recordedParameters({ given, stageParameters, parameters }) {
  return { Parameters: texts(parameters), Given: Object.keys(texts(given)), Stage: texts(stageParameters) };
}

function texts(values) {
  const pairs = Object.entries(values ?? {}).filter(([name]) => !ARTIFACT.includes(name));
  return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]));
}

/** Return the version of the cursor key in a template. */
function keyVersion(template) {
  return JSON.stringify(template).match(KEY_VERSION)?.[1];
}

/**
 * Return an error message if a deployment would reset parameters that somebody has set on the live stack.
 *
 * A parameter is set on the command line, or for the stage in serverless.yml. A value on the command line, or a new one
 * for the stage, replaces it on purpose, also if it is empty. A default of serverless.yml that changes its value is not
 * set by anybody; one that becomes empty or false was set by who has edited the file.
 *
 * @param {string} stackName
 * @param {Template} live
 * @param {Template} next a template with recorded parameters
 * @returns {string | undefined}
 */
function resetError(stackName, live, next) {
  const parameters = lostParameters(live, next);
  if (!parameters.length) return undefined;
  const lost = parameters.map(([name, value]) => `${name}=${quoted(value)}`);
  const reset = parameters.map(([name]) => `${name}=${quoted(settingsOf(next).Parameters[name])}`);
  return (
    `${stackName} was deployed with ${lost.join(" ")}, and this deployment would reset ` +
    `${lost.length > 1 ? "them: give each" : "it: give it"} a value with --param=NAME=VALUE (with make and in CI: ` +
    `PARAMS) or for the stage in serverless.yml. To reset ${lost.length > 1 ? "them" : "it"}, give ${reset.join(" ")}.`
  );
}

function lostParameters(live, next) {
  const [old, now] = [settingsOf(live), settingsOf(next)];
  return Object.entries(old.Parameters).filter(([name, value]) => {
    const wasSet = old.Given.includes(name) || (name in old.Stage && !(name in now.Stage));
    const wasEdited = isOn(value) && !isOn(now.Parameters[name]);
    const isChosen = now.Given.includes(name) || (name in now.Stage && now.Stage[name] !== old.Stage[name]);
    const isSame = now.Parameters[name] === value || (name === "cursorKeyVersion" && keyVersion(next) === value);
    return name in now.Parameters && (wasSet || wasEdited) && !isChosen && !isSame;
  });
}

/** Return the recorded parameters, or those that the template of an older release shows. */
function settingsOf(template) {
  if (template.Metadata?.Clowder?.Parameters) return template.Metadata.Clowder;
  const defaults = Object.entries(template.Parameters ?? {}).map(([name, { Default }]) => [lowerFirst(name), Default]);
  const values = Object.fromEntries(defaults.filter(([, value]) => isOn(value)));
  return { Parameters: values, Given: Object.keys(values), Stage: {} };
}

function isOn(value) {
  return Boolean(value) && value !== "false";
}

function lowerFirst(name) {
  return name[0].toLowerCase() + name.slice(1);
}

/** Quote a value as PARAMS needs it. */
function quoted(value) {
  return /^[\w@%+=:,./*-]*$/.test(value) ? value : `'${value.replaceAll("'", `'"'"'`)}'`;
}

module.exports = { recordedParameters, resetError };
