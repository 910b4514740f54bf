"use strict";

/** Checks of the parameters and the artifact of a deployment. Each function returns an error message, or undefined. */

const crypto = require("node:crypto");
const fs = require("node:fs");

const LIMIT_MB = 7;
/** CloudFormation replaces all other characters of a template with question marks. */
const ASCII = /^[\x20-\x7e]*$/;
const DIGEST_REFERENCE = /^[^@\s]+@sha256:[0-9a-f]{64}$/;

/**
 * Check the parameters of a deployment.
 *
 * stage, stages: the selected stage and all stages.
 * given, declared: the names of the parameters on the command line, and in serverless.yml.
 * parameters: the values of all parameters.
 */
function parameterError({ stage, stages, given, declared, parameters }) {
  const unknown = given.find((name) => !declared.includes(name));
  const notAscii = Object.keys(parameters).find((name) => !ASCII.test(parameters[name]));
  const { packageType, artifact, sha256, image, snapStart, domain, certificateArn, hostedZoneId } = parameters;
  const checks = [
    [!stages.includes(stage), `The stage ${stage} does not exist: use ${oneOf(stages)}.`],
    [unknown, `The parameter ${unknown} does not exist: see params in serverless.yml.`],
    [notAscii, `The parameter ${notAscii} must be plain ASCII: CloudFormation replaces other characters.`],
    [!["zip", "image"].includes(packageType), `packageType must be zip or image, not ${packageType}.`],
    [!["true", "false"].includes(String(snapStart)), `snapStart must be true or false, not ${snapStart}.`],
    [domain && !certificateArn, `The domain ${domain} needs a certificate: set certificateArn.`],
    [certificateArn && !domain, "certificateArn needs a domain: set domain."],
    [hostedZoneId && !domain, "hostedZoneId needs a domain: set domain."],
    [sha256 && !artifact, "sha256 needs an artifact: set artifact."],
    ...(packageType === "image"
      ? imageChecks(parameters)
      : [[image, "packageType zip takes no image: set packageType to image, or clear image."]]),
  ];
  return checks.find(([failed]) => failed)?.[1];
}

function imageChecks({ artifact, image, snapStart }) {
  return [
    [artifact, "packageType image takes no artifact: set packageType to zip, or clear artifact."],
    [!image, "packageType image needs an image: set image to REGISTRY/NAME@sha256:DIGEST."],
    [!DIGEST_REFERENCE.test(image), `The image ${image} has no digest: set image to REGISTRY/NAME@sha256:DIGEST.`],
    [String(snapStart) === "true", "snapStart needs packageType zip: Lambda has no SnapStart for images."],
  ];
}

/** Check the size and the SHA-256 of an existing package. */
function artifactError({ artifact, sha256 }) {
  if (!fs.existsSync(artifact)) return `The artifact ${artifact} does not exist.`;
  const content = fs.readFileSync(artifact);
  const size = content.length / 1e6;
  if (size > LIMIT_MB) return `${artifact} has ${size.toFixed(1)} MB, and the limit is ${LIMIT_MB} MB.`;
  const expected = [sha256, storedDigest(`${artifact}.sha256`)].filter(Boolean);
  if (!expected.length) {
    return `The expected SHA-256 of ${artifact} is not known: set sha256, or create ${artifact}.sha256.`;
  }
  const digest = crypto.createHash("sha256").update(content).digest("hex");
  const other = expected.find((value) => value.toLowerCase() !== digest);
  if (other) return `${artifact} has the SHA-256 ${digest}, and ${other} was expected.`;
}

/** Return the digest in a file of sha256sum, or an empty string. */
function storedDigest(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8").split(/\s/)[0] : "";
}

function oneOf(names) {
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

module.exports = { parameterError, artifactError };
