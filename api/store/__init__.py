"""DynamoDB through boto3. The store knows no entity and no HTTP."""
