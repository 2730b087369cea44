# pyright: basic
# ruff: noqa: RUF001
"""Slips after which a program does not parse."""

from __future__ import annotations

import ast
import keyword
import random
import re
import token as kinds
from collections.abc import Callable, Iterator

from .common import Program, Tok, inside, misspelt, operator, shuffled, up

_OPENERS, _CLOSERS = "([{", ")]}"
_HEADS = {"if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class"}


def _tokens(program: Program, dice: random.Random, test: Callable[[Tok], object]) -> list[Tok]:
    found = [each for each in program.tokens if each.text and test(each)]
    dice.shuffle(found)
    return found


def _replacing(name: str, test: Callable[[Tok], object], *new: Callable[[Tok], str]) -> None:
    """An operator that replaces one token that passes a test."""

    def change(program: Program, dice: random.Random) -> Iterator[str]:
        for each in _tokens(program, dice, test):
            yield program.cut(each.start, each.end, dice.choice(new)(each))

    change.__name__ = name
    operator("syntax")(change)


def _op(text: str) -> Callable[[Tok], object]:
    return lambda each: each.kind not in {kinds.STRING, kinds.COMMENT} and each.text in text.split(" ")


def _word(text: str) -> Callable[[Tok], object]:
    return lambda each: each.kind == kinds.NAME and each.text in text.split(" ")


def _string(each: Tok) -> bool:
    return each.kind == kinds.STRING and not each.text.startswith(('"""', "'''", 'r"""')) and len(each.text) > 2


_replacing("dropped_closer", _op(") ] }"), lambda each: "")
_replacing("dropped_opener", _op("( [ {"), lambda each: "")
_replacing("doubled_bracket", _op("( ) [ ] { }"), lambda each: each.text * 2)
_replacing(
    "wrong_bracket",
    _op("( ) [ ] { }"),
    lambda each: {")": "]", "]": ")", "}": ")", "(": "[", "[": "(", "{": "("}[each.text],
)
_replacing("dropped_end_quote", _string, lambda each: each.text[:-1])
_replacing("dropped_start_quote", _string, lambda each: each.text[1:])
_replacing("other_end_quote", _string, lambda each: each.text[:-1] + ("'" if each.text[-1] == '"' else '"'))
_replacing("doubled_quote", _string, lambda each: each.text + each.text[-1])
_replacing("smart_quotes", _string, lambda each: re.sub(r"^(\w*).(.*).$", r"\1“\2”", each.text))
_replacing("smart_single_quotes", _string, lambda each: re.sub(r"^(\w*).(.*).$", r"\1‘\2’", each.text))
_replacing("inner_quote", _string, lambda each: each.text[:2] + each.text[-1] + each.text[2:])
_replacing(
    "unfinished_triple_quote", lambda each: each.kind == kinds.STRING and each.text.endswith('"""'),
    lambda each: each.text[:-3], lambda each: each.text[:-1],
)  # fmt: skip
_replacing("doubled_colon", _op(":"), lambda each: "::")
_replacing("dropped_comma", _op(","), lambda each: "")
_replacing("doubled_comma", _op(","), lambda each: ",,")
_replacing("comma_as_dot", _op(","), lambda each: ".")
_replacing("comma_as_semicolon", _op(","), lambda each: ";")
_replacing("dropped_operator", _op("+ - * / // % ** == != <= >= < > += -= |"), lambda each: "")
_replacing("dropped_assignment", _op("="), lambda each: "")
_replacing("split_operator", _op("== != <= >= += -= // ** ->"), lambda each: " ".join(each.text))
_replacing("swapped_operator", _op("<= >= != "), lambda each: each.text[::-1])
_replacing("tripled_equals", _op("== !="), lambda each: each.text + "=")
_replacing("angle_not_equal", _op("!="), lambda each: "<>")
_replacing("dropped_in", _word("in"), lambda each: "")
_replacing("dropped_as", _word("as"), lambda each: "")
_replacing("dropped_import", _word("import"), lambda each: "")
_replacing("dropped_def", _word("def class"), lambda each: "")
_replacing("dropped_if_of_choice", _word("if else"), lambda each: "")
_replacing("dropped_lambda", _word("lambda"), lambda each: "")
_replacing("dropped_logic_word", _word("and or not is"), lambda each: "")
_replacing(
    "keyword_typo",
    lambda each: each.kind == kinds.NAME and keyword.iskeyword(each.text),
    lambda each: misspelt(each.text, random.Random(each.start)),
)
_replacing(
    "keyword_case",
    lambda each: each.kind == kinds.NAME and keyword.iskeyword(each.text) and each.text.islower(),
    lambda each: each.text.title(),
    lambda each: each.text.upper(),
)
_replacing(
    "doubled_keyword",
    lambda each: each.kind == kinds.NAME and keyword.iskeyword(each.text) and each.text != "not",
    lambda each: f"{each.text} {each.text}",
)
_replacing("c_logic", _word("and or not"), lambda each: {"and": "&&", "or": "||", "not": "!"}[each.text])
_replacing(
    "foreign_keyword",
    _word("elif def except raise import class lambda"),
    lambda each: {
        "elif": "elsif" if each.start % 2 else "elseif",
        "def": ("function", "func", "fn")[each.start % 3],
        "except": "catch",
        "raise": "throw",
        "import": "include",
        "class": "struct",
        "lambda": "fn",
    }[each.text],
)
_replacing("else_if", _word("elif"), lambda each: "else if")
_replacing("full_width", _op(", ( ) : ;"), lambda each: {",": "，", "(": "（", ")": "）", ":": "："}[each.text])
_replacing("unicode_operator", _op("- * / <= >= !="), lambda each: {
    "-": "−", "*": "×", "/": "÷", "<=": "≤", ">=": "≥", "!=": "≠"}[each.text])  # fmt: skip
