"use strict";

/** What is ordered, and what is wrong with it: each function returns a sentence, or nothing. */

const crypto = require("node:crypto");
const fs = require("node:fs");

const LIMIT_MB = 7;
/** CloudFormation gives a template back with a question mark for everything else. */
const ASCII = /^[\x20-\x7e]*$/;
const BY_DIGEST = /^[^@\s]+@sha256:[0-9a-f]{64}$/;

/** The first thing that is wrong with what was asked for. Nothing is read but what is told. */
function wrongOrder({ stage, stages, parameters, told, order }) {
  const stranger = told.find((name) => !parameters.includes(name));
  const foreign = Object.keys(order).find((name) => !ASCII.test(order[name]));
  const flag = ["true", "false"];
  const wrong = [
    [!stages.includes(stage), `There is no stage ${stage}: it is ${oneOf(stages)}.`],
    [stranger, `There is no parameter ${stranger}: params in serverless.yml lists them.`],
    [foreign, `The parameter ${foreign} has more than plain ASCII in it, of which CloudFormation keeps nothing.`],
    [!["zip", "image"].includes(order.packageType), `packageType is zip or image, not ${order.packageType}.`],
    [!flag.includes(String(order.snapStart)), `snapStart is true or false, not ${order.snapStart}.`],
    [order.domain && !order.certificateArn, `The domain ${order.domain} needs a certificate: give certificateArn.`],
    [order.certificateArn && !order.domain, "A certificate needs its domain: give domain."],
    [order.hostedZoneId && !order.domain, "A hosted zone needs the domain in it: give domain."],
    ...(order.packageType === "image" ? wrongImage(order) : []),
  ];
  return wrong.find(([is]) => is)?.[1];
}

function wrongImage({ image, snapStart }) {
  return [
    [!image, "packageType image needs the image: give image as REGISTRY/NAME@sha256:DIGEST."],
    [!BY_DIGEST.test(image), `The image ${image} is not named by its digest: REGISTRY/NAME@sha256:DIGEST is needed.`],
    [String(snapStart) === "true", "snapStart is for packageType zip alone: Lambda takes no snapshot of an image."],
  ];
}

/** What is wrong with a package that was built before. */
function wrongArtifact({ artifact, sha256 }) {
  if (!fs.existsSync(artifact)) return `There is no artefact ${artifact}.`;
  const content = fs.readFileSync(artifact);
  const size = content.length / 1e6;
  if (size > LIMIT_MB) return `${artifact} has ${size.toFixed(1)} MB, and at most ${LIMIT_MB} are allowed.`;
  const expected = [sha256, written(`${artifact}.sha256`)].filter(Boolean);
  if (!expected.length) return `Nothing says which SHA-256 ${artifact} must have: give sha256, or ${artifact}.sha256.`;
  const digest = crypto.createHash("sha256").update(content).digest("hex");
  const other = expected.find((one) => one.toLowerCase() !== digest);
  if (other) return `${artifact} has the SHA-256 ${digest}, and ${other} was expected.`;
}

/** The digest in a file as sha256sum writes it. */
function written(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8").split(/\s/)[0] : "";
}

function oneOf(names) {
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

module.exports = { wrongOrder, wrongArtifact };
