"use strict";

/**
 * Checks of the command, the parameters and the package of a deployment. Each function returns an error message, or
 * undefined.
 */

const crypto = require("node:crypto");
const fs = require("node:fs");

/** The maximum sizes of the packages. Lambda allows 50 MB, but downloading and unpacking slow the cold start. */
const LIMIT_MB = 6;
const PHOTOS_LIMIT_MB = 12;
/** CloudFormation replaces all other characters of a template with question marks. */
const ASCII = /^[\x20-\x7e]*$/;
const DIGEST_REFERENCE = /^[^@\s]+@sha256:[0-9a-f]{64}$/;
/** The name of a file that each package contains. A zip stores the names as plain text. */
const MEMBER = "api/__init__.py";
/** The name of a file in the package of the API, before the SHA-256 of the package of the photo function. */
const PHOTOS_DIGEST = "photos-sha256-";

const BOOLEAN = [/^(true|false)$/, "true or false"];
const NUMBER = [/^[1-9]\d*$/, "a whole number from 1"];
const OPTIONAL_NUMBER = [/^([1-9]\d*)?$/, "empty or a whole number from 1"];
const ORIGIN = String.raw`(\*|https?:\/\/[^\s\/@*A-Z]+)`;
/** The retention periods of CloudWatch Logs, in days. */
const DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/** The valid values of the parameters: a pattern and its description. */
const RULES = {
  packageType: [/^(zip|image)$/, "zip or image"],
  sha256: [/^([0-9a-fA-F]{64})?$/, "empty or 64 hexadecimal digits"],
  runtime: [/^python3\.(1[2-9]|2\d)$/, "python3.12 or newer"],
  architecture: [/^(arm64|x86_64)$/, "arm64 or x86_64"],
  snapStart: BOOLEAN,
  reservedConcurrency: OPTIONAL_NUMBER,
  cursorKeyVersion: OPTIONAL_NUMBER,
  corsOrigins: [new RegExp(`^(${ORIGIN}( ${ORIGIN})*)?$`), "empty or origins such as https://cafe.example, with spaces"],
  securityContact: [/^((mailto:|https:\/\/|tel:)\S+)?$/, "empty or begin with mailto:, https:// or tel:"],
  logLevel: [/^(DEBUG|INFO|WARNING|ERROR)$/, "DEBUG, INFO, WARNING or ERROR"],
  rate: NUMBER,
  burst: NUMBER,
  restoredTable: [/^([\w.-]{3,255})?$/, "empty or the name of a table"],
  domain: [/^(([a-z0-9][a-z0-9-]*\.)+[a-z][a-z0-9-]+)?$/, "empty or a domain name in lower case"],
  certificateArn: [/^(arn:\S+)?$/, "empty or an ARN"],
  hostedZoneId: [/^(Z[A-Z0-9]+)?$/, "empty or the id of a zone"],
  tracing: BOOLEAN,
  alarms: BOOLEAN,
  alarmEmail: [/^([^@\s]+@[^@\s]+)?$/, "empty or an e-mail address"],
  budget: [/^((?=.*[1-9])\d{1,9}(\.\d{1,2})?)?$/, "empty or US dollars per month, such as 50"],
  runbooks: [/^(docs\/operations\.md|https:\/\/[\w./~%@:-]+)$/, "docs/operations.md or an https:// URL"],
  backups: BOOLEAN,
  permissionsBoundary: [/^(arn:\S+)?$/, "empty or an ARN"],
  keep: [/^(Delete|Retain)$/, "Delete or Retain"],
  protect: BOOLEAN,
  logDays: [new RegExp(`^(${DAYS.join("|")})$`), `one of ${DAYS.join(", ")}`],
};

/** The commands that would leave out checks, or fail, and what to use instead. */
const UNSUPPORTED = {
  "deploy function": "use serverless deploy, which checks and replaces the whole stack",
  "deploy --package": "use serverless deploy --param=artifact=FILE, which checks the package",
  "invoke local": "use serverless wsgi serve, which serves the API on this machine",
};

/** Return an error message for a command that Clowder does not support. */
function commandError(command, options) {
  const name = command === "deploy" && options.package ? "deploy --package" : command;
  if (UNSUPPORTED[name]) return `serverless ${name} is not supported: ${UNSUPPORTED[name]}.`;
  if (/^wsgi(?! serve)/.test(command)) {
    return `serverless ${command} needs the handler of the plugin serverless-wsgi, which Clowder does not use. \
serverless wsgi serve serves the API on this machine, and tools/ops has the commands for a stage.`;
  }
}

/**
 * Check the parameters of a deployment.
 *
 * stage, stages: the selected stage and all stages.
 * given, declared: the names of the parameters on the command line, and in serverless.yml.
 * parameters: the values of all parameters.
 */
