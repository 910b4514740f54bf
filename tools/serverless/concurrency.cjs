"use strict";

/** Compare the concurrency of the function with the requests that the gateway accepts. */

/** The billed time of the average warm request, in seconds (docs/cost.md). */
const REQUEST_SECONDS = 0.017;
/** Executions that Lambda leaves to functions without a reservation. In an account with fewer, it allows none. */
const UNRESERVED = 100;

/**
 * Return an error message if Lambda would refuse the reserved concurrency.
 *
 * @param {Object<string, string>} parameters
 * @param {{ConcurrentExecutions: number, UnreservedConcurrentExecutions: number}} limit the AccountLimit of Lambda
 * @param {number} held the executions that the live function has reserved
 * @returns {string | undefined}
 */
function reservationError({ reservedConcurrency }, limit, held) {
  if (!reservedConcurrency) return undefined;
  const rest = Math.min(UNRESERVED, limit.ConcurrentExecutions);
  const available = Math.max(limit.UnreservedConcurrentExecutions + held - rest, 0);
  if (Number(reservedConcurrency) <= available) return undefined;
  return (
    `reservedConcurrency is ${reservedConcurrency}, and Lambda allows ${available}: the account has ` +
    `${limit.ConcurrentExecutions} executions, of which ${rest} must stay unreserved. Request more in Service Quotas.`
  );
}

/**
 * Return a warning if the gateway accepts more requests than the function can run.
 *
 * @param {Object<string, string>} parameters
 * @param {{UnreservedConcurrentExecutions: number}} limit the AccountLimit of Lambda
 * @returns {string | undefined}
 */
function concurrencyWarning({ rate, burst, reservedConcurrency }, limit) {
  const executions = Number(reservedConcurrency || limit.UnreservedConcurrentExecutions);
  const needed = Math.max(Number(burst), Math.ceil(Number(rate) * REQUEST_SECONDS));
  if (needed <= executions) return undefined;
  return (
    `The gateway accepts ${burst} requests at once and ${rate} per second, which need ${needed} executions, and the ` +
    `function has ${executions}. Requests beyond that are 503: lower burst and rate, or request more concurrent ` +
    "executions in Service Quotas."
  );
}

module.exports = { REQUEST_SECONDS, reservationError, concurrencyWarning };
