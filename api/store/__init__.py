"""The one place that knows DynamoDB. It knows no noun of the café and no word of HTTP."""
