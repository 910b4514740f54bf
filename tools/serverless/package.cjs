"use strict";

/** Builds the artefact of serverless.yml before `osls package` and `osls deploy` ask for it. */
class Package {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = { "before:package:createDeploymentArtifacts": () => this.build() };
  }

  build() {}
}

module.exports = Package;
