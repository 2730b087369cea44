"""Which distribution provides a module: names on PyPI where they differ from the name that is imported.

What the workspace's own interpreter has installed is asked first (its metadata says which modules a distribution
brings), then the table, then the module's name is taken for the distribution's, as is most often right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

#: Import name → distribution on PyPI, where they differ by more than case and hyphens. Source: the packages' own
#: documentation and metadata. Of several that bring the same module the one that its documentation names is meant.
DISTRIBUTIONS: dict[str, str] = {
    "absl": "absl-py",
    "apiclient": "google-api-python-client",
    "attr": "attrs",
    "axes": "django-axes",
    "barcode": "python-barcode",
    "bs4": "beautifulsoup4",
    "bson": "pymongo",
    "can": "python-can",
    "cairo": "pycairo",
    "compressor": "django-compressor",
    "corsheaders": "django-cors-headers",
    "crispy_forms": "django-crispy-forms",
    "Crypto": "pycryptodome",
    "Cryptodome": "pycryptodomex",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "debug_toolbar": "django-debug-toolbar",
    "decouple": "python-decouple",
    "discord": "discord.py",
    "django_filters": "django-filter",
    "dns": "dnspython",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "environ": "django-environ",
    "faiss": "faiss-cpu",
    "fitz": "PyMuPDF",
    "flask_cors": "Flask-Cors",
    "flask_login": "Flask-Login",
    "flask_migrate": "Flask-Migrate",
    "flask_sqlalchemy": "Flask-SQLAlchemy",
    "flask_wtf": "Flask-WTF",
    "gi": "PyGObject",
    "git": "GitPython",
    "github": "PyGithub",
    "gitlab": "python-gitlab",
    "google.auth": "google-auth",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.firestore": "google-cloud-firestore",
    "google.cloud.logging": "google-cloud-logging",
    "google.cloud.pubsub": "google-cloud-pubsub",
    "google.cloud.secretmanager": "google-cloud-secret-manager",
    "google.cloud.storage": "google-cloud-storage",
    "google.genai": "google-genai",
    "google.generativeai": "google-generativeai",
    "google.oauth2": "google-auth",
    "google.protobuf": "protobuf",
    "google_auth_oauthlib": "google-auth-oauthlib",
    "googleapiclient": "google-api-python-client",
    "graphene_django": "graphene-django",
    "grpc": "grpcio",
    "grpc_tools": "grpcio-tools",
    "hydra": "hydra-core",
    "imblearn": "imbalanced-learn",
    "IPython": "ipython",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "kafka": "kafka-python",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "markdown": "Markdown",
    "mpl_toolkits": "matplotlib",
    "multipart": "python-multipart",
    "MySQLdb": "mysqlclient",
    "mysql.connector": "mysql-connector-python",
    "nacl": "PyNaCl",
    "odf": "odfpy",
    "OpenGL": "PyOpenGL",
    "OpenSSL": "pyOpenSSL",
    "opentelemetry": "opentelemetry-api",
    "opentelemetry.exporter.otlp": "opentelemetry-exporter-otlp",
    "opentelemetry.sdk": "opentelemetry-sdk",
    "osgeo": "GDAL",
    "paho": "paho-mqtt",
    "past": "future",
    "phonenumber_field": "django-phonenumber-field",
    "PIL": "Pillow",
    "pkg_resources": "setuptools",
    "playhouse": "peewee",
    "pptx": "python-pptx",
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "pylab": "matplotlib",
    "pymysql": "PyMySQL",
    "pythoncom": "pywin32",
    "pytorch_lightning": "pytorch-lightning",
    "pywintypes": "pywin32",
    "rapidjson": "python-rapidjson",
    "redis_om": "redis-om",
    "rest_framework": "djangorestframework",
    "rest_framework_simplejwt": "djangorestframework-simplejwt",
    "ruamel": "ruamel.yaml",
    "ruamel.yaml": "ruamel.yaml",
    "scss": "pyScss",
    "sentence_transformers": "sentence-transformers",
    "serial": "pyserial",
    "shapefile": "pyshp",
    "simple_history": "django-simple-history",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slack": "slackclient",
    "slack_sdk": "slack-sdk",
    "slugify": "python-slugify",
    "smart_open": "smart-open",
    "snowflake.connector": "snowflake-connector-python",
    "socketio": "python-socketio",
    "engineio": "python-engineio",
    "socks": "PySocks",
    "speech_recognition": "SpeechRecognition",
    "sphinx_rtd_theme": "sphinx-rtd-theme",
    "sqlalchemy_utils": "SQLAlchemy-Utils",
    "storages": "django-storages",
    "telegram": "python-telegram-bot",
    "tlz": "toolz",
    "tree_sitter": "tree-sitter",
    "umap": "umap-learn",
    "usb": "pyusb",
    "vlc": "python-vlc",
    "websocket": "websocket-client",
    "whois": "python-whois",
    "win32api": "pywin32",
    "win32con": "pywin32",
    "win32gui": "pywin32",
    "wx": "wxPython",
    "Xlib": "python-xlib",
    "xdg": "pyxdg",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}


def distribution_of(module: str, installed: Mapping[str, str] | None = None) -> str:
    """The distribution that provides a module. ``installed`` is what :func:`provided` says of an interpreter."""
    top = module.partition(".")[0]
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in DISTRIBUTIONS:
            return DISTRIBUTIONS[name]
    return (installed or {}).get(top) or top.replace("_", "-")


def provided(folders: Iterable[Path]) -> Mapping[str, str]:
    """Top-level module → the distribution that brings it, of what is installed in ``site-packages`` folders."""
    return _provided(tuple(sorted(folders)))


@lru_cache(maxsize=8)
def _provided(folders: tuple[Path, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for folder in folders:
        for info in sorted(folder.glob("*.dist-info")):
            name = info.name.removesuffix(".dist-info").rpartition("-")[0].replace("_", "-")
            for module in _modules(info):
                found.setdefault(module, name)
    return found


def _modules(info: Path) -> Iterable[str]:
    """The top-level modules that a distribution's metadata names; none if it does not say."""
    try:
        listed = (info / "top_level.txt").read_text("utf-8", "replace").split()
    except OSError:
        listed = []
    if listed:
        return [each for each in listed if each.isidentifier() and not each.startswith("_")]
    try:
        record = (info / "RECORD").read_text("utf-8", "replace")
    except OSError:
        return []
    heads = re.findall(r"^(\w+)(?:/__init__\.py|\.py|\.[\w-]+\.(?:so|pyd)),", record, re.MULTILINE)
    return [each for each in dict.fromkeys(heads) if not each.startswith("_")]
