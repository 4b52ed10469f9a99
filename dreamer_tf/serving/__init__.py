"""Policies and world models that leave the training machine, and how they are used there."""
