"""Tests of the CloudFormation templates: alarms, backups, IAM permissions and deploy options."""
