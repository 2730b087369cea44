"""What may have been meant near an error of ``rustc`` or Go's compiler, said by no rule of its own: the words that the
message names put where it points; an expression wrapped, unwrapped, or exchanged for its neighbour; a token left out,
moved or exchanged; a value where one is missing; a copy before a borrow that is too long; a declaration left out or
moved.

Invariant: pure, and only a hint. The compiler says which of these changes leave fewer errors, and :mod:`.screen` which
of those may be offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from tree_sitter import Node

from ..fault import Fault
from ..grammar import splice
from ..repair import Context, Draft
from ..spelling import likeness
from ..verify import BORROWED, stage
from . import go, rust
from .syntax import Compiled, Tree, find, parse, up

#: (start, end, new text), title, prior.
Change = tuple[tuple[tuple[int, int, str], ...], str, float]
#: Changes near one fault, and nodes around its place that are looked at.
MOST, AROUND = 150, 6
#: How likely a change must be at least: far from the place it is not.
LEAST = 0.02

_PLACE = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+): ")
_QUOTED = re.compile(r"`([^`\n]{1,60})`")
_WORD = re.compile(r"[A-Za-z_]\w*")
_STATEMENTS = frozenset({
    "expression_statement", "let_declaration", "short_var_declaration", "var_declaration", "const_declaration",
    "assignment_statement", "return_statement", "inc_statement", "dec_statement", "if_statement", "for_statement",
    "labeled_statement", "go_statement", "defer_statement", "use_declaration", "extern_crate_declaration",
    "function_item", "function_declaration", "method_declaration", "import_declaration", "const_item", "match_arm",
})  # fmt: skip
_NAMES = frozenset(
    ("identifier", "type_identifier", "field_identifier", "package_identifier", "shorthand_field_identifier")
)
#: What stands behind, before and around an expression, with how often it is what was left out.
_BEHIND: Mapping[Compiled, tuple[tuple[str, float], ...]] = {
    "rust": ((".is_empty()", 0.4), (".len()", 0.36), (".clone()", 0.42), (".to_string()", 0.4), (".iter()", 0.38),
             (".to_vec()", 0.38), (".as_str()", 0.36), (".chars()", 0.3), (".into()", 0.36), (".copied()", 0.36),
             (".cloned()", 0.36), (".as_ref()", 0.34), (".into_iter()", 0.34), (".collect()", 0.3), ("()", 0.4),
             (".abs()", 0.2), (".as_bytes()", 0.25), (".lock().unwrap()", 0.2), (".borrow()", 0.2), ("?", 0.36)),
    "go": (("()", 0.42), ("...", 0.4), (".Error()", 0.36), (".String()", 0.34), ("[0]", 0.2), ("[:]", 0.3),
           ("{}", 0.3), (".(string)", 0.2), (".(int)", 0.2)),
}  # fmt: skip
_BEFORE: Mapping[Compiled, tuple[tuple[str, float], ...]] = {
    "rust": (("&", 0.44), ("*", 0.42), ("&mut ", 0.4), ("!", 0.25), ("mut ", 0.36), ("move ", 0.36), ("dyn ", 0.36)),
    "go": (("&", 0.44), ("*", 0.42), ("!", 0.25), ("range ", 0.3)),
}
_AROUND: Mapping[Compiled, tuple[tuple[str, str, float], ...]] = {
    "rust": (("Some(", ")", 0.42), ("Ok(", ")", 0.4), ("Box::new(", ")", 0.4), ("String::from(", ")", 0.36),
             ("vec![", "]", 0.3), ("std::rc::Rc::new(", ")", 0.2), ("(", ")", 0.4), ("Option<", ">", 0.3),
             ("Box<", ">", 0.36), ("Vec<", ">", 0.25)),
    "go": (("len(", ")", 0.36), ("string(", ")", 0.34), ("int(", ")", 0.4), ("float64(", ")", 0.4),
           ("int64(", ")", 0.34), ("[]byte(", ")", 0.34), ("[]rune(", ")", 0.32),
           ("strconv.Itoa(", ")", 0.4), ("fmt.Sprint(", ")", 0.36),
           ("(", ")", 0.3), ("append(", ")", 0.2)),
}  # fmt: skip
#: Words for which another is meant.
_WORDS: Mapping[Compiled, Mapping[str, tuple[str, ...]]] = {
    "rust": {"let": ("let mut",), "const": ("static", "let"), "static": ("const",), "&self": ("self", "&mut self"),
             "self": ("&self", "&mut self"), "impl": ("dyn",), "dyn": ("impl",), "if": ("if let",), "struct": ("enum",),
             "enum": ("struct",), "trait": ("struct",), "loop": ("while",), "super": ("crate",), "Self": ("self",),
             "return": ("break",), "break": ("return",), "Fn": ("FnMut", "FnOnce"), "FnMut": ("FnOnce",)},
    "go": {"const": ("var",), "var": ("const", "type"), "type": ("var",), "switch": ("select",), "select": ("switch",),
           "break": ("return",), "continue": ("return",), "go": ("",), "defer": ("",), "struct": ("interface",),
           "interface": ("struct",), "map": ("chan",)},
}  # fmt: skip
_SIGNS: Mapping[Compiled, Mapping[str, tuple[str, ...]]] = {
    "rust": {"=": ("==", "+="), "==": ("=",), "..=": ("..",), ".": ("::",), "::": (".",), ":": ("=", "::"),
             "=>": ("->",), "->": ("=>",), "|": ("||",), "||": ("|",), "&": ("&&", "&mut "),
             "&&": ("&",), ";": (",",), ",": (";",), "&mut": ("&",), "!": ("-",), "=:": ("=",)},
    "go": {":=": ("=",), "=": (":=", "=="), "==": ("=",), "&": ("&&", "*"), "|": ("||",), "<-": ("=",),
           ":": ("=", ":="), "*": ("&",), "+=": ("=",), ";": (",",), ",": (";",)},
}  # fmt: skip


def near(fault: Fault, context: Context, language: Compiled) -> list[Draft]:
    """Changes near one error, the likeliest first; what no longer parses (and did) is left out."""
    tree = parse(context.text, language)
    broken = len(tree.errors())
    found: dict[str, Draft] = {}
    for splices, title, prior in sorted(_changes(fault, context, tree, language), key=lambda each: -each[2]):
        text = splice(context.text, tuple(sorted(splices)))
        if text == context.text or text in found or prior < LEAST:
            continue
        if len(Tree(text, language).errors()) > broken:
            continue
        found[text] = Draft(title[:100], {context.name: text}, prior, repair=f"{language}-near-change")
        if len(found) >= MOST:
            break
    return list(found.values())


def _changes(fault: Fault, context: Context, tree: Tree, language: Compiled) -> Iterator[Change]:
    named = _named(fault)
    for rank, place in enumerate(_places(fault, context)):
        cost = 0.05 * rank
        nodes = _around(tree, *place)
        flows = stage(fault) == BORROWED  # the names are right: what happens to their values is not
        for changes in (
            () if flows else _put(tree, nodes, named),
            _unwrapped(tree, nodes),
            _wrapped(tree, nodes, language, fault),
            _neighbours(tree, nodes),
            _tokens(tree, nodes, place, language),
            _valued(tree, nodes, language),
            () if flows else _renamed(context, tree, nodes, language),
        ):
            for splices, title, prior in changes:
                yield splices, title, prior - cost
        for splices, title, prior in _statements(context, tree, nodes, fault):
            yield splices, title, prior - cost
        if language == "rust":
            for splices, title, prior in _owned(tree, nodes, named, fault):
                yield splices, title, prior - cost


# -- where -----------------------------------------------------------------------------------------------------------


def _places(fault: Fault, context: Context) -> list[tuple[int, int]]:
    """Where the compiler points, the error's own place first."""
    end = context.lines.offset(fault.line, fault.end_column) if fault.end_column > fault.column >= 0 else context.offset
    found = [(context.offset, end)]
    for note in fault.notes:
        match = _PLACE.match(note)
        if match is not None and match["path"] == context.name and int(match["line"]) <= len(context.lines.starts):
            place = context.lines.offset(int(match["line"]) - 1, int(match["column"]) - 1)
            found.append((place, place))
    kept = {start: (start, end) for start, end in reversed(found)}
    return [kept[start] for start in dict.fromkeys(start for start, _ in found)][:3]


