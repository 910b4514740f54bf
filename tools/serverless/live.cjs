"use strict";

/** Checks of a deployment against the live stack, before anything changes. */

const { ignoring, stackOutputs } = require("./aws.cjs");
const { concurrencyWarning, reservationError } = require("./concurrency.cjs");
const { resetError } = require("./settings.cjs");
const { stateError, tableError } = require("./table.cjs");

/**
 * Check a deployment against the live stack.
 *
 * @param {Object<string, *>} deployment
 * @param {(service: string, method: string, parameters: Object<string, *>) => Promise<*>} deployment.request calls AWS.
 * @param {string} deployment.stackName
 * @param {Object<string, *>} deployment.parameters the values of all parameters.
 * @param {Object<string, *>} deployment.template the compiled template, with its recorded parameters.
 * @param {(message: string) => void} [deployment.warn] prints a warning. The deployment continues.
 * @returns {Promise<string | undefined>} an error message.
 * @throws the errors of AWS.
 */
async function liveError({ request, stackName, parameters, template, warn = console.warn }) {
  const live = await liveTemplate(request, stackName);
  return (
    resetError(stackName, live, template) ??
    tableError(live, template, parameters.restoredTable) ??
    (await usedTableError({ request, stackName, parameters, live, template })) ??
    (await concurrencyError({ request, parameters, live, warn }))
  );
}

/** Return the template of the live stack, or {} if there is none. */
async function liveTemplate(request, StackName) {
  // MiniStack has a template of a deleted stack too.
  if (!(await stackOutputs(request, StackName))) return {};
  const { TemplateBody } = await request("CloudFormation", "getTemplate", { StackName, TemplateStage: "Original" });
  return TemplateBody ? JSON.parse(TemplateBody) : {};
}

/** Check the table that the function will use: a restored one, or that of the stack. */
async function usedTableError({ request, stackName, parameters, live, template }) {
  const name = parameters.restoredTable || (live.Resources?.Table && (await tableOf(request, stackName)));
  if (!name) return undefined;
  const response = await ignoring(/^ResourceNotFound/, request("DynamoDB", "describeTable", { TableName: name }));
  return stateError(name, response?.Table, live, template);
}

async function tableOf(request, StackName) {
  const parameters = { StackName, LogicalResourceId: "Table" };
  const { StackResourceDetail } = await request("CloudFormation", "describeStackResource", parameters);
  return StackResourceDetail.PhysicalResourceId;
}

async function concurrencyError({ request, parameters, live, warn }) {
  const { AccountLimit } = await request("Lambda", "getAccountSettings", {});
  const error = reservationError(parameters, AccountLimit, Number(live.Parameters?.ReservedConcurrency?.Default ?? 0));
  const warning = concurrencyWarning(parameters, AccountLimit);
  if (!error && warning) warn(warning);
  return error;
}

module.exports = { liveError };
