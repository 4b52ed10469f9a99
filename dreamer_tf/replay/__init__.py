"""Replay: environment -> alignment -> SequenceWriter -> Reverb table -> dataset of batches."""
