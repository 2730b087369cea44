from .shapes import Circle, Number, Product, Square, Sum, Triangle


def outline(shape):
    match shape:
        case Circle():  # bad: type-switch
            return "round"
        case Square():
            return "four sides"
        case Triangle():
            return "three sides"


def describe(shape):
    if isinstance(shape, (Circle, Square)):
        return "symmetric"
    if isinstance(shape, Triangle):
        return "pointed"


def kind_of_all(values):
    for value in values:
        if isinstance(value, str):  # ok: type-switch
            yield "text"
        elif isinstance(value, int):
            yield "number"
        elif isinstance(value, list):
            yield "list"


def text_of(node):
    if isinstance(node, Number):  # ok: type-switch
        return "1"
    if isinstance(node, Sum):
        return "+"
    if isinstance(node, Product):
        return "*"


def depth_of(node):
    if isinstance(node, (Number, Sum, Product)):  # ok: type-switch
        return 1
    return "text" if isinstance(node, str) else 0
