"use strict";

/**
 * The plugin of Clowder for osls 4. Its hooks, in the order of a deployment:
 *
 *   constructor         check the parameters
 *   initialize          check the credentials, the cursor key and the command
 *   before packaging    build the package, or check an existing one
 *   after packaging     record the parameters in the template
 *   before deploying    check the live stack, set its rollback trigger, then create the cursor key if the stage has none
 *   after deploying     print how the first owner gets in
 *
 * Nothing is changed on AWS before all checks have passed.
 */

const path = require("node:path");
const { awsMessage, packageType, requester, stackOutputs } = require("./aws.cjs");
const { artifactError, commandError, parameterError, photosError } = require("./checks.cjs");
const { createKey, selectKey } = require("./cursor-key.cjs");
const { liveError } = require("./live.cjs");
const { ROOT, runPython } = require("./python.cjs");
const { recordedParameters } = require("./settings.cjs");
const { rollbackTriggers } = require("./triggers.cjs");

/** The commands that need AWS credentials. */
const REMOTE = ["deploy", "info", "logs", "metrics", "owner", "remove", "rollback"];
/** The exit status of a command that has changed nothing. */
const REFUSED = 3;

class Clowder {
  constructor(serverless, options, { log }) {
    this.serverless = serverless;
    this.warn = (message) => log.warning(message);
    this.options = options;
    this.command = serverless.processedInput.commands.join(" ");
    this.provider = serverless.getProvider("aws");
    if (!this.provider.getAwsSdkV3Config) {
      this.stopOn("Clowder is deployed with osls 4: run npm ci, then npx serverless deploy.");
    }
    this.request = requester(this.provider);
    this.stackName = this.provider.naming.getStackName();
    this.commands = { owner: OWNER };
    this.hooks = {
      initialize: () => this.initialize(),
      "before:package:createDeploymentArtifacts": () => this.setArtifact(),
      "before:aws:package:finalize:saveServiceState": () => this.recordParameters(),
      "before:deploy:deploy": () => this.beforeDeployment(),
      "after:deploy:deploy": () => this.afterDeployment(),
      "owner:create": () => this.createOwner(),
      "wsgi:serve:serve": () => this.serve(),
    };
    removeHooks(serverless.pluginManager, "ServerlessWSGI");
    process.argv = process.argv.map(withEmptyValue);
    this.checkParameters();
  }

