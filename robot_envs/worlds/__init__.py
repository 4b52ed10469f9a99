"""Worlds of other projects as robots: dm_control's suite and Gymnasium. Optional extras."""
