# ruff: noqa: E501 - tables read better in long lines
"""XML parsers, XPath, LDAP."""

from __future__ import annotations

from ..taint.machine import Call, Machine
from ..taint.values import NO, UNKNOWN, Obj, Value, constant
from . import WEB, Function, Model, Sink, cleanses, sinks

_DEEP = "deep"


def _parser(machine: Machine, call: Call) -> Value:
    """A parser of lxml: open if it resolves entities, loads DTDs or uses the network."""
    resolves = call.const("resolve_entities")
    explicit = call.arg("resolve_entities") is not None and (resolves is NO or resolves in (True,))
    opened = (
        explicit
        or any(call.const(name) is True for name in ("load_dtd", "dtd_validation", "huge_tree"))
        or call.const("no_network") is False
    )
    if resolves is False or resolves == "internal":
        opened = False
    made = machine.new(call.state, Obj("parser", {"\0open": constant(opened)}, full=False))
    return Value(refs=made.refs, ext=("lxml.etree.XMLParser",))


def _open_parser(*selectors: int | str):
    def test(call: Call) -> bool:
        parser = call.arg(*selectors)
        if parser is None:
            return False
        for number in parser.refs:
            obj = call.state.heap.find(number)
            state = obj.fields.get("\0open") if obj is not None else None
            if state is not None and state.const is True:
                return True
        return False

    return test


def _sax(machine: Machine, call: Call) -> Value:
    made = machine.new(call.state, Obj("parser", {"\0open": constant(False)}, full=False))
    return Value(refs=made.refs, ext=("xml.sax.Reader",))


def _feature(machine: Machine, call: Call) -> Value:
    """``reader.setFeature(feature_external_ges, True)``."""
    name = call.args[0] if call.args else UNKNOWN
    spelled = " ".join((*name.ext, str(name.const)))
    if "external" in spelled and call.const(1) not in (False, 0) and call.receiver is not None:
        machine.put(call.receiver, "\0open", constant(True), call.state)
    elif "external" in spelled and call.receiver is not None:
        machine.put(call.receiver, "\0open", constant(False), call.state)
    return UNKNOWN


def _reader_open(call: Call) -> bool:
    for number in call.receiver.refs if call.receiver is not None else ():
        obj = call.state.heap.find(number)
        state = obj.fields.get("\0open") if obj is not None else None
        if state is not None and state.const is True:
            return True
    return False


def _parsed(machine: Machine, call: Call) -> Value:
    value = call.args[0] if call.args else UNKNOWN
    return Value(ext=("lxml.etree.Element",), taints=machine.deep(value, call.state))


def _put_together(call: Call) -> bool:
    """Is a name in a directory made of parts? (A whole one that somebody gives says whom it means.)"""
    given = call.arg(0, "who", "dn", "base")
    return given is not None and given.built


_LXML = {
    f"lxml.etree.{name}": Function(
        sinks=(Sink("xxe", (0, "text", "source"), WEB, _DEEP, _open_parser(1, "parser")),), hook=_parsed
    )
    for name in ("fromstring", "parse", "XML", "fromstringlist", "HTML")
}
_XPATH = Sink("xpathi", (0, "path", "_path"), WEB)
#: What else of a directory is named by a path that somebody may lengthen.
_NAMED = (
    "simple_bind_s",
    "simple_bind",
    "bind_s",
    "read_s",
    "compare_s",
    "delete_s",
    "modify_s",
    "add_s",
    "rename_s",
    "modrdn_s",
    "passwd_s",
)
_NAMED_3 = ("delete", "modify", "add", "modify_dn", "compare")
_SEARCH = ("search_s", "search", "search_st", "search_ext", "search_ext_s", "paged_search", "search_subtree_s")

