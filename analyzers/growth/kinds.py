"""Which kinds of findings are about growth. In a file of its own: the editor asks at every keystroke."""

from __future__ import annotations

#: Kinds of findings that a measurement can confirm or take away.
MEASURABLE = frozenset(
    (
        *("membership", "linear_search", "list_shift", "str_concat", "list_concat", "nested_loop", "sort_in_loop"),
        *("recompute", "copy", "slice_consume", "caching"),
    )
)
