import markdown
from django.utils.safestring import mark_safe
from flask import Flask, Response, jsonify, make_response, render_template, request
from markupsafe import Markup, escape

app = Flask(__name__)


@app.get("/hello")
def hello():
    return f"<h1>Hello {request.args['name']}</h1>"  # bad: cross-site-scripting


@app.get("/escaped")
def escaped():
    return f"<h1>Hello {escape(request.args['name'])}</h1>"  # ok: cross-site-scripting


@app.get("/data")
def data():
    return jsonify(name=request.args["name"])  # ok: cross-site-scripting


@app.get("/text")
def text():
    return Response(request.args["name"], mimetype="text/plain")  # ok: cross-site-scripting


@app.get("/later")
def later():
    response = make_response(request.args["name"])  # ok: cross-site-scripting
    response.mimetype = "text/plain"
    return response


@app.get("/page")
def page():
    return make_response("<p>" + request.args["name"])  # bad: cross-site-scripting


@app.get("/template")
def template():
    shown = Markup("<b>%s</b>" % request.args["name"])  # bad: cross-site-scripting
    return render_template("page.html", name=request.args["name"], shown=shown)  # ok: cross-site-scripting


def marked(request):
    return mark_safe(request.GET["text"])  # bad: cross-site-scripting


def marked_literal():
    return mark_safe("<hr>")  # ok: cross-site-scripting


class CleanExtension(markdown.extensions.Extension):
    def __init__(self, tags):
        self.tags = tags


@app.get("/noted")
def noted():
    extensions = ["markdown.extensions.nl2br", CleanExtension({"b"})]
    return markdown.markdown(request.args["text"], extensions=extensions)  # ok: cross-site-scripting


@app.get("/tables")
def tables():
    return markdown.markdown(request.args["text"], extensions=["tables"])  # bad: cross-site-scripting