function parameterError({ stage, stages, given, declared, parameters }) {
  const unknown = given.find((name) => !declared.includes(name));
  const values = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  const notAscii = values.find(([, value]) => !ASCII.test(value))?.[0];
  const invalid = values.find(([name, value]) => Object.hasOwn(RULES, name) && !RULES[name][0].test(value));
  const checks = [
    [!stages.includes(stage), `The stage ${stage} does not exist: use ${oneOf(stages)}.`],
    [unknown, `The parameter ${unknown} does not exist: see params in serverless.yml.`],
    [notAscii, `The parameter ${notAscii} must be plain ASCII: CloudFormation replaces other characters.`],
    [invalid, invalid && `${invalid[0]} must be ${RULES[invalid[0]][1]}, not ${invalid[1] || "empty"}.`],
    ...combinationChecks(stage, parameters),
  ];
  return checks.find(([failed]) => failed)?.[1];
}

function combinationChecks(stage, parameters) {
  const { packageType, artifact, sha256, image, restoredTable, timeZone } = parameters;
  const { domain, certificateArn, hostedZoneId, alarms, alarmEmail, budget } = parameters;
  const prefix = `clowder-${stage}-`;
  return [
    [!isTimeZone(timeZone), `timeZone must be the name of a time zone, such as Europe/London, not ${timeZone || "empty"}.`],
    [
      domain && !certificateArn && !hostedZoneId,
      `The domain ${domain} needs a certificate: set hostedZoneId, which creates one, or certificateArn.`,
    ],
    [certificateArn && !domain, "certificateArn needs a domain: set domain."],
    [hostedZoneId && !domain, "hostedZoneId needs a domain: set domain."],
    [budget && !alarmEmail, "budget needs an address for its e-mails: set alarmEmail."],
    [
      alarmEmail && !budget && String(alarms) !== "true",
      "alarmEmail needs alarms or a budget, which send the e-mails: set alarms=true or budget.",
    ],
    [
      restoredTable && !restoredTable.startsWith(prefix),
      `restoredTable must begin with ${prefix}, not ${restoredTable}: the function may use no other table.`,
    ],
    [sha256 && !artifact, "sha256 needs an artifact: set artifact."],
    ...(packageType === "image"
      ? imageChecks(parameters)
      : [[image, "packageType zip takes no image: set packageType to image, or clear image."]]),
  ];
}

function imageChecks({ artifact, image, snapStart }) {
  return [
    [artifact, "packageType image takes no artifact: set packageType to zip, or clear artifact."],
    [!image, "packageType image needs an image: set image to REGISTRY/NAME@sha256:DIGEST."],
    [!DIGEST_REFERENCE.test(image), `The image ${image} has no digest: set image to REGISTRY/NAME@sha256:DIGEST.`],
    [String(snapStart) === "true", "snapStart needs packageType zip: Lambda has no SnapStart for images."],
  ];
}

function isTimeZone(timeZone) {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone }));
  } catch {
    return false;
  }
}

/** Check the size, the SHA-256 and the content of a package. */
function artifactError({ artifact, sha256 }) {
  if (!fs.existsSync(artifact)) return `The artifact ${artifact} does not exist.`;
  const content = fs.readFileSync(artifact);
  if (content.length > LIMIT_MB * 1e6) return sizeError(artifact, content, LIMIT_MB);
  const expected = [sha256, storedDigest(`${artifact}.sha256`)].filter(Boolean);
  if (!expected.length) {
    return `The expected SHA-256 of ${artifact} is not known: set sha256, or create ${artifact}.sha256.`;
  }
  const digest = sha256Of(content);
  const other = expected.find((value) => value.toLowerCase() !== digest);
  if (other) return `${artifact} has the SHA-256 ${digest}, and ${other} was expected.`;
  if (!content.includes(MEMBER)) return `${artifact} is not a Clowder package: it has no ${MEMBER}.`;
}

/** Check the package of the photo function by the digest in the package of the API. */
function photosError({ artifact, photos }) {
  if (!fs.existsSync(photos)) return `${photos}, the package of the photo function, does not exist: run make package.`;
  const content = fs.readFileSync(photos);
  if (content.length > PHOTOS_LIMIT_MB * 1e6) return sizeError(photos, content, PHOTOS_LIMIT_MB);
  if (!fs.readFileSync(artifact).includes(`${PHOTOS_DIGEST}${sha256Of(content)}`)) {
    return `${photos} and ${artifact} are not from the same build: run make package.`;
  }
}

function sizeError(file, content, limit) {
  return `${file} has ${(content.length / 1e6).toFixed(1)} MB, and the limit is ${limit} MB.`;
}

function sha256Of(content) {
  return crypto.createHash("sha256").update(content).digest("hex");
}

/** Return the digest in a file of sha256sum, or an empty string. */
function storedDigest(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8").split(/\s/)[0] : "";
}

function oneOf(names) {
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

module.exports = { RULES, artifactError, commandError, parameterError, photosError };
