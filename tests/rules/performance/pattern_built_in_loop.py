import re

WORD = r"\w+"


def joined(lines, words):
    for line in lines:
        if re.search("|".join(re.escape(word) for word in words), line):  # bad: pattern-built-in-loop
            print(line)


def formatted(lines, prefix):
    for line in lines:
        if re.match(f"^{prefix}:", line):  # bad: pattern-built-in-loop
            print(line)


def compiled(lines, pattern):
    for line in lines:
        if re.compile(pattern).match(line):  # bad: pattern-built-in-loop
            print(line)


def literal(lines):
    for line in lines:
        if re.match(r"ab\d+$", line):  # ok: pattern-built-in-loop
            print(line)


def constant(lines):
    for line in lines:
        if re.compile(WORD).match(line):  # bad: pattern-built-in-loop
            print(line)


def written_down(lines):
    for line in lines:
        word = re.compile(r"\d+", re.IGNORECASE | re.ASCII)  # bad: pattern-built-in-loop
        print(word.findall(line))


def seldom(lines):
    for line in lines:
        if line.startswith("#"):
            print(re.compile(r"\d+").findall(line))  # ok: pattern-built-in-loop


def changes(lines, prefix):
    for line in lines:
        if re.match(f"^{prefix}{line}:", line):  # ok: pattern-built-in-loop
            print(line)


def before_the_loop(lines, words):
    pattern = re.compile("|".join(words))  # ok: pattern-built-in-loop
    return [line for line in lines if pattern.search(line)]
