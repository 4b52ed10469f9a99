"""Experiments: suites of runs, what they gave, and how far it is from the published robots."""