def _around(tree: Tree, start: int, end: int) -> list[Node]:
    """The nodes at a place and around it, up to the statement; the smallest first."""
    node = tree.at(start, end if end > start else None)
    found: list[Node] = []
    while node.parent is not None and len(found) < AROUND:
        found.append(node)
        if node.type in _STATEMENTS or node.type in ("block", "source_file"):
            break
        node = node.parent
    if found and found[-1].parent is not None and found[-1].type not in _STATEMENTS:
        statement = up(found[-1], *_STATEMENTS)
        if statement is not None:
            found.append(statement)
    return found


def _named(fault: Fault) -> list[str]:
    """What the message, its notes and the run's other errors name, as they write it."""
    found = [*_QUOTED.findall(fault.message)]
    for note in fault.notes:
        found += _QUOTED.findall(note)
    for other in fault.others:
        if re.match(r"cannot find|undefined", other.message) or other.code in ("E0425", "E0412", "E0422"):
            found += _QUOTED.findall(other.message) or _WORD.findall(other.message.partition(":")[2])
    if not found:
        found += [word for word in re.findall(r"\b[\w.]+\b", fault.message) if not word.islower() or "." in word]
        found += [word for word in re.findall(r"\(?(?:type|as|value of type) ([\w.*\[\]]+)", fault.message)]
    return list(dict.fromkeys(found))[:10]


