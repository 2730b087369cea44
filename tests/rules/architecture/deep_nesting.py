def find(cookies, name, domain, path):  # bad: deep-nesting
    for cookie in cookies:
        if cookie.name == name:
            if domain is None or cookie.domain == domain:
                if path is None or cookie.path == path:
                    if cookie.value:
                        return cookie.value
    return None


def textbook(matrix, other):  # ok: deep-nesting
    for row in matrix:
        for column in other:
            for cell in row:
                for value in column:
                    if cell == value:
                        return value
    return None


def flat(rows):  # ok: deep-nesting
    for row in rows:
        if row:
            return row
    return None


def many_cases(kind):  # ok: deep-nesting
    if kind == 1:
        return "a"
    elif kind == 2:
        return "b"
    elif kind == 3:
        return "c"
    elif kind == 4:
        return "d"
    elif kind == 5:
        return "e"
    else:
        return "f"


def far_too_deep(files, patterns):  # bad: deep-nesting
    for file in files:
        with open(file) as lines:
            for line in lines:
                for pattern in patterns:
                    found = pattern.match(line)
                    if found:
                        print(line)
                        if found.group(1) not in patterns:
                            for each in found.groups():
                                if each:
                                    print(each)


def deep_but_only_loops(table, spans, rules):  # ok: deep-nesting
    for span in spans:
        for start in table:
            for part in range(span):
                for left in table[start]:
                    for right in table[part]:
                        for rule in rules:
                            for each in rule(left, right):
                                print(each)
