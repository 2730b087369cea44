from .begin import begun  # ok: import-cycle


def work():
    return begun("")
