from . import views  # ok: layer-violation


def get(name: str) -> str:
    return views.show(name)
