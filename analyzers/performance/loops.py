"""What the rules about loops share: is there a loop at all, what one pass of it costs anyway, and the path that shows
what it repeats."""

from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from ..findings import Evidence, Json
from ..flow import Flow, Loop, arguments_of, method_of, together
from ..places import is_test_code
from ..syntax import Unit, descend

_LOOPS = (
    *("for_statement", "while_statement"),
    *("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"),
)


#: Calls that walk a list from end to end, methods of a list that do, and methods that walk what they are given.
_WALKS = frozenset(
    {
        *("sorted", "sum", "min", "max", "list", "tuple", "set", "frozenset", "dict", "any", "all", "enumerate"),
        *("zip", "map", "filter", "copy.copy", "copy.deepcopy", "random.shuffle", "heapq.nsmallest", "heapq.nlargest"),
    }
)
_WALKING_METHODS = frozenset({"sort", "reverse", "copy"})
_WALKING_GIVEN = frozenset({"join", "union", "update", "extend", "difference", "difference_update"})

#: Calls that leave the process, wait, or work on whole arrays: one of them costs more than a walk over a list.
_HEAVY_NAMES = frozenset({"open", "io.open", "input", "time.sleep", "select.select", "socket.create_connection"})
_HEAVY_MODULES = frozenset(
    {
        *("subprocess", "shutil", "requests", "httpx", "urllib", "xattr"),
        *("numpy", "scipy", "pandas", "matplotlib", "torch", "tensorflow"),
    }
)
_HEAVY_OS = frozenset(
    {
        *("listdir", "scandir", "stat", "lstat", "makedirs", "mkdir", "remove", "rename", "read", "write"),
        *("walk", "system", "popen", "wait", "waitpid", "fork"),
    }
)
#: Functions that walk a whole graph.
_GRAPH_SEARCHES = frozenset(
    {
        *("has_path", "shortest_path", "shortest_path_length", "all_simple_paths", "descendants", "ancestors"),
        *("is_connected", "connected_components", "is_directed_acyclic_graph", "topological_sort", "simple_cycles"),
    }
)
#: Functions of numpy that are mostly asked of one number.
_OF_A_NUMBER = frozenset(
    {"isclose", "isnan", "isinf", "isfinite", "sqrt", "sin", "cos", "exp", "log", "floor", "ceil", "sign", "radians"}
)
_HEAVY_PATH = frozenset({"exists", "isfile", "isdir", "getmtime", "getsize", "realpath", "islink"})
_HEAVY_METHODS = frozenset(
    {
        *("execute", "executemany", "commit", "recv", "recv_into", "send", "sendall", "read_text", "write_text"),
        *("read_bytes", "write_bytes", "is_file", "is_dir", "unlink", "iterdir"),
    }
)


def has_loops(unit: Unit) -> bool:
    """Does anything repeat in this unit, outside of tests?"""
    return not is_test_code(unit.path) and any(map(unit.index.__contains__, _LOOPS))


def clause_of(loop: Loop) -> Node:
    """The node with what a loop goes through (``right``) and its variables (``left``): a ``for`` statement itself, the
    first clause of a comprehension. A ``while`` has neither."""
    node = loop.node
    if node.type == "for_statement":
        return node
    return next((each for each in node.named_children if each.type == "for_in_clause"), node)


def targets_of(unit: Unit, loop: Loop) -> set[str]:
    """The loop's own variables."""
    left = clause_of(loop).child_by_field_name("left")
    return {unit.text(each) for each in descend(left) if each.type == "identifier"} if left is not None else set()


def is_open(unit: Unit, index: Node) -> bool:
    """``:i`` or ``i:``, also ``0:i``: a slice up to somewhere, or from there on."""
    pieces = [each.type for each in index.children]
    if pieces and unit.text(index.children[0]) == "0":
        pieces = pieces[1:]
    return len(pieces) == 2 and ":" in (pieces[0], pieces[-1]) and pieces.count(":") == 1


