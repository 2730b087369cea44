"""Small edits along the way of a value that failed, led by what was seen of it; tried by the hundred in one process."""
