import os

PASSWORD = "k9!vT2#qLm"  # bad: hard-coded-credentials
API_KEY = "q83hf7Gk2LmZ01xR"  # bad: hard-coded-credentials
password = os.environ["PASSWORD"]  # ok: hard-coded-credentials
PASSWORD_FIELD = "k9!vT2#qLm"  # ok: hard-coded-credentials
DEFAULT_PASSWORD = ""  # ok: hard-coded-credentials
TOKEN = "<your token>"  # ok: hard-coded-credentials
SECRET_KEY = "change-me"  # ok: hard-coded-credentials
HOOK_SHOWN = (
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"  # ok: hard-coded-credentials
)
TOKEN_URL = "https://example.org/token"  # ok: hard-coded-credentials
DATABASE = "postgres://app:hunter2x@db/app"  # bad: hard-coded-credentials
DATABASE_FROM = "postgres://app:{password}@db/app"  # ok: hard-coded-credentials


def connect(client):
    client.login(user="app", password="Tr0ub4dor&3")  # bad: hard-coded-credentials
    client.login(user="app", password=client.ask("Password: "))  # ok: hard-coded-credentials


def settings():
    return {"password": "Tr0ub4dor&3", "label": "Password"}  # bad: hard-coded-credentials


def parser(token, kind):
    if token == "#begin":  # ok: hard-coded-credentials
        return kind
    return {"token": "identifier"}  # ok: hard-coded-credentials


def form(render):
    return render("password", placeholder="Enter your password")  # ok: hard-coded-credentials


OPTIONS = {"auth_token": "--auth-token", "client_secret": "--client-secret"}  # ok: hard-coded-credentials


class Client:
    ADDRESS = "https://api.example.org/v1/player"
    API_KEY = "q83hf7Gk2LmZ01xR"  # bad: hard-coded-credentials


class Written:
    key = "-----BEGIN RSA PRIVATE KEY-----\nfakekey\n-----END RSA PRIVATE KEY-----"  # ok: hard-coded-credentials
    model = "sk-CANARY-SECRET-DO-NOT-EXPOSE-12345"  # ok: hard-coded-credentials


READY_FOR_EVENTS_TOKEN = b"READY\n"  # ok: hard-coded-credentials
DONE_TOKEN = "over\r\n"  # ok: hard-coded-credentials
UPLOAD_TOKEN = "k9!vT2#qLm8\n"  # bad: hard-coded-credentials


ANALYTICS_API_KEY = "phc_Qw7tZk31LmVx90RaPdEyTu5sBnCf84HgJi2oKl6"  # ok: hard-coded-credentials
SHOP_API_KEY = "pk_live_8sKd02LxPq7vTzYb4NmRw9Ja"  # ok: hard-coded-credentials


class Engine:
    address = "mysql://shop:k9vT2qLm8@db.shop.internal/orders"  # bad: hard-coded-credentials
    about = {
        "connection_examples": [
            "mysql://trial:k9vT2qLm8@trial.shop.internal/orders",  # ok: hard-coded-credentials
        ],
    }


class Local:
    address = "postgresql://postgres:postgres@localhost/postgres"  # ok: hard-coded-credentials
    cache = "redis://shop:shop@127.0.0.1:6379/0"  # ok: hard-coded-credentials
    queue = "amqp://worker:worker@broker:5672"  # ok: hard-coded-credentials
    other = "amqp://worker:k9vT2qLm8@localhost:5672"  # bad: hard-coded-credentials
    far = "mysql://orders:orders@db.shop.net/orders"  # bad: hard-coded-credentials