_replacing("no_break_space", _op("= == + , return"), lambda each: each.text + "\u00a0")
_replacing("zero_width_space", _op("= ( ) : ,"), lambda each: each.text + "\u200b")
_replacing("stray_character", _op("= ( ) , ."), lambda each: each.text + "$", lambda each: each.text + "?")
_replacing("comment_of_c", lambda each: each.kind == kinds.COMMENT, lambda each: "//" + each.text[1:])
_replacing("equals_in_call", _op("="), lambda each: ":")
_replacing("walrus_for_equals", _op("="), lambda each: ":=")


@operator("syntax")
def single_equals(program: Program, dice: random.Random) -> Iterator[str]:
    for each in _tokens(program, dice, _op("==")):
        yield program.cut(each.start, each.end, "=")


def _headers(program: Program, dice: random.Random) -> list[tuple[Tok, Tok]]:
    """(first word, colon) of compound statements."""
    found: list[tuple[Tok, Tok]] = []
    depth, first, fresh = 0, None, True
    lambdas = 0
    for each in program.tokens:
        if each.kind in {kinds.NEWLINE, kinds.INDENT, kinds.DEDENT, kinds.NL, kinds.COMMENT}:
            fresh = fresh or each.kind == kinds.NEWLINE
            continue
        if fresh:
            first, fresh, depth, lambdas = each, False, 0, 0
        lambdas += each.text == "lambda" and depth == 0
        depth += (each.text in _OPENERS) - (each.text in _CLOSERS) if each.kind != kinds.STRING and each.text else 0
        if each.text == ":" and depth == 0 and first is not None and first.text in _HEADS | {"async"}:
            if lambdas:
                lambdas -= 1
                continue
            found.append((first, each))
            first = None
    dice.shuffle(found)
    return found


def _header(name: str, new: Callable[[Program, Tok, Tok], str | None]) -> None:
    def change(program: Program, dice: random.Random) -> Iterator[str]:
        for first, colon in _headers(program, dice):
            text = new(program, first, colon)
            if text is not None:
                yield text

    change.__name__ = name
    operator("syntax")(change)


