def begun(order):
    return bool(order)


if __name__ == "__main__":
    from .work import work  # ok: import-cycle

    work()
