"""The learner: lessons and a base model in, an adapter and a report out."""
