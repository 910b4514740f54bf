"use strict";

/** The cursor key of a stage, in the Parameter Store. tools/ops/cursor_key.py rotates it. The key is never shown. */

const crypto = require("node:crypto");
const { ignoring } = require("./aws.cjs");

const KEY_BYTES = 48;
/** api/settings.py requires as many characters. */
const MIN_CHARACTERS = 32;

/**
 * Return the version of the key to use, or an error message.
 *
 * The version is the given one, or the newest if it is empty. It is undefined if there is no key yet. The response of
 * GetParameter also contains the key. DescribeParameters would not, but cannot be granted for a single parameter.
 */
async function selectKey({ request, name, version, stage, isLive }) {
  const newest = await get(request, name);
  if (!newest && isLive) {
    return { message: `${name} is missing, and the stage is live. A new key ends all sessions: make cursor-key STAGE=${stage}.` };
  }
  if (!newest && version) return { message: `There is no ${name}. Without cursorKeyVersion, the deployment creates it.` };
  if (!newest) return {};
  const key = version ? await get(request, `${name}:${version}`) : newest;
  if (!key) return { message: `${name} has no version ${version}; the newest is ${newest.Version}.` };
  // CloudFormation cannot put a SecureString into the environment of a function.
  if (key.Type !== "String") return { message: `${name} must be a String, not a ${key.Type}.` };
  if (key.Value.length < MIN_CHARACTERS) return { message: `${name} has fewer than ${MIN_CHARACTERS} characters.` };
  return { version: key.Version };
}

async function get(request, Name) {
  const response = await ignoring(/^Parameter(Version)?NotFound:/, request("SSM", "getParameter", { Name }));
  return response?.Parameter;
}

/** Create the key, if there is none, and return its version. */
async function createKey(request, name) {
  const Value = crypto.randomBytes(KEY_BYTES).toString("base64url");
  return (await request("SSM", "putParameter", { Name: name, Value, Type: "String", Overwrite: false })).Version;
}

module.exports = { createKey, selectKey };
