"""Sphero Ollie: drive to a goal seen from a camera above the arena."""