def _braces(program: Program, _first: Tok, colon: Tok) -> str | None:
    return program.cut(colon.start, colon.end, " {") if program.text[colon.end] == "\n" else None


def _no_body(program: Program, _first: Tok, colon: Tok) -> str | None:
    row = colon.line + 1
    body = program.lines[row] if row < len(program.lines) else ""
    if body.strip() in {"pass", "..."}:
        return program.text[: program.starts[row]] + program.text[program.starts[row + 1] :]
    return None


_header("dropped_colon", lambda program, _, colon: program.cut(colon.start, colon.end))
_header("colon_as_semicolon", lambda program, _, colon: program.cut(colon.start, colon.end, ";"))
_header("colon_as_comma", lambda program, _, colon: program.cut(colon.start, colon.end, ","))
_header("brace_for_colon", _braces)
_header("arrow_for_colon", lambda program, _, colon: program.cut(colon.start, colon.end, " =>"))
_header("then_word", lambda program, first, colon: program.cut(colon.start, colon.end, " then")
        if first.text in {"if", "elif"} else None)  # fmt: skip
_header("do_word", lambda program, first, colon: program.cut(colon.start, colon.end, " do")
        if first.text in {"for", "while"} else None)  # fmt: skip
_header("missing_body", _no_body)
_header("condition_of_else", lambda program, first, colon: program.cut(first.start, first.end, "else")
        if first.text == "elif" else None)  # fmt: skip
_header("stray_semicolon_in_header", lambda program, _, colon: program.cut(colon.start, colon.start, ";"))


def _statements(program: Program, dice: random.Random, kind: type[ast.stmt] = ast.stmt) -> list[ast.stmt]:
    found = [node for node in ast.walk(program.tree) if isinstance(node, kind)]
    return shuffled(found, dice)


def _shifted(program: Program, first: int, last: int, new: Callable[[str], str]) -> str:
    lines = list(program.lines)
    for row in range(first, last + 1):
        if lines[row].strip():
            lines[row] = new(lines[row])
    return "\n".join(lines)


@operator("syntax")
def extra_indent(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice):
        wide = dice.choice([" ", "    ", "  "])
        yield _shifted(program, node.lineno - 1, node.lineno - 1, lambda line, wide=wide: wide + line)


@operator("syntax")
def lost_indent(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice):
        if node.col_offset:
            yield _shifted(program, node.lineno - 1, node.lineno - 1, lambda line: line.lstrip())


