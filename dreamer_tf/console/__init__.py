"""A person's hand on a running robot: pause, resume, reset, mark, stop, from a terminal."""
