"""Steps that a script or a person made: recorded, compared with a policy, given to a replay."""
