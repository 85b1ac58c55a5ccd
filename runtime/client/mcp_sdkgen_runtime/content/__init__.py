"""Results of calls: content blocks, media, HTML for notebooks."""
