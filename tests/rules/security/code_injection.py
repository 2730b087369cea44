import ast

from flask import request


def formula():
    return eval(request.args["formula"])  # bad: code-injection


def built():
    exec(f"{request.args['name']} = 1")  # bad: code-injection


def parameter(expression):
    return eval(expression)  # ok: code-injection


def literal():
    return eval("2 ** 10")  # ok: code-injection


def data(text):
    return ast.literal_eval(text)  # ok: code-injection


def own_code(tree):
    code = compile(tree, "<template>", "exec")  # ok: code-injection
    exec(code, {})  # ok: code-injection


class Query:
    def run(self, frame):
        return frame.eval("a + b")  # ok: code-injection


def rows_of_a_frame(frame, table):
    asked = request.args["filter"]
    frame.query(asked, engine="python", local_dict={})  # bad: code-injection
    table.query(asked)  # ok: code-injection
    frame.query("price > @limit", local_dict={"limit": asked})  # ok: code-injection
