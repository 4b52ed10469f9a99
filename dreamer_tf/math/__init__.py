"""Pure functions of the algorithm, each tested against a slow loop or an oracle."""