def counts(unit: Unit, part: Node, loop: Loop) -> bool:
    """Is the end of a slice one of the loop's own variables, or worked out of one?"""
    index = part.child_by_field_name("subscript")
    counters = targets_of(unit, loop)
    return any(each.type == "identifier" and unit.text(each) in counters for each in descend(index or part))


def step(unit: Unit, node: Node) -> Json:
    """A place on a path: where it is, and the first line of its text."""
    place = unit.range(node)
    text = unit.text(node).partition("\n")[0].strip()
    return {"path": unit.path, "line": place.line + 1, "column": place.column + 1, "text": text[:120]}


def loop_evidence(unit: Unit, loop: Loop, node: Node, made: Iterable[Node] = ()) -> Evidence:
    """Where the collection is made, the loop, and what the loop repeats."""
    steps = [step(unit, each) for each in (*list(made)[:2], loop.node, node)]
    head = unit.text(loop.node).partition("\n")[0].strip().rstrip(":")[:50]
    what = unit.text(node).partition("\n")[0].strip()[:60]
    again = f"'{what}' runs again for each pass of '{head}'" if loop.node.type.endswith("_statement") else ""
    summary = again or f"'{what}' runs again for each element of a comprehension"
    return Evidence("traced", summary, {"path": steps})


def always(node: Node, loop: Loop) -> bool:
    """Is this done in every pass: not under a condition, in a handler or behind ``and``?"""
    current = node
    while current != loop.node:
        parent = current.parent
        if parent is None:
            break
        if parent.type in ("if_statement", "elif_clause", "conditional_expression", "match_statement"):
            if current != parent.child_by_field_name("condition"):
                return False
        elif parent.type == "boolean_operator":
            if current != parent.child_by_field_name("left"):
                return False
        elif parent.type in ("except_clause", "except_group_clause", "else_clause", "case_clause"):
            return False
        current = parent
    return True


def in_handler(node: Node, loop: Loop) -> bool:
    """Is this done only when something went wrong: in a handler, for what is raised, or in a block that ends with
    that?"""
    current: Node | None = node
    while current is not None and current != loop.node:
        if current.type in ("except_clause", "except_group_clause", "raise_statement"):
            return True
        current = current.parent
    block = loop.node.parent
    while block is not None and block.type in _WITHIN_A_STATEMENT:
        block = block.parent
    last = block.named_children[-1] if block is not None and block.type == "block" else None
    return last is not None and last.start_byte > loop.node.start_byte and _complains(last)


def _complains(statement: Node) -> bool:
    """``raise …``, ``error("…")``, ``self.fail("…")``"""
    call = statement.named_children[0] if statement.type == "expression_statement" else None
    function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
    said = (function.text or b"").rpartition(b".")[2] if function is not None else b""
    return statement.type == "raise_statement" or said in (b"error", b"fail", b"abort", b"die", b"fatal", b"exit")


#: What a comprehension stands in, up to its block.
_WITHIN_A_STATEMENT = frozenset(
    {"argument_list", "attribute", "call", "assignment", "expression_statement", "parenthesized_expression"}
)


def walked(flow: Flow, name: str, loop: Loop, use: Node) -> bool:
    """Does the iteration that comes by ``use`` walk the whole list anyway? Then ``use`` does not change the order of
    growth. What stands in the loop's own head is done once, and does not count; nor do other look-ups, which are
    reported themselves."""
    unit = flow.unit
    head = loop.node.child_by_field_name("right")
    for node in (place.node for place in flow.places if loop.contains(place.node) and place.node.type == "call"):
        called = method_of(unit, node)
        walks = called is not None and (
            (called[1] in _WALKING_METHODS and unit.text(called[0]) == name)
            or (called[1] in _WALKING_GIVEN and any(base_of(unit, each) == name for each in arguments_of(node)))
        )
        if not walks and unit.call_name(node) in _WALKS:
            walks = any(base_of(unit, each) == name for each in arguments_of(node))
        if walks and not covers(head, node) and together(node, use, loop):
            return True
    for inner in descend(loop.node):
        makes = inner.type == "binary_operator" and as_long(unit, inner, name)
        if makes and not covers(head, inner) and together(inner, use, loop):
            return True
        if inner.type in ("for_statement", "for_in_clause") and inner != loop.node:
            right = inner.child_by_field_name("right")
            if right is None or base_of(unit, right) != name or inner.parent == loop.node:
                continue
            body = inner if inner.type == "for_statement" else inner.parent
            if not covers(body, use) and not covers(head, inner) and together(inner, use, loop):
                return True
    return False


