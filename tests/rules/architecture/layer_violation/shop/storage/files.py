import os  # ok: layer-violation


def read(name: str) -> str:
    return os.fspath(name)
