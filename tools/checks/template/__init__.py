"""Compile the CloudFormation template of a stage from serverless.yml and infra/, for linters and tests."""