def as_long(unit: Unit, node: Node, name: str) -> bool:
    """``[0] * len(names)``: a list that is made as long as ``names`` is."""
    sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
    return {unit.text(each) for each in sides if each is not None and each.type == "call"} == {f"len({name})"} and any(
        each is not None and each.type == "list" for each in sides
    )


def trims(unit: Unit, name: str, loop: Loop) -> bool:
    """``while lines and not lines[0]:``: goes on only for as long as the first element is of some kind."""
    condition = loop.node.child_by_field_name("condition") if loop.node.type == "while_statement" else None
    if condition is None:
        return False
    text = unit.text(condition)
    return f"{name}[0]" in text or f"{name}.startswith(" in text


def base_of(unit: Unit, node: Node | None) -> str:
    """``items`` of ``items``, ``items[1:]``, ``enumerate(items)``, ``reversed(items)``."""
    if node is None:
        return ""
    if node.type == "call":
        listed = arguments_of(node)
        if listed and unit.call_name(node) in ("enumerate", "reversed", "list", "zip", "sorted", "tuple"):
            return base_of(unit, listed[0])
    if node.type == "subscript":
        index, owner = node.child_by_field_name("subscript"), node.child_by_field_name("value")
        if index is not None and index.type == "slice" and owner is not None:
            return unit.text(owner)
    return unit.text(node)


def covers(outer: Node | None, inner: Node) -> bool:
    """Does a node stand within another one?"""
    return outer is not None and outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def dominated(flow: Flow, loop: Loop, use: Node) -> bool:
    """Does the iteration that comes by ``use`` read a file, ask a server, wait, or work on whole arrays? Beside that
    a walk over a list is not what takes the time."""
    unit = flow.unit
    head = loop.node.child_by_field_name("right")
    for place in flow.places:
        node = place.node
        if node.type != "call" or not loop.contains(node) or covers(head, node):
            continue
        if _is_heavy(unit, node) and always(node, loop) and together(node, use, loop):
            return True
    return any(
        (each.type == "await" or _is_waited_for(each)) and not covers(head, each) and always(each, loop)
        for each in unit.walk("await", "yield")
        if loop.contains(each)
    )


def _is_waited_for(given: Node) -> bool:
    """``row = yield database.fetch(key)``: in coroutines that are generators."""
    parent = given.parent
    call = given.named_children[0] if given.named_children else None
    return call is not None and call.type == "call" and parent is not None and parent.type == "assignment"


def _is_heavy(unit: Unit, call: Node) -> bool:
    name = unit.call_name(call)
    module, _, rest = name.partition(".")
    last = name.rpartition(".")[2]
    if module == "networkx" and last in _GRAPH_SEARCHES:
        return True
    if name in _HEAVY_NAMES or (module in _HEAVY_MODULES and not (module == "numpy" and last in _OF_A_NUMBER)):
        return True
    if module == "os":
        return last in _HEAVY_PATH if rest.startswith("path.") else last in _HEAVY_OS
    called = method_of(unit, call)
    return (called is not None and called[1] in _HEAVY_METHODS) or _is_said_to_wait(unit, call)


def _is_said_to_wait(unit: Unit, call: Node) -> bool:
    """``remove_file(path)``, ``client.download(url)``: does the name of what is called say that it asks the disk or
    another machine?"""
    function = call.child_by_field_name("function")
    words = unit.text(function).rpartition(".")[2].lower().split("_") if function is not None else []
    return (
        not _WAITING.isdisjoint(words) or (words[0] in _WITH_FILES and words[-1] in ("file", "files"))
        if words
        else False
    )


