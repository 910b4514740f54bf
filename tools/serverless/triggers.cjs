"use strict";

/** The rollback trigger of a deployment: the alarm that makes CloudFormation roll back, also if no process waits for it. */

/**
 * How long CloudFormation watches the alarm after the update. The alarm needs two minutes with failures, and API
 * Gateway reports a minute one to two minutes later. Each deployment takes this much longer.
 */
const MonitoringTimeInMinutes = 5;

/**
 * Return the rollback configuration of a deployment. CloudFormation rolls back if the alarm goes on.
 *
 * CloudFormation fails an update if the alarm does not exist, so that the deployment that creates it has no trigger. An
 * alarm that is on already would roll back the deployment that corrects its cause.
 *
 * @param {Object<string, *>} deployment
 * @param {(service: string, method: string, parameters: Object<string, *>) => Promise<*>} deployment.request calls AWS.
 * @param {string} deployment.stackName
 * @param {string} deployment.alarms the parameter alarms.
 * @param {(message: string) => void} [deployment.warn] prints a warning. The deployment continues.
 * @returns {Promise<Object<string, *> | undefined>} the RollbackConfiguration; undefined for none.
 * @throws the errors of AWS.
 */
async function rollbackTriggers({ request, stackName, alarms, warn = console.warn }) {
  if (String(alarms) !== "true") return undefined;
  const name = `${stackName}-deployment`;
  const query = { AlarmNames: [name], AlarmTypes: ["MetricAlarm"] };
  const alarm = (await request("CloudWatch", "describeAlarms", query)).MetricAlarms?.[0];
  if (alarm && alarm.StateValue !== "ALARM") {
    return { RollbackTriggers: [{ Arn: alarm.AlarmArn, Type: "AWS::CloudWatch::Alarm" }], MonitoringTimeInMinutes };
  }
  const reason = alarm ? "is on" : "does not exist yet";
  warn(`The alarm ${name} ${reason}: it will not roll back this deployment.`);
}

module.exports = { rollbackTriggers };