# -- what ------------------------------------------------------------------------------------------------------------


def _put(tree: Tree, nodes: list[Node], named: list[str]) -> Iterator[Change]:
    """What the message names, in the place of what stands there."""
    for depth, node in enumerate(nodes[:3]):
        if node.type in _STATEMENTS:
            return
        old = tree.of(node)
        for word in named:
            if word != old and re.fullmatch(r"[\w:<>&\[\]., *']+", word) and "\n" not in old:
                prior = 0.46 + 0.15 * likeness(word, old) - 0.05 * depth
                yield ((tree.start(node), tree.end(node), word),), f"Write `{word}` for `{old}`", prior


def _unwrapped(tree: Tree, nodes: list[Node]) -> Iterator[Change]:
    """A part in the place of the whole."""
    for depth, node in enumerate(nodes):
        if node.type in _STATEMENTS or node.type.endswith(("_item", "block")):
            return
        for child in node.named_children:
            if child.type not in ("block", "parameters", "comment", "ERROR") and child.byte_range != node.byte_range:
                marked = {"type_binding": 0.2, "associated_type": 0.2, "named_argument": 0.2}.get(node.type, 0.0)
                prior = 0.34 + marked - 0.04 * depth
                new = tree.of(child)
                yield ((tree.start(node), tree.end(node), new),), f"Write `{new}` for `{tree.of(node)}`", prior


def _wrapped(tree: Tree, nodes: list[Node], language: Compiled, fault: Fault) -> Iterator[Change]:
    for depth, node in enumerate(nodes[:4]):
        if node.type in _STATEMENTS or node.type in ("block", "arguments", "argument_list", "parameters"):
            continue
        start, end, old = tree.start(node), tree.end(node), tree.of(node)
        if ("\n" in old and len(old) > 200) or "literal" in node.type or _is_called(node):
            continue
        inner = _negated(node)
        if inner is not None:
            new = f"{tree.of(inner)}.is_empty()" if language == "rust" else f"len({tree.of(inner)}) == 0"
            yield ((start, end, new),), f"Write `{new}` for `{old}`", 0.58
        cost = 0.03 * depth
        for new, prior in _BEHIND[language]:
            said = 0.12 if new.strip(".()[]") and new.strip(".()[]") in " ".join(fault.notes) else 0.0
            yield ((end, end, new),), f"Write `{old}{new}`", prior + said - cost
        for new, prior in _BEFORE[language]:
            yield ((start, start, new),), f"Write `{new}{old}`", prior - cost
        for one, two, prior in _AROUND[language]:
            yield ((start, start, one), (end, end, two)), f"Write `{one}{old}{two}`", prior - cost


def _is_called(node: Node) -> bool:
    """Whether it is the function of a call: the call is changed as a whole."""
    parent = node.parent
    return parent is not None and parent.type == "call_expression" and parent.children[0].id == node.id


def _negated(node: Node) -> Node | None:
    if node.type == "unary_expression" and node.children and node.children[0].type == "!" and node.named_children:
        return node.named_children[0]
    return None


