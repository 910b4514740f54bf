"use strict";

/**
 * The default region of the CLI: AWS_REGION, AWS_DEFAULT_REGION, the region of the profile, eu-west-1.
 * tools/region.py has the same rule for the other tools.
 */

const FALLBACK = "eu-west-1";

module.exports = async ({ options }) => {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE, AWS_DEFAULT_PROFILE } = process.env;
  if (AWS_REGION || AWS_DEFAULT_REGION) return AWS_REGION || AWS_DEFAULT_REGION;
  const profile = options["aws-profile"] || AWS_PROFILE || AWS_DEFAULT_PROFILE || "default";
  const { loadSharedConfigFiles } = require.main.require("@smithy/core/config");
  const { credentialsFile, configFile } = await loadSharedConfigFiles();
  return credentialsFile[profile]?.region || configFile[profile]?.region || FALLBACK;
};
