# pyright: basic, reportAttributeAccessIssue=false, reportGeneralTypeIssues=false
"""Runs inside the sandbox, in the workspace's interpreter: calls two versions of a function on made-up databases.

Reads one JSON object on stdin and prints another behind ``\\n\\0``: ``{"inputs", "reached", "queries", "speed"}``
(``queries``: rows of [size, before, after]; ``speed``: [size, seconds before, seconds after]) or ``{"reason"}``.

Invariant: needs nothing but the standard library and Django; the tables are in memory, and each call is rolled back.
"""

import datetime
import decimal
import importlib
import importlib.util
import inspect
import json
import os
import pathlib
import random
import re
import sys
import time
import types
import uuid

#: Rows of each table, and how often each size is tried with other rows; the size that is timed.
SIZES = (0, 1, 2, 3, 5, 8, 12)
TIMES = 3
LARGE = 150
#: Fewest databases on which fewer questions were asked.
LEAST = 8
_UTC = datetime.timezone(datetime.timedelta(0))
#: How deep apps are looked for.
DEPTH = 3


class NotProven(Exception):
    """The text says why."""


def main():
    given = json.loads(sys.stdin.read())
    try:
        answer = prove(given)
    except NotProven as error:
        answer = {"reason": str(error)}
    print("\n\0" + json.dumps(answer))


def prove(given):
    if importlib.util.find_spec("django") is None:
        raise NotProven("Django is not installed here")
    sys.path.insert(0, given["root"])
    sys.path.insert(0, given["workspace"])
    try:
        open_django(given)
        old, new = versions(given)
    except NotProven:
        raise
    except Exception as error:
        raise NotProven(f"its models cannot be loaded: {type(error).__name__}: {error}") from error
    tables = make_tables()
    inputs, reached, queries = 0, 0, []
    for size in SIZES:
        for attempt in range(TIMES):
            was, now = both(tables, old, new, size, f"{given['seed']} {size} {attempt}")
            if was[0] != now[0]:
                raise NotProven(f"differs on a database of {size} rows a table: {shortly(was[0])} / {shortly(now[0])}")
            if now[1] > was[1] + 1:
                raise NotProven(f"asks more: {was[1]} → {now[1]} queries at {size} rows a table")
            inputs += 1
            reached += now[1] < was[1]
    if reached < LEAST:
        raise NotProven(f"asked fewer questions on {reached} of {inputs} databases only")
    was, now = both(tables, old, new, LARGE, str(given["seed"]))
    if was[0] != now[0]:
        raise NotProven(f"differs on a database of {LARGE} rows a table")
    queries.append([LARGE, was[1], now[1]])
    return {"inputs": inputs, "reached": reached, "queries": queries, "speed": [LARGE, was[2], now[2]]}


def shortly(result):
    text = repr(result[0])
    return text if len(text) < 120 else text[:119] + "…"


# -- Django and the two versions


def open_django(given):
    """Django with the workspace's own settings, or with the apps that are found; its database is in memory."""
    import django
    from django.conf import settings

    database = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    manage = pathlib.Path(given["workspace"], "manage.py")
    named = (
        re.search(r"DJANGO_SETTINGS_MODULE['\"]\s*,\s*['\"]([\w.]+)", manage.read_text()) if manage.exists() else None
    )
    if named:
        os.environ["DJANGO_SETTINGS_MODULE"] = named[1]
        settings.DATABASES = database
        settings.DATABASE_ROUTERS = []
    else:
        settings.configure(
            INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", *apps_below(given["root"])],
            DATABASES=database,
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
            USE_TZ=True,
            SECRET_KEY="made for this process",
        )
    django.setup()


def apps_below(root):
    """Packages with models, by their dotted names."""
    found = []
    for path in sorted(pathlib.Path(root).rglob("models.py")) + sorted(pathlib.Path(root).rglob("models/__init__.py")):
        package = path.parent.parent if path.name == "__init__.py" else path.parent
        parts = package.relative_to(root).parts
        if parts and len(parts) <= DEPTH and (package / "__init__.py").exists():
            found.append(".".join(parts))
    return list(dict.fromkeys(found))