def _neighbours(tree: Tree, nodes: list[Node]) -> Iterator[Change]:
    """Two neighbours exchanged: arguments, operands, parameters."""
    for depth, node in enumerate(nodes[:5]):
        kinds = [each for each in node.named_children if "comment" not in each.type]
        if node.type.endswith(("block", "_list", "_item")) and node.type not in ("argument_list", "expression_list"):
            continue
        if node.type in _STATEMENTS:
            continue
        for one, two in pairwise(kinds):
            between = tree.text[tree.end(one) : tree.start(two)]
            if "," in between or node.type in ("arguments", "argument_list"):
                new = f"{tree.of(two)}{between}{tree.of(one)}"
                title = f"Exchange `{tree.of(one)}` and `{tree.of(two)}`"
                yield ((tree.start(one), tree.end(two), new),), title, 0.56 - 0.02 * depth


def _tokens(tree: Tree, nodes: list[Node], place: tuple[int, int], language: Compiled) -> Iterator[Change]:
    """Tokens of the line left out, exchanged, or moved over what follows or goes before."""
    from .tokens import tokens

    if not nodes:
        return
    start = tree.text.rfind("\n", 0, place[0]) + 1
    end = tree.text.find("\n", place[0])
    end = len(tree.text) if end < 0 else end
    line = [each for each in tokens(tree) if start <= each.start and each.end <= end]
    at = next((index for index, each in enumerate(line) if each.end > place[0]), len(line))
    words, signs = _WORDS[language], _SIGNS[language]
    for index, token in enumerate(line):
        away = 0.02 * abs(index - at)
        title = f"`{token.text}`"
        if token.literal:
            yield from _quotes(token.start, token.end, token.text, away)
            continue
        if token.text in words or token.text in signs:
            for new in (*words.get(token.text, ()), *signs.get(token.text, ())):
                yield ((token.start, token.end, new),), f"Write `{new}` for {title}", 0.52 - away
        yield ((token.start, token.end, ""),), f"Leave out {title}", (0.4 if abs(index - at) <= 2 else 0.25) - away
        if (
            index + 1 < len(line)
            and not token.text[0].isalnum()
            and token.text not in ("(", ")", "{", "}", "[", "]", ".")
        ):
            operand = up(tree.at(line[index + 1].start), *_STATEMENTS)
            for stop in _ends(tree, line[index + 1].start, operand):
                put = ((token.start, token.end, ""), (stop, stop, token.text))
                yield put, f"Put {title} behind what it stands before", 0.5 - away
        if index and not token.text[0].isalnum() and token.text not in ("(", ")", "{", "}", "[", "]", ".", ";", ","):
            before = line[index - 1].start
            yield ((before, before, token.text), (token.start, token.end, "")), f"Put {title} before", 0.46 - away


def _quotes(start: int, end: int, text: str, away: float) -> Iterator[Change]:
    for one, two in (('"', "'"), ("'", '"'), ("`", '"'), ('"', "`")):
        if text[0] == text[-1] == one and len(text) > 2:
            yield ((start, end, f"{two}{text[1:-1]}{two}"),), f"Write {two}{text[1:-1]}{two}", 0.45 - away


def _ends(tree: Tree, start: int, outer: Node | None) -> list[int]:
    """Ends of the expressions that begin at a place."""
    node: Node | None = tree.at(start)
    found: list[int] = []
    while node is not None and node is not outer and tree.start(node) == start:
        found.append(tree.end(node))
        node = node.parent
    return list(dict.fromkeys(found))[:3]


def _valued(tree: Tree, nodes: list[Node], language: Compiled) -> Iterator[Change]:
    """A value where a ``return`` gives none: what the function's type begins with, and what is at hand."""
    for node in nodes[:3]:
        if node.type not in ("return_expression", "return_statement") or node.named_child_count:
            continue
        function = up(node, "function_item", "function_declaration", "method_declaration")
        if function is None:
            return
        end = tree.start(node) + len("return")
        if language == "rust":
            first = rust.usual(tree.field(function, "return_type"))
            names = rust.locals_at(tree, tree.start(node))
            kind = tree.field(function, "return_type")
        else:
            kind = tree.field(function, "result")
            first = {"string": '""', "bool": "false", "error": "nil"}.get(kind, "0" if kind in go.NUMBERS else "nil")
            names = go.locals_at(tree, tree.start(node))
        yield ((end, end, f" {first}"),), f"Return {first}", 0.54
        for name, known in names.items():
            yield ((end, end, f" {name}"),), f"Return `{name}`", 0.4 if known == kind else 0.28
        return


