"""Test the backup plan of the table and the alarm for missing backups."""

from __future__ import annotations

from tests.support.iam_findings import possible_strings
from tests.support.template import Template


def test_the_table_is_backed_up_each_day_and_each_month(production: Template) -> None:
    plan = production.get("Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    rules = {rule["RuleName"]: (rule["ScheduleExpression"], rule["Lifecycle"]["DeleteAfterDays"]) for rule in plan}
    assert rules == {"daily": ("cron(0 3 * * ? *)", 35), "monthly": ("cron(0 4 1 * ? *)", 366)}
    assert {rule["TargetBackupVault"]["Ref"] for rule in plan} == {"BackupVault"}
    selection = production.get("Backup::BackupSelection")["BackupSelection"]
    assert possible_strings(selection["Resources"]) == [
        "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${AWS::StackName}-*"
    ]
    assert selection["IamRoleArn"] == {"Fn::GetAtt": ["BackupRole", "Arn"]}


def test_a_restored_table_is_in_the_same_backup_selection(production: Template, full_production: Template) -> None:
    # A changed selection is a new selection, and AWS Backup rejects two selections with the same name.
    assert full_production.get("Backup::BackupSelection") == production.get("Backup::BackupSelection")
    roles = [template.list("IAM::Role")["BackupRole"] for template in (full_production, production)]
    assert roles[0]["Policies"] == roles[1]["Policies"]


def test_every_stage_has_the_same_backup_vault(template: Template, production: Template) -> None:
    # If backups were switched off and on again, the retained vault would still have the name of the new one.
    assert template.get("Backup::BackupVault") == production.get("Backup::BackupVault")


def test_the_backup_age_alarm_fires_after_30_hours_without_a_backup(production: Template) -> None:
    alarm = production.list("CloudWatch::Alarm")["BackupAgeAlarm"]
    hours = alarm["Period"] * alarm["EvaluationPeriods"] / 3600
    assert (hours, alarm["DatapointsToAlarm"], alarm["Threshold"]) == (30, alarm["EvaluationPeriods"], 1)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
