"""Programs from text to outcome: checked, run in a sandbox, captured."""
