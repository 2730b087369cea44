from flask import request
from lxml import etree

TREE = etree.parse("users.xml")


def found():
    return TREE.xpath("//user[@name='" + request.args["name"] + "']")  # bad: xpath-injection


def compiled():
    return etree.XPath(f"//user[@id='{request.args['id']}']")  # bad: xpath-injection


def variable():
    return TREE.xpath("//user[@name=$name]", name=request.args["name"])  # ok: xpath-injection


def number():
    return TREE.xpath("//user[%d]" % int(request.args["n"]))  # ok: xpath-injection