  /** Runs before osls validates the configuration, whose messages would be harder to understand. */
  checkParameters() {
    const { default: defaults, ...stages } = this.serverless.configurationInput.params;
    const { stage } = this.serverless.service.provider;
    this.stage = stage;
    const pairs = (this.options.param ?? []).map((pair) => String(pair ?? "").trimEnd());
    this.stopOn(pairs.some((pair) => !/^[^=]+=/.test(pair)) && "A parameter must have the form NAME=VALUE.");
    this.given = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s)));
    this.stageParameters = stages[stage];
    this.parameters = { ...defaults, ...this.stageParameters, ...this.given };
    const names = { stages: Object.keys(stages), given: Object.keys(this.given), declared: Object.keys(defaults) };
    this.stopOn(parameterError({ stage, ...names, parameters: this.parameters }));
    this.setKeyVersion(this.parameters.cursorKeyVersion);
  }

  async initialize() {
    this.stopOn(commandError(this.command, this.options));
    if (!REMOTE.includes(this.command.split(" ")[0])) return;
    await this.checkCredentials();
    if (this.command !== "deploy") return;
    await this.callAws(() => this.checkPackageType());
    await this.callAws(() => this.checkKey());
  }

  async checkCredentials() {
    try {
      this.credentials = await this.provider.getAwsSdkV3CredentialsProvider()();
    } catch (error) {
      const reason = error.code === "AWS_CREDENTIALS_NOT_FOUND" ? "" : ` (${error.message.replace(/\.+$/, "")})`;
      this.stopOn(`There are no AWS credentials${reason}: log in, for example with aws sso login, or set AWS_PROFILE.`);
    }
    await this.callAws(() => this.request("STS", "getCallerIdentity"));
  }

  async checkPackageType() {
    const live = await packageType(this.request, `${this.stackName}-api`);
    const { packageType: wanted } = this.parameters;
    const message = `${this.stackName} has packageType ${live}, and Lambda cannot change it to ${wanted}. Deploy to another stage.`;
    this.stopOn(live && live !== wanted && message);
  }

  /** Use the newest version of the cursor key, unless cursorKeyVersion names one. */
  async checkKey() {
    this.keyName = `/${this.serverless.service.service}/${this.stage}/cursor-key`;
    const { request, stage, keyName: name } = this;
    this.outputs = await stackOutputs(request, this.stackName);
    const isLive = Boolean(this.outputs?.HttpApiId);
    const key = await selectKey({ request, name, version: this.parameters.cursorKeyVersion, stage, isLive });
    this.stopOn(key.message);
    this.key = key.version;
    // The first version of a new key is 1.
    this.setKeyVersion(key.version ?? 1);
  }

  /** Without a version, as in a template that is compiled without credentials, CloudFormation takes the newest. */
  setKeyVersion(version) {
    const { environment } = this.serverless.service.provider;
    if (version) environment.CURSOR_KEY = environment.CURSOR_KEY.replace(/cursor-key[:\d]*/, `cursor-key:${version}`);
  }

  /** Build the packages, or use the existing ones: the parameter artifact names that of the API. */
  async setArtifact() {
    if (this.parameters.packageType === "image") return;
    const { artifact, sha256, runtime, architecture } = this.parameters;
    const file = artifact
      ? path.resolve(this.serverless.serviceDir, artifact)
      : path.join(ROOT, "dist", `clowder-${runtime}-${architecture}.zip`);
    if (!artifact) await this.build(runtime, architecture);
    this.stopOn(artifactError({ artifact: file, sha256 }));
    const photos = path.join(path.dirname(file), `photos-${runtime}-${architecture}.zip`);
    this.stopOn(photosError({ artifact: file, photos }));
    this.serverless.service.package.artifact = file;
    this.serverless.service.getFunction("photos").package = { artifact: photos };
  }

  async build(runtime, architecture) {
    const options = ["--runtime", runtime, "--architecture", architecture];
    const status = await this.python("tools.package", options);
    this.stopOn(status !== 0 && "The package could not be built (see above).");
  }

  recordParameters() {
    const template = this.serverless.service.provider.compiledCloudFormationTemplate;
    template.Metadata = { ...template.Metadata, Clowder: recordedParameters(this) };
  }

  /** The last checks, and the first change: the cursor key. */
  async beforeDeployment() {
    const { parameters, request, stackName } = this;
    const template = this.serverless.service.provider.compiledCloudFormationTemplate;
    await this.callAws(async () => {
      this.stopOn(await liveError({ request, stackName, parameters, template, warn: this.warn }));
      const triggers = { request, stackName, alarms: parameters.alarms, warn: this.warn };
      this.serverless.service.provider.rollbackConfiguration = await rollbackTriggers(triggers);
      if (!this.key) await createKey(request, this.keyName);
    });
  }

  /** The output TableName exists since the first deployment. */
  afterDeployment() {
    const { domain } = this.parameters;
    if (domain) this.serverless.addServiceOutputSection("domain", `https://${domain}, the only endpoint that is not disabled`);
    if (this.outputs?.TableName) return;
    const command = `npx serverless owner --stage ${this.stage} --region ${this.provider.getRegion()}`;
    this.serverless.addServiceOutputSection("first owner", `${command} prints the password, once`);
  }

  async createOwner() {
    const outputs = await this.callAws(() => stackOutputs(this.request, this.stackName));
    this.stopOn(!outputs?.TableName && `${this.stackName} is not deployed in ${this.provider.getRegion()}.`);
    const options = ["--table", outputs.TableName, "--region", this.provider.getRegion()];
    if (this.options.username) options.push("--username", this.options.username);
    const { accessKeyId, secretAccessKey, sessionToken = "" } = this.credentials;
    const env = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    };
    process.exitCode = await this.python("tools.ops.create_owner", options, env);
  }

  /** Serve the API with the local table, as make run does. */
  async serve() {
    const { host, port } = this.options;
    const env = { ...(host && { HOST: host }), ...(port && { PORT: port }) };
    process.exitCode = (await this.python("tools.package.assets")) || (await this.python("tools.local", [], env));
  }

  async python(module, options = [], env = {}) {
    try {
      return await runPython(module, options, env);
    } catch (error) {
      this.stopOn(error.message);
    }
  }

  /** Run an action that calls AWS. An error stops the command with a sentence. */
  async callAws(action) {
    try {
      return await action();
    } catch (error) {
      if (error instanceof this.serverless.classes.Error) throw error;
      this.stopOn(awsMessage(error));
    }
  }

  stopOn(message) {
    if (!message) return;
    process.once("exit", () => (process.exitCode = REFUSED));
    throw new this.serverless.classes.Error(`${message} Nothing was changed.`);
  }
}

const OWNER = {
  usage: "Create the first owner of a deployed stage and print the password, once",
  lifecycleEvents: ["create"],
  options: { username: { usage: "The username; default: owner", type: "string" } },
};

/**
 * Allow --param=NAME= on the command line, which clears a parameter.
 *
 * osls rejects an empty value, and removes spaces at its end. It reads the command line again after this plugin.
 */
function withEmptyValue(argument, index, all) {
  const isEmpty = /^--param=\w+=$/.test(argument) || (all[index - 1] === "--param" && /^\w+=$/.test(argument));
  return isEmpty ? `${argument} ` : argument;
}

/** Remove the hooks of a plugin: serverless-wsgi would write its own handler into this folder. */
function removeHooks(manager, plugin) {
  for (const [event, hooks] of Object.entries(manager.hooks)) {
    manager.hooks[event] = hooks.filter(({ pluginName }) => pluginName !== plugin);
  }
}

module.exports = Clowder;
