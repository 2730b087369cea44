"""Components on numbers and truth values."""
# ruff: noqa: E501
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# A table: a row a line, and meanings that take whatever the patterns beside them let through.

from __future__ import annotations

import math
from typing import Any

from .components import ADD, AND, COMPARE, MAX_NUMBER, MULTIPLY, NOT, OR, POWER, UNARY, component


def _power(base: Any, exponent: Any) -> Any:
    if abs(exponent) > 64 or (abs(base) > 1 and abs(base) ** min(abs(exponent), 64) > MAX_NUMBER):
        raise OverflowError("too large to try")
    return base**exponent


def _factorial(n: int) -> int:
    if not 0 <= n <= 15:
        raise OverflowError("too large to try")
    return math.factorial(n)


def _fibonacci(n: int) -> int:
    if not 0 <= n <= 70:
        raise OverflowError("too large to try")
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
          (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip


def _roman(n: int) -> str:
    if not 0 < n < 4000:
        raise OverflowError("no Roman numeral")
    result = ""
    for value, numeral in _ROMAN:
        result += numeral * (n // value)
        n %= value
    return result


def _fibonacci_block(name: str, args: list[str]) -> list[str]:
    return [f"{name}, following = 0, 1", f"for _ in range({args[0]}):",
            f"    {name}, following = following, {name} + following"]  # fmt: skip


def _roman_block(name: str, args: list[str]) -> list[str]:
    pairs = ", ".join(f'({value}, "{numeral}")' for value, numeral in _ROMAN)
    wrapped = [f"    {pair})," for pair in pairs.removesuffix(")").split("), ")]
    return ["numerals = (", *wrapped, ")", f'{name}, rest = "", {args[0]}', "for value, numeral in numerals:",
            f"    {name} += numeral * (rest // value)", "    rest %= value"]  # fmt: skip


NUMBERS = (
    component("add", "num num", lambda a, b: a + b, "{0s} + {1m}", strength=ADD, words="sum add plus total"),
    component("add_k", "num @num", lambda a, b: a + b, "{0s} + {1m}", strength=ADD, words="add plus increment offset"),
    component("sub", "num num", lambda a, b: a - b, "{0s} - {1m}", strength=ADD, words="subtract minus difference"),
    component("sub_k", "num @num", lambda a, b: a - b, "{0s} - {1m}", strength=ADD, words="subtract minus decrement"),
    component("mul", "num num", lambda a, b: a * b, "{0m} * {1u}", strength=MULTIPLY,
              words="multiply product times area square"),
    component("mul_k", "num @num", lambda a, b: a * b, "{0m} * {1u}", strength=MULTIPLY,
              words="multiply times double triple percent convert"),
    component("div", "num num", lambda a, b: a / b, "{0m} / {1u}", strength=MULTIPLY, cost=2,
              words="divide ratio average mean per"),
    component("div_k", "num @num", lambda a, b: a / b, "{0m} / {1u}", strength=MULTIPLY, cost=4,
              words="divide half percent convert"),
    component("floordiv", "int int", lambda a, b: a // b, "{0m} // {1u}", strength=MULTIPLY, cost=4, words="quotient"),
    component("floordiv_k", "int @int", lambda a, b: a // b, "{0m} // {1u}", strength=MULTIPLY, cost=4,
              words="half quotient minutes hours"),
    component("mod", "int int", lambda a, b: a % b, "{0m} % {1u}", strength=MULTIPLY, cost=3,
              words="remainder modulo divisible prime divisor divisors factor factors multiple"),
    component("mod_k", "int @int", lambda a, b: a % b, "{0m} % {1u}", strength=MULTIPLY, cost=3,
              words="remainder modulo even odd divisible leap fizz"),
    component("pow", "num num", _power, "{0a} ** {1u}", strength=POWER, cost=3, words="power exponent raise"),
    component("square", "num", lambda a: _power(a, 2), "{0a} ** 2", strength=POWER, cost=3, words="square squares squared"),
    component("cube", "num", lambda a: _power(a, 3), "{0a} ** 3", strength=POWER, cost=4, words="cube cubes cubed"),
    component("neg", "num", lambda a: -a, "-{0u}", strength=UNARY, cost=3, words="negate descending negative"),
    component("abs", "num", abs, "abs({0})", cost=3, words="absolute distance difference magnitude"),
    component("round", "float", round, "round({0})", cost=3, words="round nearest"),
    component("round_k", "float @digits", round, "round({0}, {1})", cost=3, words="round decimals places average mean"),
    component("to_float", "int", float, "float({0})", cost=4, words="float"),
    component("truncate", "float", int, "int({0})", cost=4, words="integer truncate whole"),
    component("min2", "num num", min, "min({0}, {1})", cost=2, words="min minimum clamp smaller smallest limit"),
    component("max2", "num num", max, "max({0}, {1})", cost=2, words="max maximum clamp larger largest"),
    component("min_k", "num @num", min, "min({0}, {1})", cost=3, words="limit cap most"),
    component("max_k", "num @num", max, "max({0}, {1})", cost=3, words="least positive relu"),
    component("gcd", "int int", math.gcd, "math.gcd({0}, {1})", cost=4, imports="import math", words="gcd divisor common"),
    component("lcm", "int int", math.lcm, "math.lcm({0}, {1})", cost=5, imports="import math", words="lcm multiple common"),
    component("isqrt", "int", math.isqrt, "math.isqrt({0})", cost=5, imports="import math", words="root square perfect"),
    component("sqrt", "num", math.sqrt, "math.sqrt({0})", cost=4, imports="import math",
              words="root square hypotenuse distance"),
    component("ceil", "float", math.ceil, "math.ceil({0})", cost=5, imports="import math", words="ceil up ceiling"),
    component("factorial", "int", _factorial, "math.factorial({0})", cost=4, imports="import math", words="factorial"),
    component("fibonacci", "int", _fibonacci, "", cost=5, words="fibonacci fib", block=_fibonacci_block,
              block_name="current"),
    component("roman", "int", _roman, "", cost=5, words="roman numeral", block=_roman_block),
    component("divmod", "int @int", divmod, "divmod({0}, {1})", cost=4, words="minutes hours remainder split"),
    component("eq", "num num", lambda a, b: a == b, "{0c} == {1c}", strength=COMPARE, words="equal same palindrome"),
    component("eq_k", "num @num", lambda a, b: a == b, "{0c} == {1c}", strength=COMPARE, words="even divisible zero"),
    component("ne_k", "num @num", lambda a, b: a != b, "{0c} != {1c}", strength=COMPARE, cost=3, words="odd not"),
    component("lt", "num num", lambda a, b: a < b, "{0c} < {1c}", strength=COMPARE, cost=3, words="less below smaller"),
    component("le", "num num", lambda a, b: a <= b, "{0c} <= {1c}", strength=COMPARE, cost=3, words="sorted most"),
    component("gt_k", "num @num", lambda a, b: a > b, "{0c} > {1c}", strength=COMPARE,
              words="positive greater more above over longer duplicates than"),
    component("lt_k", "num @num", lambda a, b: a < b, "{0c} < {1c}", strength=COMPARE, words="negative less below under than"),
    component("ge_k", "num @num", lambda a, b: a >= b, "{0c} >= {1c}", strength=COMPARE, cost=3, words="least adult from"),
    component("eq_str", "str str", lambda a, b: a == b, "{0c} == {1c}", strength=COMPARE,
              words="equal same palindrome anagram reads"),
    component("eq_str_k", "str @str", lambda a, b: a == b, "{0c} == {1c}", strength=COMPARE, cost=3, words="equal"),
    component("eq_list", "list list", lambda a, b: a == b, "{0c} == {1c}", strength=COMPARE,
              words="equal same palindrome anagram sorted"),
    component("eq_set", "set set", lambda a, b: a == b, "{0c} == {1c}", strength=COMPARE, cost=3, words="anagram same"),
    component("subset", "set set", lambda a, b: a <= b, "{0c} <= {1c}", strength=COMPARE, cost=3,
              words="subset pangram all contains"),
    component("not", "bool", lambda a: not a, "not {0n}", strength=NOT, words="not remove without except no isn"),
    component("and", "bool bool", lambda a, b: a and b, "{0n} and {1n}", strength=AND, cost=2, words="and both between"),
    component("or", "bool bool", lambda a, b: a or b, "{0n} or {1n}", strength=OR, cost=3, words="or either"),
)  # fmt: skip