MODEL = Model(
    functions={
        **_LXML,
        "lxml.etree.XMLParser": Function(hook=_parser),
        "lxml.etree.ETCompatXMLParser": Function(hook=_parser),
        "lxml.etree.iterparse": Function(sinks=(Sink("xxe", (0,), WEB, _DEEP, lambda call: call.const("resolve_entities") is True or call.const("load_dtd") is True),)),
        **{f"xml.etree.ElementTree.{name}": Function(hook=_parsed) for name in ("fromstring", "parse", "XML")},
        **{f"defusedxml.{module}.{name}": Function(hook=_parsed) for module in ("ElementTree", "lxml", "minidom") for name in ("fromstring", "parse", "parseString")},
        "xml.sax.make_parser": Function(hook=_sax),
        "xml.sax.Reader.setFeature": Function(hook=_feature),
        "xml.sax.Reader.parse": Function(sinks=(Sink("xxe", (0,), WEB, _DEEP, _reader_open),)),
        "xml.dom.pulldom.parse": Function(sinks=(Sink("xxe", (0,), WEB, _DEEP, _open_parser(1, "parser")),)),
        "xml.dom.pulldom.parseString": Function(sinks=(Sink("xxe", (0,), WEB, _DEEP, _open_parser(1, "parser")),)),
        "xml.dom.minidom.parse": Function(sinks=(Sink("xxe", (0,), WEB, _DEEP, _open_parser(1, "parser")),)),
        "xml.dom.minidom.parseString": Function(sinks=(Sink("xxe", (0,), WEB, _DEEP, _open_parser(1, "parser")),)),
        "lxml.etree.Element.xpath": Function(sinks=(_XPATH,)),
        "*.xpath": Function(sinks=(_XPATH,)),
        **{f"lxml.etree.Element.{name}": Function(sinks=(_XPATH,)) for name in ("find", "findall", "findtext", "iterfind")},
        **{f"*.{name}": Function(sinks=(Sink("xpathi", (0, "path"), WEB, "", lambda call: bool(call.args) and any(mark in call.args[0].prefix for mark in ("//", "./", "[@", "/"))),)) for name in ("findall", "findtext", "iterfind")},
        **sinks("xpathi", WEB, {"lxml.etree.XPath": (0, "path"), "lxml.etree.ETXPath": (0,), "elementpath.select": (1, "path"), "elementpath.Selector": (0,), "lxml.etree.XPathEvaluator.__call__": (0,)}),
        **{f"{owner}.{name}": Function(sinks=(Sink("ldapi", ("*", "**"), WEB, ""),)) for owner in ("ldap.LDAPObject", "ldap3.Connection") for name in _SEARCH},
        **{f"*.{name}": Function(sinks=(Sink("ldapi", (0, 2, "base", "filterstr", "search_filter"), WEB, ""),)) for name in _SEARCH if name != "search"},
        **{f"ldap.LDAPObject.{name}": Function(sinks=(Sink("ldapi", (0, "who", "dn", "base"), WEB, "", _put_together),)) for name in _NAMED},
        **{f"ldap3.Connection.{name}": Function(sinks=(Sink("ldapi", (0, "dn"), WEB, "", _put_together),)) for name in _NAMED_3},
        "ldap.initialize": Function(returns="ldap.LDAPObject"),
        "ldap.open": Function(returns="ldap.LDAPObject"),
        "ldap3.Connection": Function(returns="ldap3.Connection"),
        **cleanses(["ldap.filter.escape_filter_chars", "ldap.dn.escape_dn_chars", "ldap3.utils.conv.escape_filter_chars", "ldap3.utils.dn.escape_rdn", "ldap.filter.filter_format"], "ldapi"),
    },
    aliases={
        "xml.etree.cElementTree": "xml.etree.ElementTree", "defusedxml.ElementTree.XML": "defusedxml.ElementTree.fromstring", "ldap.ldapobject.LDAPObject": "ldap.LDAPObject", "ldap.ldapobject.SimpleLDAPObject": "ldap.LDAPObject",
        "ldap.ReconnectLDAPObject": "ldap.LDAPObject", "lxml.objectify.fromstring": "lxml.etree.fromstring", "lxml.objectify.parse": "lxml.etree.parse",
    },
)  # fmt: skip
