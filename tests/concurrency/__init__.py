"""Races, lost replies, crashes and capacity, on a real DynamoDB emulator."""
