"use strict";

/** Checks against the live stack. */

/** Return an error message about the deployment, or undefined. There are no checks yet. */
async function liveProblem() {
  return undefined;
}

module.exports = { liveProblem };
