"""fuzzing"""
