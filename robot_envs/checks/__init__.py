"""What `python -m robot_envs.check` looks at; each file one kind of fault."""
