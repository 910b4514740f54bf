"""The CloudFormation templates: alarms, backups, IAM rights and deploy options."""
