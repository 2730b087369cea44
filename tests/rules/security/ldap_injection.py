import ldap
from flask import request
from ldap.filter import escape_filter_chars

BASE = "dc=example"


def searched():
    link = ldap.initialize("ldaps://directory.example.org")
    return link.search_s(BASE, ldap.SCOPE_SUBTREE, f"(uid={request.args['uid']})")  # bad: ldap-injection


def named():
    link = ldap.initialize("ldaps://directory.example.org")
    return link.search_s("ou=%s,dc=example" % request.args["unit"], ldap.SCOPE_BASE)  # bad: ldap-injection


def escaped():
    link = ldap.initialize("ldaps://directory.example.org")
    uid = escape_filter_chars(request.args["uid"])
    return link.search_s(BASE, ldap.SCOPE_SUBTREE, f"(uid={uid})")  # ok: ldap-injection
