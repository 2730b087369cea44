SESSION_COOKIE_SECURE = False  # bad: insecure-cookie
SESSION_COOKIE_HTTPONLY = True  # ok: insecure-cookie
FLAGS = {"secure": True, "httponly": True}


def login(response, token):
    response.set_cookie("session", token)  # bad: insecure-cookie
    response.set_cookie("session", token, secure=True)  # bad: insecure-cookie
    response.set_cookie("session", token, secure=False, httponly=True)  # bad: insecure-cookie
    response.set_cookie("session", token, secure=True, httponly=True, samesite="Lax")  # ok: insecure-cookie
    response.set_cookie("session", token, **FLAGS)  # ok: insecure-cookie
    response.set_cookie("theme", "dark")  # ok: insecure-cookie


def configure(app):
    app.config["SESSION_COOKIE_HTTPONLY"] = False  # bad: insecure-cookie
    app.config.update(SESSION_COOKIE_SECURE=False)  # bad: insecure-cookie
