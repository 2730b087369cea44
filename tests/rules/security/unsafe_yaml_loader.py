import yaml
from ruamel.yaml import YAML
from yaml import CSafeLoader, Loader
from yaml import SafeLoader as Plain


def load(path, **options):
    with open(path) as stream:
        one = yaml.load(stream, Loader=yaml.Loader)  # bad: unsafe-yaml-loader
        two = yaml.load(stream, Loader)  # bad: unsafe-yaml-loader
        three = yaml.load(stream)  # bad: unsafe-yaml-loader
        four = yaml.unsafe_load(stream)  # bad: unsafe-yaml-loader
        five = yaml.load_all(stream, Loader=yaml.CLoader)  # bad: unsafe-yaml-loader
        chosen = yaml.UnsafeLoader
        six = yaml.load(stream, Loader=chosen)  # bad: unsafe-yaml-loader
    return one, two, three, four, five, six


def load_plain(path, loader, **options):
    with open(path) as stream:
        one = yaml.safe_load(stream)  # ok: unsafe-yaml-loader
        two = yaml.load(stream, Loader=yaml.SafeLoader)  # ok: unsafe-yaml-loader
        three = yaml.load(stream, Loader=CSafeLoader)  # ok: unsafe-yaml-loader
        four = yaml.load(stream, Loader=Plain)  # ok: unsafe-yaml-loader
        five = yaml.load(stream, Loader=loader)  # ok: unsafe-yaml-loader
        six = yaml.load(stream, **options)  # ok: unsafe-yaml-loader
    return one, two, three, four, five, six


def load_by_maker(path):
    yaml = YAML(typ="safe")
    return yaml.load(path)  # ok: unsafe-yaml-loader
