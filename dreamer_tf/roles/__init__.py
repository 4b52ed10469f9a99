"""Actor, learner, replay and evaluator as processes of their own (docs/distributed.md)."""
