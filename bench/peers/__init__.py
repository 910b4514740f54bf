"""What Clowder is compared with: handlers for the same request, as one would write them without it."""