def _renamed(context: Context, tree: Tree, nodes: list[Node], language: Compiled) -> Iterator[Change]:
    """Another name of the file in the place of one: fields for fields, types for types, names for names."""
    del context
    for node in nodes[:4]:
        for leaf in [node] if node.type in _NAMES else [each for each in node.children if each.type in _NAMES]:
            old = tree.of(leaf)
            kind = {"shorthand_field_identifier": "field_identifier"}.get(leaf.type, leaf.type)
            known = {tree.of(each) for each in find(tree.root, kind)}
            if kind == "field_identifier":
                known = {tree.field(each, "name") for each in find(tree.root, "field_declaration")} | known
            if kind == "identifier":
                local = (
                    rust.locals_at(tree, tree.start(leaf))
                    if language == "rust"
                    else go.locals_at(tree, tree.start(leaf))
                )
                known = set(local)
            for name in sorted(known - {old, "", "_"})[:25]:
                prior = 0.3 + 0.25 * likeness(name, old)
                yield ((tree.start(leaf), tree.end(leaf), name),), f"Write `{name}` for `{old}`", prior


def _statements(context: Context, tree: Tree, nodes: list[Node], fault: Fault) -> Iterator[Change]:
    """A declaration that is there twice left out; a statement exchanged with its neighbour."""
    statement = next((each for each in nodes if each.type in _STATEMENTS), None)
    if statement is None or statement.parent is None:
        return
    start, end = tree.start(statement), tree.end(statement)
    head = tree.of(statement).partition("\n")[0][:50]
    twice = re.search(
        r"multiple times|more than once|redeclared|duplicate|already|twice|unused|never used", fault.message
    )
    if statement.type in ("use_declaration", "extern_crate_declaration", "import_declaration") or (
        twice and "\n" not in tree.of(statement)
    ):
        line = context.text.find("\n", end)
        begin = context.text.rfind("\n", 0, start) + 1
        yield ((begin, (line + 1) if line >= 0 else end, ""),), f"Leave out `{head}`", 0.52 if twice else 0.36
    for other, title in ((statement.next_named_sibling, "behind"), (statement.prev_named_sibling, "before")):
        if other is None or "comment" in other.type or other.type not in _STATEMENTS:
            continue
        one, two = (statement, other) if title == "behind" else (other, statement)
        between = tree.text[tree.end(one) : tree.start(two)]
        new = f"{tree.of(two)}{between}{tree.of(one)}"
        yield ((tree.start(one), tree.end(two), new),), f"Put `{head}` {title} its neighbour", 0.42
    if statement.type == "labeled_statement":
        yield from _label_moved(tree, statement)


def _label_moved(tree: Tree, statement: Node) -> Iterator[Change]:
    """A label put before the next loop."""
    label = tree.field(statement, "label")
    loop = next(
        (each for each in find(statement.parent, "for_statement") if each.start_byte > statement.start_byte), None
    )
    inner = statement.named_children[-1] if statement.named_child_count > 1 else None
    if loop is not None and label and inner is not None and inner is not loop:
        here = tree.start(loop)
        put = ((tree.start(statement), tree.start(inner), ""), (here, here, f"{label}:\n"))
        yield put, f"Put the label `{label}` before its loop", 0.6


def _owned(tree: Tree, nodes: list[Node], named: list[str], fault: Fault) -> Iterator[Change]:
    """A copy of its own, made before the statement, of what is borrowed for too short a time."""
    if not re.search(r"borrow|escape|lifetime|moved|outlive|live long", " ".join((fault.message, *fault.notes))):
        return
    for statement in _in_blocks(nodes[0] if nodes else None):
        start = tree.start(statement)
        indent = tree.text[tree.text.rfind("\n", 0, start) + 1 : start]
        if indent.strip():
            continue
        names = rust.locals_at(tree, tree.end(statement))
        for name in [each for each in (*named, *names) if each in names]:
            for rank, made in enumerate(("to_owned()", "clone()")):
                new = f"let {name} = {name}.{made};\n{indent}"
                prior = (0.58 if name in named else 0.4) - 0.04 * rank
                yield ((start, start, new),), f"Make a copy of `{name}` first", prior


def _in_blocks(node: Node | None) -> Iterator[Node]:
    """The statements, of one block after the other, that hold a node; up to the function's."""
    while node is not None and node.parent is not None and node.type != "function_item":
        if node.parent.type == "block":
            yield node
        node = node.parent
