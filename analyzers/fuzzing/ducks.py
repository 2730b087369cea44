"""Objects that are known only by what is used of them: a class of the project that fits, or an object made up to fit.

``def area(shape): return shape.width * shape.height`` is called with an instance of a class that has both, or with
``types.SimpleNamespace(width=…, height=…)``. What has only attributes is inferred; what has methods is guessed, since
nobody knows what they return.
"""

from __future__ import annotations

from .annotations import Describer, callables, few
from .classes import with_attributes
from .plans import Ref, render
from .shapes import INT, NAMESPACE, NONE, STR, Anything, Certainty, Lit, Obj, Shape, alt, certainty_of, less_certain
from .standard import by_special_methods, by_use
from .variables import Objects, Var, solve

#: How many nodes deep an object is made that leads to another of its kind.
_MAX_DEPTH = 3


_EVERYBODYS = frozenset(dir(object))
_FUNCTIONS = frozenset(dir(callables))


class Ducks:
    """Finds or makes objects from their uses, for one module."""

    def __init__(self, describer: Describer) -> None:
        self._describer = describer

    def finder(self, name: str) -> Objects:
        """For the variables of a parameter called ``name``."""
        open_: list[Var] = []

        def find(root: Var, depth: int) -> Shape | None:
            names = frozenset((*root.attributes, *root.methods)) - _EVERYBODYS
            if any(each.startswith("__") for each in names):
                return callables() if names <= _FUNCTIONS else by_special_methods(names)
            if not names:
                return Anything()
            hint = name if not depth else name.removesuffix("s")
            known = with_attributes(self._describer, names, hint) or by_use(names)
            if known is not None:
                return known
            if open_.count(root) >= _MAX_DEPTH:
                return NONE
            open_.append(root)
            try:
                return self._made_up(root, depth, find)
            finally:
                open_.pop()

        return find

    def _made_up(self, root: Var, depth: int, find: Objects) -> Shape:
        certainty: Certainty = "guessed" if root.methods else "inferred"
        attributes: list[tuple[str, Shape]] = []
        for name, var in sorted(root.attributes.items()):
            if name in root.methods:
                continue
            linked = var.root is root
            # A link is solved at the same depth: how often it is followed is counted by the finder.
            shape = solve(var, min(depth + (0 if linked else 1), 4), find)
            if linked and shape is not None:
                shape = alt(NONE, shape)
            if shape is None or isinstance(shape, Anything):
                shape, certainty = alt(INT, STR), "guessed"
            certainty = certainty_of(shape, certainty)
            attributes.append((name, shape))
        for name, var in sorted(root.methods.items()):
            returned = solve(var, min(depth + 1, 4), find)
            values = ["None"] if returned is None or isinstance(returned, Anything) else map(render, few(returned))
            attributes.append((name, Lit(tuple([Ref(f"lambda *args, **kwargs: {each}") for each in values]))))
        return Obj(NAMESPACE, (), tuple(attributes), certainty=less_certain(certainty, "inferred"))
