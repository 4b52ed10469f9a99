"""Keras layers of the world model, the actor and the critic."""
