# pyright: basic
# ruff: noqa: BLE001, UP031
"""``python suture_resolve.py FILE MODULE NAME…``: imports MODULE and looks every NAME up in it.

Exit status 0 if all resolve (as a global of the module or a builtin), 1 if one does not, 2 if the import fails.
"""

import builtins
import importlib
import os
import sys


def main():
    path, module, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    folder = os.path.abspath(path)
    for _ in range(module.count(".") + 1 + (os.path.basename(path) == "__init__.py")):
        folder = os.path.dirname(folder)
    sys.path.insert(0, folder)
    try:
        loaded = importlib.import_module(module)
    except BaseException as error:  # whatever the module raises while it is imported
        print("import of %s failed: %s: %s" % (module, type(error).__name__, error))
        if isinstance(error, NameError):
            return 1
        return 2
    missing = [name for name in names if not hasattr(loaded, name) and not hasattr(builtins, name)]
    for name in missing:
        print("%s does not resolve in %s" % (name, module))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
