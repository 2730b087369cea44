from flask import request


def change(user):
    for name, value in request.form.items():
        setattr(user, name, value)  # bad: mass-assignment


def change_name(user):
    setattr(user, "name", request.form["name"])  # ok: mass-assignment


def create(manager):
    manager.create(**request.get_json())  # bad: mass-assignment
    manager.create(name=request.get_json()["name"])  # ok: mass-assignment


def by_form(model, form):
    model.objects.create(**form.cleaned_data)  # ok: mass-assignment
