"""What the café is about: structs and rules. Pure: no Flask, no boto3, no clock, no randomness."""
