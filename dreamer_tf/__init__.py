"""dreamer_tf: the DayDreamer agent in TensorFlow 2, Keras and TF-Agents.

Importing this package imports nothing heavy, so that `--help` and plain mistakes answer at once.
"""
