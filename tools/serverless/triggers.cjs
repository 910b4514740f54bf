"use strict";

/** The rollback trigger of a deployment: the alarm that makes CloudFormation roll back, also if nobody waits for it. */

/**
 * How long CloudFormation watches the alarm after the update. The alarm needs two minutes with failures, and API
 * Gateway reports a minute one to two minutes later. Each deployment takes this much longer.
 */
const MonitoringTimeInMinutes = 5;

/**
 * Return the rollback configuration of a deployment, and why there is none.
 *
 * request: calls AWS, see aws.cjs.
 * stackName: the name of the stack.
 * alarms: the parameter alarms.
 *
 * CloudFormation fails an update if the alarm does not exist, so that the deployment that creates it has no trigger. An
 * alarm that is on already would roll back the deployment that corrects its cause.
 */
async function rollbackTriggers({ request, stackName, alarms }) {
  if (String(alarms) !== "true") return {};
  const name = `${stackName}-deployment`;
  const { MetricAlarms } = await request("CloudWatch", "describeAlarms", { AlarmNames: [name], AlarmTypes: ["MetricAlarm"] });
  const alarm = MetricAlarms?.[0];
  if (!alarm) return { notice: `The alarm ${name} does not exist yet: it cannot roll back this deployment.` };
  if (alarm.StateValue === "ALARM") return { notice: `The alarm ${name} is on: it cannot roll back this deployment.` };
  const RollbackTriggers = [{ Arn: alarm.AlarmArn, Type: "AWS::CloudWatch::Alarm" }];
  return { configuration: { RollbackTriggers, MonitoringTimeInMinutes } };
}

module.exports = { rollbackTriggers };
