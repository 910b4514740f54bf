"use strict";

/** A plugin for osls: stops what cannot go well, with one sentence, and brings what is deployed. */

const { spawnSync } = require("node:child_process");
const path = require("node:path");
const { wrongArtifact, wrongOrder } = require("./order.cjs");

/** Commands that ask or change AWS. */
const REMOTE = ["deploy", "info", "logs", "metrics", "remove", "rollback"];

class Package {
  constructor(serverless, options) {
    this.serverless = serverless;
    this.options = options;
    this.command = serverless.processedInput.commands[0];
    this.hooks = {
      initialize: () => this.checkCredentials(),
      "before:package:createDeploymentArtifacts": () => this.bring(),
    };
    if (this.command !== "wsgi") withoutHooks(serverless.pluginManager, "ServerlessWSGI");
    this.check();
  }

  /** For every command, and before osls looks at what comes of a wrong order, in words of its own. */
  check() {
    const { default: common, ...stages } = this.serverless.configurationInput.params;
    const { stage } = this.serverless.service.provider;
    const told = Object.fromEntries((this.options.param ?? []).map((pair) => pair.split(/=(.*)/s)));
    this.order = { ...common, ...stages[stage], ...told };
    const known = { stages: Object.keys(stages), parameters: Object.keys(common) };
    this.refuse(wrongOrder({ stage, told: Object.keys(told), ...known, order: this.order }));
  }

  async checkCredentials() {
    if (!REMOTE.includes(this.command)) return;
    const provider = this.serverless.getProvider("aws");
    try {
      await provider.getAwsSdkV3CredentialsProvider()();
    } catch {
      this.refuse("There are no AWS credentials: log in, for example with aws sso login, or set AWS_PROFILE.");
    }
  }

  /** Build the package, or take the one that is named. */
  bring() {
    if (this.order.packageType === "image") return;
    const { artifact, runtime, architecture } = this.order;
    if (artifact) this.refuse(wrongArtifact({ ...this.order, artifact: this.place(artifact) }));
    else this.build(runtime, architecture);
    this.serverless.service.package.artifact = this.place(artifact || `dist/clowder-${runtime}-${architecture}.zip`);
  }

  build(runtime, architecture) {
    const told = ["-m", "tools.package", "--runtime", runtime, "--architecture", architecture];
    const built = spawnSync(this.place(".venv/bin/python"), told, { cwd: this.serverless.serviceDir, stdio: "inherit" });
    this.refuse(built.status !== 0 && "The package could not be built: see above, and try make package.");
  }

  place(name) {
    return path.resolve(this.serverless.serviceDir, name);
  }

  refuse(sentence) {
    if (sentence) throw new this.serverless.classes.Error(`${sentence} Nothing was changed.`);
  }
}

/** Take a plugin's hooks away: serverless-wsgi would put its own handler into this folder. */
function withoutHooks(manager, plugin) {
  for (const [event, hooks] of Object.entries(manager.hooks)) {
    manager.hooks[event] = hooks.filter(({ pluginName }) => pluginName !== plugin);
  }
}

module.exports = Package;
