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
