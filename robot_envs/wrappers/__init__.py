"""What robots' environments have in common, as TF-Agents wrappers; one class a file.

The time limit is TF-Agents' own `tf_agents.environments.wrappers.TimeLimit`: it truncates (LAST
with the discount left at 1).
"""
