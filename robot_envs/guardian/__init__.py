"""A process of its own between an environment and its robot. It imports no TensorFlow."""
