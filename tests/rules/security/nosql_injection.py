from flask import request


def login(db):
    body = request.get_json()
    return db.users.find_one({"name": body["name"], "token": body["token"]})  # bad: nosql-injection


def converted(db):
    body = request.get_json()
    return db.users.find_one({"name": str(body["name"]), "token": str(body["token"])})  # ok: nosql-injection


def whole(collection):
    return collection.find(request.get_json())  # bad: nosql-injection


def own(collection):
    return collection.find({"active": True})  # ok: nosql-injection
