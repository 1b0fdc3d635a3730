"""The second check: whether what a well-shaped definition says can be done."""
