import xml.etree.ElementTree as ET

from flask import request
from lxml import etree


def entities():
    parser = etree.XMLParser(resolve_entities=True)
    return etree.fromstring(request.data, parser)  # bad: xml-external-entities


def network():
    parser = etree.XMLParser(load_dtd=True, no_network=False)
    return etree.fromstring(request.data, parser=parser)  # bad: xml-external-entities


def strict():
    parser = etree.XMLParser(resolve_entities=False)
    return etree.fromstring(request.data, parser)  # ok: xml-external-entities


def standard():
    return ET.fromstring(request.data)  # ok: xml-external-entities


def own():
    return etree.parse("own.xml", etree.XMLParser(resolve_entities=True))  # ok: xml-external-entities