def versions(given):
    """The function before and after, each of a module of its own over the same models."""
    path = pathlib.Path(given["path"])
    for base in (given["root"], given["workspace"]):
        if pathlib.Path(base) in path.parents:
            name = ".".join(path.relative_to(base).with_suffix("").parts)
            break
    else:
        raise NotProven("the file lies outside of the workspace")
    importlib.import_module(name)
    return [version(given[text], name, str(path), given["function"]) for text in ("before", "after")]


def version(text, name, path, function):
    from django.apps import apps

    known = len(apps.get_models())
    module = types.ModuleType(name)
    module.__file__ = path
    module.__package__ = name.rpartition(".")[0]
    exec(compile(text, path, "exec"), module.__dict__)
    if len(apps.get_models()) != known:
        raise NotProven("its module defines models")
    return inspect.unwrap(getattr(module, function))


# -- databases


def make_tables():
    """Tables for all models, and the models in the order in which their rows can be made."""
    from django.apps import apps
    from django.db import connection

    models = [each for each in apps.get_models() if each._meta.managed and not each._meta.proxy]
    connection.disable_constraint_checking()
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)
    own = [each for each in models if not each.__module__.startswith("django.")]
    for each in own:  # a list that grows: with what they refer to
        own += [other for other in referred(each) if other not in own]
    ordered, left = [], [each for each in models if each in own]
    while left:
        ready = [each for each in left if not needs(each) & set(left) - {each}] or left[:1]
        ordered += ready
        left = [each for each in left if each not in ready]
    return ordered


def referred(model):
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return dict.fromkeys(each.related_model for each in fields if each.is_relation and each.related_model is not None)


def needs(model):
    return {each.related_model for each in model._meta.concrete_fields if each.is_relation and not each.null}


def both(tables, old, new, size, seed):
    """(what came of it, questions, seconds) of each version on the same rows."""
    from django.db import transaction

    found = []
    for function in (old, new):
        with transaction.atomic():
            fill(tables, size, random.Random(seed))
            args = arguments(function, size, random.Random(seed))
            found.append(outcome(function, args, tables))
            transaction.set_rollback(True)
    return found


def fill(tables, size, rng):
    rows = {}
    for model in tables:
        made = []
        for number in range(size):
            values = {}
            try:
                for field in model._meta.concrete_fields:
                    value = value_of(field, number, size, rows, rng, model)
                    if value is not SKIP:
                        values[field.name] = value
            except Missing:
                break
            made.append(model(**values))
        model._base_manager.bulk_create(made, ignore_conflicts=True)  # what must be unique is kept once
        rows[model] = list(model._base_manager.order_by("pk"))
    for model in tables:
        for field in model._meta.many_to_many:
            others = rows.get(field.related_model, [])
            if not field.remote_field.through._meta.auto_created or not others:
                continue
            for each in rows[model]:
                getattr(each, field.name).set(rng.sample(others, min(len(others), rng.randrange(4))))


class Missing(Exception):
    """There is no row that a row could belong to."""


SKIP = object()


def value_of(field, number, size, rows, rng, model):
    kind = field.get_internal_type()
    if kind in ("AutoField", "BigAutoField", "SmallAutoField"):
        return SKIP
    if field.is_relation:
        others = rows.get(field.related_model, [])
        if field.null and (not others or rng.random() < 0.2):
            return None
        if field.unique:
            others = others[number : number + 1]
        if not others:
            raise Missing()
        return rng.choice(others)
    if field.null and rng.random() < 0.15:
        return None
    if field.choices:
        return rng.choice([key for key, _ in field.flatchoices])
    if field.has_default() and not callable(field.default) and not field.unique and rng.random() < 0.3:
        return SKIP
    day = datetime.datetime(2024, 1, 1, 12, tzinfo=_UTC) + datetime.timedelta(days=rng.randrange(60))
    word = f"w{number}" if field.unique or field.primary_key else f"w{rng.randrange(max(size // 2, 2))}"
    made = {
        "BooleanField": lambda: rng.random() < 0.5,
        "DateField": day.date,
        "DateTimeField": lambda: day,
        "TimeField": day.time,
        "DurationField": lambda: datetime.timedelta(minutes=rng.randrange(600)),
        "FloatField": lambda: rng.randrange(4000) / 8,
        "DecimalField": lambda: decimal.Decimal(rng.randrange(900)).scaleb(-(field.decimal_places or 0)),
        "UUIDField": lambda: uuid.UUID(int=rng.getrandbits(128)),
        "JSONField": lambda: {"a": rng.randrange(9)},
        "BinaryField": lambda: bytes([rng.randrange(256)]),
        "GenericIPAddressField": lambda: f"10.0.0.{number % 250}",
        "EmailField": lambda: f"{word}@example.org",
        "URLField": lambda: f"https://example.org/{word}",
    }.get(kind)
    if made is not None:
        return made()
    if "Integer" in kind:
        return number + 1 if field.unique or field.primary_key else rng.randrange(max(size, 3))
    if kind in ("CharField", "TextField", "SlugField", "FileField", "ImageField", "FilePathField"):
        return word[: field.max_length] if field.max_length else word
    if field.has_default() or field.null:
        return SKIP
    raise NotProven(f"no value is known for {model.__name__}.{field.name} ({kind})")