_WAITING = frozenset({"download", "upload", "unlink", "rmtree", "urlopen", "sleep"})
_WITH_FILES = frozenset({"read", "write", "open", "load", "save", "copy", "move", "remove", "delete", "create"})


def changes(flow: Flow, name: str, loop: Loop) -> list[Node]:
    """Where in the loop the collection ``name`` is changed in place, as far as its own methods, ``del`` and
    assignments to its parts show."""
    unit = flow.unit
    found: list[Node] = []
    for place in flow.places:
        node = place.node
        if not loop.contains(node):
            continue
        if node.type == "call":
            called = method_of(unit, node)
            on_it = called is not None and called[1] not in _READS and unit.text(called[0]) == name
            given = unit.call_name(node).startswith(("heapq.heap", "bisect.ins", "random.shuffle"))
            if on_it or (given and any(unit.text(each) == name for each in arguments_of(node))):
                found.append(node)
        elif node.type in ("assignment", "augmented_assignment"):
            left = node.child_by_field_name("left")
            part = left is not None and left.type in ("subscript", "attribute") and _root(unit, left) == name
            if part or (node.type == "augmented_assignment" and left is not None and unit.text(left) == name):
                found.append(node)
        elif node.type == "delete_statement" and any(_root(unit, each) == name for each in node.named_children):
            found.append(node)
    return found


#: Methods that leave a collection as it is.
_READS = frozenset(
    {
        *("index", "count", "copy", "get", "keys", "values", "items", "join", "split", "startswith", "endswith"),
        *("issubset", "issuperset", "isdisjoint", "union", "difference", "intersection", "most_common"),
    }
)


def _root(unit: Unit, node: Node) -> str:
    current: Node | None = node
    while current is not None and current.type in ("subscript", "attribute"):
        current = current.child_by_field_name("value") or current.child_by_field_name("object")
    return unit.text(current) if current is not None else ""


def handed_on(flow: Flow, name: str, loop: Loop) -> bool:
    """Is ``name`` given as it is to a function that might change it?"""
    unit = flow.unit
    for place in flow.places:
        if place.node.type != "call" or not loop.contains(place.node):
            continue
        if any(each.type == "identifier" and unit.text(each) == name for each in arguments_of(place.node)):
            called = unit.call_name(place.node)
            if called not in _WALKS and called not in _HARMLESS:
                return True
    return False


_HARMLESS = frozenset({"len", "print", "isinstance", "range", "str", "repr", "iter", "bool", "id", "type"})


def steady(flow: Flow, name: str, loop: Loop) -> bool:
    """Is ``name`` the same value in every pass of the loop, as far as can be seen?"""
    bound = flow.bindings.get(name, ())
    rebound = any(loop.contains(each.node) for each in bound)
    return not rebound and not changes(flow, name, loop) and not handed_on(flow, name, loop)


def same_part(flow: Flow, part: Node, loop: Loop) -> bool:
    """``rows[i]`` where only a loop around this one moves ``i``: is it the same, and the same in it, in every pass?"""
    unit = flow.unit
    owner, index = part.child_by_field_name("value"), part.child_by_field_name("subscript")
    if owner is None or index is None or owner.type != "identifier" or index.type != "identifier":
        return False
    names = (unit.text(owner), unit.text(index))
    if any(not flow.bindings.get(name) or name in targets_of(unit, loop) for name in names):
        return False
    moved = any(each.how == "loop" for each in flow.bindings.get(names[1], ()))
    calls = (each.node for each in flow.places if each.node.type == "call" and loop.contains(each.node))
    asked = (method_of(unit, each) for each in calls)
    if any(each is not None and unit.text(each[0]).startswith(f"{names[0]}[") for each in asked):
        return False  # one of the parts is asked to do something, which may change it
    others = [name for name, bound in flow.bindings.items() for each in bound if _is_same(unit, each.value, part)]
    return moved and not flow.small(owner) and all(steady(flow, name, loop) for name in (*names, *others))


def _is_same(unit: Unit, value: Node | None, part: Node) -> bool:
    return value is not None and value.type == part.type and unit.text(value) == unit.text(part)
