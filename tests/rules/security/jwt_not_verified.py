import jwt

OPTIONS = {"verify_signature": False}


def claims(token, key):
    yield jwt.decode(token, options={"verify_signature": False})  # bad: jwt-not-verified
    yield jwt.decode(token, options=OPTIONS)  # bad: jwt-not-verified
    yield jwt.decode(token, key, algorithms=["HS256", "none"])  # bad: jwt-not-verified
    yield jwt.decode(token, key, algorithms=["HS256"])  # ok: jwt-not-verified
    yield jwt.get_unverified_header(token)  # ok: jwt-not-verified


def by_name(token, key, strict):
    options = {"verify_signature": False}
    yield jwt.decode(token, key, options=options)  # bad: jwt-not-verified
    checked = {"verify_signature": True}
    yield jwt.decode(token, key, algorithms=["HS256"], options=checked)  # ok: jwt-not-verified
