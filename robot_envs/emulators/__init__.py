"""Robots' controllers as processes that speak their protocols and move their twins."""
