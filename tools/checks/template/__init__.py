"""The CloudFormation template of a stage, as osls makes it of serverless.yml and infra/: for linters and tests."""
