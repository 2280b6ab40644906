"""What a judgement stands on: the context of a case, faults, findings, verdicts."""
