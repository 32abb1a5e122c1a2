"""Who does the work: one process, or several of a cluster. Knows nothing of what the work is."""
