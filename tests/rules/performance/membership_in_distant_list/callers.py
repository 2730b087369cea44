from .readers import handed


def call(rows, asked):
    chosen = [each for each in rows if each]
    handed(chosen, asked)
