"use strict";

/** Calls AWS with the credentials, the region and the SDK of the CLI. */

/**
 * Return request(service, method, parameters), which returns a promise of the response.
 *
 * The services are those whose SDK client the CLI has, such as CloudFormation, Lambda, S3, SSM and STS. The method is
 * that of the SDK, for example request("SSM", "getParameter", { Name: "..." }). It throws the error of the SDK.
 */
function requester(provider) {
  return async (service, method, parameters = {}) => {
    const sdk = require.main.require(`@aws-sdk/client-${service.toLowerCase()}`);
    const client = new sdk[service](await provider.getAwsSdkV3Config());
    return client[method](parameters);
  };
}

/** Return a response, or undefined if the request fails with an error whose name or message matches. */
async function ignoring(pattern, response) {
  try {
    return await response;
  } catch (error) {
    if (!pattern.test(`${error.name}: ${error.message}`)) throw error;
  }
}

/** Return the outputs of a stack by name; undefined if the stack does not exist. */
async function stackOutputs(request, StackName) {
  const response = await ignoring(/does not exist/, request("CloudFormation", "describeStacks", { StackName }));
  return response && Object.fromEntries((response.Stacks[0].Outputs ?? []).map((each) => [each.OutputKey, each.OutputValue]));
}

/** Return the package type of a function, zip or image; undefined if there is no function. */
async function packageType(request, FunctionName) {
  const response = request("Lambda", "getFunctionConfiguration", { FunctionName });
  const configuration = await ignoring(/^ResourceNotFoundException:/, response);
  return configuration && (configuration.PackageType ?? "Zip").toLowerCase();
}

/** Return a sentence about an error of the SDK or of the credentials. */
function awsMessage(error) {
  const reason = (error.message || error.code || error.name).replace(/\.+$/, "");
  if (error.$fault === "client" && error.$metadata?.httpStatusCode === 403) return `AWS refused the request: ${reason}.`;
  return error.$fault ? `AWS returned an error: ${reason}.` : `AWS cannot be reached: ${reason}.`;
}

module.exports = { awsMessage, ignoring, packageType, requester, stackOutputs };
