from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from flask import redirect, request, url_for


def onwards():
    return redirect(request.args["next"])  # bad: open-redirect


def default():
    return redirect(request.args.get("next") or url_for("index"))  # bad: open-redirect


def a_path():
    target = request.args["next"]
    if not target.startswith("/") or target.startswith("//"):
        target = "/"
    return redirect(target)  # ok: open-redirect


def below_a_path():
    return redirect("/users/" + request.args["name"])  # ok: open-redirect


def leave(request):
    return HttpResponseRedirect(request.GET["to"])  # bad: open-redirect


def stay(request):
    target = request.GET["to"]
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    return HttpResponseRedirect(target)  # ok: open-redirect
