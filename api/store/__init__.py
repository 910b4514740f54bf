"""The store: DynamoDB through boto3. The modules know no entity and no HTTP."""
