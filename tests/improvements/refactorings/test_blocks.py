"""Which parts of a function can be moved out of it, and which cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from suture.healing.refactoring.blocks import Block

Parts = Callable[[str], dict[str, Block]]


def test_what_is_read_goes_in_and_what_is_read_later_comes_out(parts: Parts) -> None:
    found = parts(
        """
        def f(rows, limit):
            seen = 0

            total = 0
            for row in rows:
                if row > limit:
                    total += row

            return total + seen
        """
    )
    loop = found["total = 0\nfor row in rows:\n    if row > limit:\n        total += row"]
    assert (loop.inputs, loop.outputs, loop.form) == (("rows", "limit"), ("total",), "plain")
    assert set(found["total += row"].inputs) == {"row", "total"}


def test_a_name_that_is_bound_again_before_it_is_read_does_not_come_out(parts: Parts) -> None:
    found = parts(
        """
        def f(rows):
            for row in rows:
                print(row)

            row = 1
            return row
        """
    )
    assert found["for row in rows:\n    print(row)"].outputs == ()


def test_a_name_that_the_next_turn_of_a_loop_reads_comes_out(parts: Parts) -> None:
    found = parts(
        """
        def f(rows):
            last = None
            for row in rows:
                print(last)

                last = row
        """
    )
    assert found["last = row"].outputs == ("last",)


def test_a_name_that_may_stay_unbound_in_the_part_goes_in_if_it_has_a_value(parts: Parts) -> None:
    found = parts(
        """
        def f(flag):
            value = 1
            if flag:
                value = 2

            return value
        """
    )
    assert found["if flag:\n    value = 2"].inputs == ("flag", "value")


@pytest.mark.parametrize(
    ("why", "body", "part"),
    [
        ("it may stay unbound", "if x:\n    y = 1\nprint(1)\n\nreturn y", "if x:\n    y = 1"),
        ("a jump leaves the loop", "for a in x:\n    if a:\n        break\n\n    print(a)", "if a:\n    break"),
        (
            "the loop goes on behind it",
            "for a in x:\n    if a:\n        continue\n\n    print(a)",
            "if a:\n    continue",
        ),
        ("it is part of a generator", "if x:\n    yield x\nreturn 1", "if x:\n    yield x"),
        ("it yields from another", "if x:\n    yield from x\nprint(1)", "if x:\n    yield from x"),
        ("it asks for the variables", "if x:\n    print(locals())\nprint(1)", "if x:\n    print(locals())"),
        ("it evaluates text", "if x:\n    eval('x')\nprint(1)", "if x:\n    eval('x')"),
        ("it asks for the class around it", "if x:\n    super().f()\nprint(1)", "if x:\n    super().f()"),
        ("it counts frames", "if x:\n    warn(x, stacklevel=2)\nprint(1)", "if x:\n    warn(x, stacklevel=2)"),
        ("it looks at frames", "if x:\n    y = sys._getframe()\nprint(1)", "if x:\n    y = sys._getframe()"),
        ("it binds a global", "global y\nif x:\n    y = 1\nprint(y)", "if x:\n    y = 1"),
        ("it deletes a name", "y = x\nif x:\n    del y\nprint(1)", "if x:\n    del y"),
        ("it makes a class", "if x:\n    class A: pass\nprint(1)", "if x:\n    class A: pass"),
        (
            "a nested function reads what it binds",
            "g = lambda: y\nif x:\n    y = 1\nelse:\n    y = 2\ng()",
            "if x:\n    y = 1\nelse:\n    y = 2",
        ),
        (
            "a later binding is seen by its function",
            "y = x\nif x:\n    g(lambda: y)\ny = 2",
            "if x:\n    g(lambda: y)",
        ),
        (
            "a later binding is seen by its generator",
            "y = x\nif x:\n    g(y for _ in x)\ny = 2",
            "if x:\n    g(y for _ in x)",
        ),
        (
            "a handler reads what it bound",
            "y = 0\ntry:\n    y = g(x)\n    h(x)\nexcept E:\n    print(y)",
            "y = g(x)\nh(x)",
        ),
        (
            "a folder lives by its name",
            "if x:\n    d = TemporaryDirectory()\n    g(d.name)\nprint(1)",
            "if x:\n    d = TemporaryDirectory()\n    g(d.name)",
        ),
        ("a value nobody reads is kept alive", "if x:\n    keep = hold(x)\nprint(1)", "if x:\n    keep = hold(x)"),
        ("it returns one thing or another", "if x:\n    return g(x)\n\nprint(1)", "if x:\n    return g(x)"),
        (
            "three values come out",
            "a = b = c = 0\n\nif x:\n    a = b = c = 1\n\nprint(a, b, c)",
            "if x:\n    a = b = c = 1",
        ),
    ],
)
def test_a_part_is_not_moved_if(parts: Parts, why: str, body: str, part: str) -> None:
    source = "def f(x):\n" + "".join(f"    {line}\n" if line else "\n" for line in body.splitlines())
    compile(source, why, "exec")
    assert part not in parts(source), why


def test_the_same_places_can_be_moved_where_nothing_stands_against_it(parts: Parts) -> None:
    assert "if x:\n    print(x)" in parts("def f(x):\n    if x:\n        print(x)\n    print(1)\n")
    loop = "def f(x):\n    for a in x:\n        if a:\n            print(a)\n\n        print(a)\n"
    assert "if a:\n    print(a)" in parts(loop)


def test_a_function_with_nonlocal_inside_is_left_alone(parts: Parts) -> None:
    assert not parts(
        """
        def f(x):
            count = 0

            def g():
                nonlocal count
                count += 1

            if x:
                print(x)

            return count
        """
    )


def test_what_a_comprehension_binds_is_its_own(parts: Parts) -> None:
    found = parts(
        """
        def f(rows):
            row = 1
            if rows:
                print([row for row in rows if row])

            return row
        """
    )
    block = found["if rows:\n    print([row for row in rows if row])"]
    assert (block.inputs, block.outputs) == (("rows",), ())


def test_what_a_walrus_in_a_comprehension_binds_is_the_functions(parts: Parts) -> None:
    found = parts(
        """
        def f(rows):
            last = None
            if rows:
                print([last := row for row in rows])

            return last
        """
    )
    block = found["if rows:\n    print([last := row for row in rows])"]
    assert (block.inputs, block.outputs) == (("rows", "last"), ("last",))


def test_a_walrus_binds_for_what_follows_it_in_the_expression(parts: Parts) -> None:
    found = parts(
        """
        def f(text):
            if (m := match(text)) and m.end():
                print(m)

            return text
        """
    )
    assert found["if (m := match(text)) and m.end():\n    print(m)"].inputs == ("text",)


def test_continue_at_the_end_of_a_loops_body_ends_the_part(parts: Parts) -> None:
    found = parts(
        """
        def f(rows):
            for row in rows:
                if not row:
                    continue
                print(row)
            return 1
        """
    )
    block = found["if not row:\n    continue\nprint(row)"]
    assert block.skips
    assert block.inputs == ("row",)


@pytest.mark.parametrize(
    ("part", "form"),
    [
        ("if x:\n    return False", "flag"),
        ("if x:\n    return", "flag"),
        ("if x:\n    return [x]", "value"),
        ("if x:\n    return g(x)\nreturn h(x)", "return"),
    ],
)
def test_early_returns_are_made_by_the_caller(parts: Parts, part: str, form: str) -> None:
    rest = "" if form == "return" else "    return print(x)\n"
    source = "def f(x):\n    x += 1\n\n" + "".join(f"    {line}\n" for line in part.splitlines()) + "\n" + rest
    assert parts(source)[part].form == form


def test_what_awaits_is_awaited(parts: Parts) -> None:
    found = parts("async def f(x):\n    if x:\n        await x.send()\n\n    return x\n")
    assert found["if x:\n    await x.send()"].is_async