def arguments(function, size, rng):
    """What a function without further knowledge can be called with."""
    from django.apps import apps

    models = {each.__name__.lower(): each for each in apps.get_models()}
    given = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not parameter.empty or parameter.kind in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        ):
            continue
        annotation = parameter.annotation
        said = (annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")).lower()
        name = parameter.name.lower()
        model = models.get(said) or models.get(name.replace("_", ""))
        if model is not None:
            found = list(model._base_manager.all())
            given.append(rng.choice(found) if found else model())
        elif name == "request" or said.endswith("request"):
            from django.contrib.auth.models import AnonymousUser
            from django.test import RequestFactory

            request = RequestFactory().get("/")
            request.user = AnonymousUser()
            given.append(request)
        elif said == "int" or re.fullmatch(r"(?:.*_)?(?:id|pk|number|count|year)", name):
            given.append(rng.randrange(size + 2))
        elif said in ("str", "bool", "float"):
            given.append(
                {"str": f"w{rng.randrange(max(size // 2, 2))}", "bool": rng.random() < 0.5, "float": 1.5}[said]
            )
        else:
            raise NotProven(f"nobody knows what to pass for '{parameter.name}'")
    return given


# -- what came of it


def outcome(function, args, tables):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        started = time.perf_counter()
        try:
            result = ["gives", shown(function(*args))]
        except NotProven:
            raise
        except Exception as error:  # noqa: BLE001 - what it raises is part of what it does
            result = ["raises", type(error).__name__, str(error)]
        seconds = time.perf_counter() - started
    rows = [list(map(repr, model._base_manager.order_by("pk").values_list())) for model in tables]
    return [result, rows], len(asked), seconds


def shown(value, depth=0):
    """A value as plain data; rows by their table, key and columns."""
    from django.db.models import Manager, Model, QuerySet
    from django.http.response import HttpResponseBase

    if depth > 20:
        raise NotProven("what it returns is nested too deeply")
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return [type(value).__name__, repr(value)]
    if isinstance(value, (decimal.Decimal, datetime.date, datetime.time, datetime.timedelta, uuid.UUID)):
        return [type(value).__name__, repr(value)]
    if isinstance(value, Model):
        columns = [[each.attname, repr(getattr(value, each.attname))] for each in value._meta.concrete_fields]
        return [value._meta.label, columns]
    if isinstance(value, (QuerySet, Manager)):
        return ["rows", [shown(each, depth + 1) for each in value.all()]]
    if isinstance(value, dict):
        return [type(value).__name__, [[shown(key, depth + 1), shown(each, depth + 1)] for key, each in value.items()]]
    if isinstance(value, (set, frozenset)):
        return [type(value).__name__, sorted(json.dumps(shown(each, depth + 1)) for each in value)]
    if isinstance(value, (list, tuple)) or inspect.isgenerator(value):
        return [type(value).__name__, [shown(each, depth + 1) for each in value]]
    if isinstance(value, HttpResponseBase):
        if hasattr(value, "render"):
            value.render()
        content = b"".join(value.streaming_content) if value.streaming else value.content
        return [type(value).__name__, value.status_code, repr(content)]
    raise NotProven(f"what it returns cannot be compared ({type(value).__name__})")


main()
