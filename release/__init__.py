"""What is done for a release, beside building it."""
