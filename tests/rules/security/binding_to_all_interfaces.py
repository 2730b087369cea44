import asyncio
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from wsgiref.simple_server import make_server
from xmlrpc.server import SimpleXMLRPCServer

import cherrypy
import uvicorn

EVERYWHERE = "0.0.0.0"
LOCAL = ["127.0.0.1", "0.0.0.0"]  # ok: binding-to-all-interfaces


def listen(host):
    sock = socket.socket()
    sock.bind(("0.0.0.0", 9000))  # bad: binding-to-all-interfaces
    sock.bind((EVERYWHERE, 9001))  # bad: binding-to-all-interfaces
    sock.bind(("", 9002))  # bad: binding-to-all-interfaces
    sock.bind(("127.0.0.1", 9003))  # ok: binding-to-all-interfaces
    sock.bind((host, 9004))  # ok: binding-to-all-interfaces
    return host == "0.0.0.0"  # ok: binding-to-all-interfaces


def serve(app):
    HTTPServer(("0.0.0.0", 80), BaseHTTPRequestHandler)  # bad: binding-to-all-interfaces
    HTTPServer(("localhost", 80), BaseHTTPRequestHandler)  # ok: binding-to-all-interfaces
    uvicorn.run(app, host="0.0.0.0")  # bad: binding-to-all-interfaces
    uvicorn.run(app, host="localhost")  # ok: binding-to-all-interfaces
    app.run(host="::")  # bad: binding-to-all-interfaces
    app.run(port=80)  # ok: binding-to-all-interfaces


async def stream(handle):
    return await asyncio.start_server(handle, "0.0.0.0", 80)  # bad: binding-to-all-interfaces


def bake():
    cherrypy.config.update({"server.socket_host": "0.0.0.0"})  # bad: binding-to-all-interfaces
    cherrypy.config.update({"server.socket_host": "127.0.0.1"})  # ok: binding-to-all-interfaces
    cherrypy.server.socket_host = "::"  # bad: binding-to-all-interfaces
    make_server("0.0.0.0", 8000, None)  # bad: binding-to-all-interfaces
    make_server("localhost", 8000, None)  # ok: binding-to-all-interfaces
    SimpleXMLRPCServer(("0.0.0.0", 8000))  # bad: binding-to-all-interfaces
