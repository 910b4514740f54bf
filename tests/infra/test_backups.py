"""The table is copied, whichever table the café runs on, and it is told when it is not."""

from __future__ import annotations

from tests.support.iam_findings import texts
from tests.support.template import Template, chosen, made, production, stage, template

__all__ = ["chosen", "made", "production", "stage", "template"]


def test_the_table_is_copied_each_day_and_each_month(production: Template) -> None:
    plan = production.one("Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    kept = {rule["RuleName"]: (rule["ScheduleExpression"], rule["Lifecycle"]["DeleteAfterDays"]) for rule in plan}
    assert kept == {"daily": ("cron(0 3 * * ? *)", 35), "monthly": ("cron(0 4 1 * ? *)", 366)}
    assert {rule["TargetBackupVault"]["Ref"] for rule in plan} == {"BackupVault"}
    copied = production.one("Backup::BackupSelection")["BackupSelection"]
    assert texts(copied["Resources"]) == [
        "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${AWS::StackName}-*"
    ]
    assert copied["IamRoleArn"] == {"Fn::GetAtt": ["BackupRole", "Arn"]}


def test_a_restored_table_is_copied_by_the_same_selection(production: Template, chosen: Template) -> None:
    # A selection cannot be changed, and its name is taken as long as it is there.
    assert chosen.one("Backup::BackupSelection") == production.one("Backup::BackupSelection")
    assert chosen.of("IAM::Role")["BackupRole"] == production.of("IAM::Role")["BackupRole"]


def test_the_vault_is_there_before_and_after_there_are_backups(made: Template, production: Template) -> None:
    # A vault that was kept when backups were switched off would hold the name when they are switched on again.
    assert made.one("Backup::BackupVault") == production.one("Backup::BackupVault")


def test_a_backup_is_too_old_when_a_day_and_a_quarter_have_passed_without_one(production: Template) -> None:
    alarm = production.of("CloudWatch::Alarm")["BackupAgeAlarm"]
    hours = alarm["Period"] * alarm["EvaluationPeriods"] / 3600
    assert (hours, alarm["DatapointsToAlarm"], alarm["Threshold"]) == (30, alarm["EvaluationPeriods"], 1)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
