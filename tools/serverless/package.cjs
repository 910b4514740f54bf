"use strict";

/** A plugin for osls. It validates the parameters and builds the package, or validates an existing one. */

const { spawnSync } = require("node:child_process");
const path = require("node:path");
const { artifactError, parameterError } = require("./checks.cjs");

/** The commands that need AWS credentials. */
const REMOTE = ["deploy", "info", "logs", "metrics", "remove", "rollback"];

class Package {
  constructor(serverless, options) {
    this.serverless = serverless;
    this.options = options;
    this.command = serverless.processedInput.commands[0];
    this.hooks = {
      initialize: () => this.checkCredentials(),
      "before:package:createDeploymentArtifacts": () => this.setArtifact(),
    };
    if (this.command !== "wsgi") removeHooks(serverless.pluginManager, "ServerlessWSGI");
    this.checkParameters();
  }

  /** Runs before osls validates the configuration, whose messages would be harder to understand. */
  checkParameters() {
    const { default: defaults, ...stages } = this.serverless.configurationInput.params;
    const { stage } = this.serverless.service.provider;
    const given = Object.fromEntries((this.options.param ?? []).map((pair) => pair.split(/=(.*)/s)));
    this.parameters = { ...defaults, ...stages[stage], ...given };
    const names = { stages: Object.keys(stages), given: Object.keys(given), declared: Object.keys(defaults) };
    this.stopOn(parameterError({ stage, ...names, parameters: this.parameters }));
  }

  async checkCredentials() {
    if (!REMOTE.includes(this.command)) return;
    const provider = this.serverless.getProvider("aws");
    try {
      await provider.getAwsSdkV3CredentialsProvider()();
    } catch {
      this.stopOn("There are no AWS credentials: log in, for example with aws sso login, or set AWS_PROFILE.");
    }
  }

  /** Build the package, or use the existing package that the parameter artifact names. */
  setArtifact() {
    if (this.parameters.packageType === "image") return;
    const { artifact, sha256, runtime, architecture } = this.parameters;
    if (artifact) this.stopOn(artifactError({ artifact: this.resolve(artifact), sha256 }));
    else this.build(runtime, architecture);
    this.serverless.service.package.artifact = this.resolve(artifact || `dist/clowder-${runtime}-${architecture}.zip`);
  }

  build(runtime, architecture) {
    const command = ["-m", "tools.package", "--runtime", runtime, "--architecture", architecture];
    const options = { cwd: this.serverless.serviceDir, stdio: "inherit" };
    const { status } = spawnSync(this.resolve(".venv/bin/python"), command, options);
    this.stopOn(status !== 0 && "The package could not be built (see above). Try make package.");
  }

  resolve(name) {
    return path.resolve(this.serverless.serviceDir, name);
  }

  stopOn(message) {
    if (message) throw new this.serverless.classes.Error(`${message} Nothing was changed.`);
  }
}

/** Remove the hooks of a plugin: serverless-wsgi would write its own handler into this folder. */
function removeHooks(manager, plugin) {
  for (const [event, hooks] of Object.entries(manager.hooks)) {
    manager.hooks[event] = hooks.filter(({ pluginName }) => pluginName !== plugin);
  }
}

module.exports = Package;