@operator("syntax")
def lost_indent_of_body(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and body[0].lineno > node.lineno:
            yield _shifted(program, body[0].lineno - 1, (body[-1].end_lineno or 0) - 1, lambda line: line[4:])


@operator("syntax")
def partial_dedent(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice):
        if node.col_offset:
            less = dice.choice([1, 2, 3])
            yield _shifted(program, node.lineno - 1, node.lineno - 1, lambda line, less=less: line[less:])


@operator("syntax")
def tab_for_spaces(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice):
        if node.col_offset:
            yield _shifted(program, node.lineno - 1, node.lineno - 1, lambda line: line.replace("    ", "\t"))


@operator("syntax")
def merged_lines(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice):
        end = program.at(node.end_lineno or 0, node.end_col_offset or 0)
        match = re.compile(r"\n[ \t]*(?=\S)").match(program.text, end)
        if match and not hasattr(node, "body"):
            yield program.cut(match.start(), match.end(), " ")


@operator("syntax")
def split_line(program: Program, dice: random.Random) -> Iterator[str]:
    for each in _tokens(program, dice, _op("= + == and or , . in return")):
        yield program.cut(each.end, each.end, "\n")


@operator("syntax")
def increment(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice, ast.AugAssign):
        assert isinstance(node, ast.AugAssign)
        if isinstance(node.value, ast.Constant) and node.value.value == 1:
            sign = "++" if isinstance(node.op, ast.Add) else "--"
            yield program.put(node, program.source(node.target) + sign)


@operator("syntax")
def ternary(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([node for node in ast.walk(program.tree) if isinstance(node, ast.IfExp)], dice):
        test, yes, no = (program.source(each) for each in (node.test, node.body, node.orelse))
        yield program.put(node, f"{test} ? {yes} : {no}")


@operator("syntax")
def typed_declaration(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice, ast.Assign):
        assert isinstance(node, ast.Assign)
        if isinstance(node.targets[0], ast.Name):
            start = program.span(node)[0]
            yield program.cut(start, start, dice.choice(["let ", "var ", "const ", "int ", "auto "]))


@operator("syntax")
def new_instance(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([node for node in ast.walk(program.tree) if isinstance(node, ast.Call)], dice):
        if isinstance(node.func, ast.Name) and node.func.id[0].isupper():
            start = program.span(node)[0]
            yield program.cut(start, start, "new ")


@operator("syntax")
def python2_print(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice, ast.Return):
        assert isinstance(node, ast.Return)
        if node.value is not None:
            start = program.span(node)[0]
            shown = program.source(node.value).split("\n")[0]
            indent = " " * node.col_offset
            if "(" not in shown and "[" not in shown:
                yield program.cut(start, start, f"print {shown}\n{indent}")


@operator("syntax")
def python2_except(program: Program, dice: random.Random) -> Iterator[str]:
    for node in ast.walk(program.tree):
        if isinstance(node, ast.ExceptHandler) and node.name and node.type is not None:
            end = program.span(node.type)[1]
            yield program.cut(end, end + len(" as "), ", ")


@operator("syntax")
def python2_raise(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice, ast.Raise):
        assert isinstance(node, ast.Raise)
        if isinstance(node.exc, ast.Call) and len(node.exc.args) == 1:
            yield program.put(node.exc, f"{program.source(node.exc.func)}, {program.source(node.exc.args[0])}")


@operator("syntax")
def python2_literals(program: Program, dice: random.Random) -> Iterator[str]:
    for each in _tokens(program, dice, lambda each: each.kind == kinds.NUMBER and each.text.isdigit()):
        yield program.cut(each.start, each.end, each.text + "L")
        if int(each.text) in range(1, 8):
            yield program.cut(each.start, each.end, "0" + each.text)


@operator("syntax")
def backticks(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([node for node in ast.walk(program.tree) if isinstance(node, ast.Call)], dice):
        if isinstance(node.func, ast.Name) and node.func.id in {"str", "repr"} and len(node.args) == 1:
            yield program.put(node, f"`{program.source(node.args[0])}`")


@operator("syntax")
def field_brace(program: Program, dice: random.Random) -> Iterator[str]:
    for each in _tokens(program, dice, lambda each: each.kind == kinds.STRING and each.text[:1] in "fF"):
        for place in shuffled([i for i, char in enumerate(each.text) if char in "{}"], dice):  # type: ignore[type-var]
            yield program.cut(each.start + place, each.start + place + 1)


@operator("syntax")
def nested_field_quote(program: Program, dice: random.Random) -> Iterator[str]:
    for each in _tokens(program, dice, lambda each: each.kind == kinds.STRING and each.text[:1] in "fF"):
        match = re.search(r"\{(\w[\w.]*)\[?", each.text)
        quote = each.text[-1]
        inner = "'" if quote == '"' else '"'
        if match and inner in each.text:
            yield program.cut(each.start, each.end, each.text.replace(inner, quote))


@operator("syntax")
def outside_function(program: Program, dice: random.Random) -> Iterator[str]:
    """``return`` or ``yield`` at the margin, ``break`` or ``continue`` outside of its loop, ``await`` without async."""
    for node in _statements(program, dice, ast.Return):
        yield _shifted(program, node.lineno - 1, (node.end_lineno or 0) - 1, lambda line: line.lstrip())


@operator("syntax")
def lost_async(program: Program, dice: random.Random) -> Iterator[str]:
    for each in _tokens(program, dice, _word("async")):
        yield program.cut(each.start, each.end + 1)


@operator("syntax")
def default_before_plain(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, ast.FunctionDef)], dice):
        plain = node.args.args[: len(node.args.args) - len(node.args.defaults)]
        rest = node.args.args[len(plain) :]
        if node.args.defaults and plain and plain[-1].arg not in {"self", "cls"} and not rest[0].annotation:
            first = plain[-1]
            start = program.at(first.lineno, first.col_offset)
            end = program.span(node.args.defaults[0])[1]
            yield program.cut(start, end, f"{program.text[program.at(rest[0].lineno, rest[0].col_offset):end]}, "
                              f"{first.arg}")  # fmt: skip


@operator("syntax")
def keyword_before_plain(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, ast.Call)], dice):
        if node.args and node.keywords and node.keywords[0].arg:
            first, last = program.span(node.args[-1])[0], program.span(node.keywords[0].value)[1]
            plain = program.source(node.args[-1])
            label = f"{node.keywords[0].arg}={program.source(node.keywords[0].value)}"
            yield program.cut(first, last, f"{label}, {plain}")


