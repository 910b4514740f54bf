"use strict";

/** Runs the Python tools of this repository with uv, which installs their packages, and Python if it is missing. */

const { spawn } = require("node:child_process");
const path = require("node:path");

const ROOT = path.resolve(__dirname, "..", "..");
/** The newest is the default runtime. If none of them is installed, uv downloads it. */
const VERSIONS = ">=3.11,<3.14";
/** The packages of the tools. uv uses .venv if that has all of them. */
const REQUIREMENTS = ["requirements-local.txt", "tools/requirements/package.txt"];
const MISSING = "uv was not found. Install it, for example with pipx install uv (https://docs.astral.sh/uv/).";
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Run a module until it ends, and return its exit status. Throw an Error with a sentence if uv is missing.
 *
 * env: additional environment variables.
 */
function runPython(module, options, env = {}) {
  const requirements = REQUIREMENTS.flatMap((file) => ["--with-requirements", file]);
  const uv = ["run", "--quiet", "--no-project", "--python", VERSIONS, ...requirements];
  // make install-dev installs uv into .venv.
  const PATH = [process.env.PATH, path.join(ROOT, ".venv", "bin")].join(path.delimiter);
  return new Promise((resolve, reject) => {
    const child = spawn("uv", [...uv, "python", "-m", module, ...options], {
      cwd: ROOT,
      stdio: "inherit",
      env: { ...process.env, PATH, ...env },
    });
    // Ctrl-C reaches the module too. uv forwards SIGTERM always, but not each SIGINT.
    let received;
    const forward = (signal) => {
      received = signal;
      child.kill("SIGTERM");
    };
    SIGNALS.forEach((signal) => process.on(signal, forward));
    child.on("error", (error) => reject(new Error(error.code === "ENOENT" ? MISSING : `uv: ${error.message}.`)));
    child.on("exit", (status) => {
      SIGNALS.forEach((signal) => process.off(signal, forward));
      // The signal ends this process too: osls would show a later error as an uncaught exception.
      if (received && status !== 0) process.kill(process.pid, received);
      else resolve(status);
    });
  });
}

module.exports = { ROOT, runPython };
