"""Robots as TF-Agents environments: twins in MuJoCo behind the interface that hardware shares."""
