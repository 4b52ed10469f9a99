"""Cameras: on this machine, or over the network. Their packages are extras, imported when used."""
