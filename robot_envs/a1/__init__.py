"""Unitree A1: from lying on its back to walking."""
