"""How fast the agent, the replay and the robots are: `python -m benchmarks --help`."""
