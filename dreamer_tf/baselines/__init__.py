"""Agents to compare Dreamer with: same robots, same replay, same training program."""
