"""Entities and business rules: structs and pure functions without Flask, boto3, a clock or randomness."""