@operator("syntax")
def keyword_as_name(program: Program, dice: random.Random) -> Iterator[str]:
    names = [n.id for n in ast.walk(program.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    for name in shuffled(sorted(set(names)), dice):  # type: ignore[type-var]
        word = dice.choice(["class", "from", "lambda", "import", "pass", "global", "is"])
        if inside_function(program, name):
            yield re.sub(rf"(?<![\w.'\"]){name}(?![\w'\"])", word, program.text)


def inside_function(program: Program, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name and inside(n, ast.FunctionDef) for n in ast.walk(program.tree))


@operator("syntax")
def blank_in_name(program: Program, dice: random.Random) -> Iterator[str]:
    for each in _tokens(program, dice, lambda each: each.kind == kinds.NAME and "_" in each.text.strip("_")):
        place = each.text.strip("_").index("_") + 1
        yield program.cut(each.start, each.end, each.text[: place - 1] + dice.choice([" ", "-"]) + each.text[place:])


@operator("syntax")
def pasted_prompt(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice):
        start = program.starts[node.lineno - 1]
        mark = dice.choice([">>> ", "+", "... "])
        yield program.cut(start, start, mark)


@operator("syntax")
def pasted_fence(program: Program, dice: random.Random) -> Iterator[str]:
    yield f"```python\n{program.text}```\n"
    yield f"{program.text}```\n"


@operator("syntax")
def conflict_markers(program: Program, dice: random.Random) -> Iterator[str]:
    for node in _statements(program, dice, ast.Return):
        row = node.lineno - 1
        start, end = program.starts[row], program.starts[node.end_lineno or 0]
        ours = program.text[start:end]
        yield program.cut(start, end, f"<<<<<<< HEAD\n{ours}=======\n{ours}>>>>>>> topic\n")


@operator("syntax")
def lost_parentheses_of_def(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, ast.FunctionDef)], dice):
        if not node.args.args and not node.args.vararg:
            place = program.text.index("()", program.span(node)[0])
            yield program.cut(place, place + 2)


@operator("syntax")
def lost_comment_sign(program: Program, dice: random.Random) -> Iterator[str]:
    for each in _tokens(program, dice, lambda each: each.kind == kinds.COMMENT and len(each.text.split()) > 2):
        yield program.cut(each.start, each.start + 2)


@operator("syntax")
def star_order(program: Program, dice: random.Random) -> Iterator[str]:
    for match in re.finditer(r"\*(args|\w+), (\*\*\w+)", program.text):
        yield program.cut(match.start(), match.end(), f"{match[2]}, *{match[1]}")


@operator("syntax")
def elif_after_else(program: Program, dice: random.Random) -> Iterator[str]:
    for node in shuffled([n for n in ast.walk(program.tree) if isinstance(n, ast.If)], dice):
        head = program.text[program.span(node)[0] :][:4]
        if node.orelse and head.startswith("if") and not isinstance(up(node), ast.If):
            start = program.span(node)[0]
            yield program.cut(start, start + 2, "elif")
