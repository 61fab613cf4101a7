# mypy: ignore-errors
"""A Django project with users and sessions in SQLite, in this process, for the ports that need an ORM."""

import sys
from pathlib import Path

BACKENDS = {
    "memory": ("lanchat.layers.InMemoryChannelLayer", False),
    "pubsub": ("lanchat.layers.redis.RedisPubSubChannelLayer", True),
    "queue": ("lanchat.layers.redis.RedisChannelLayer", True),
}


def set_up(kind: str, redis: str, folder: str) -> None:
    """Configure Django with a layer of this kind. Call it before anything of Django is imported."""
    import django
    from django.conf import settings

    backend, remote = BACKENDS[kind]
    settings.configure(
        SECRET_KEY="only for tests",
        ALLOWED_HOSTS=["testserver"],
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "channels"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(Path(folder) / "db.sqlite3")}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        CHANNEL_LAYERS={"default": {"BACKEND": backend, "CONFIG": {"hosts": [redis]} if remote else {}}},
    )
    django.setup()


def tables(*models) -> None:
    """Make the tables of Django's apps, and of these models."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)


def logged_in(name: str, **fields) -> tuple:
    """Make a user with a session, and return both: the user, and the headers of a browser that has the session."""
    from django.contrib.auth.models import User
    from django.test import Client

    user = User.objects.create_user(name, **fields)
    client = Client()
    client.force_login(user)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    return user, [(b"cookie", cookie.encode()), (b"host", b"testserver"), (b"origin", b"http://testserver")]


def arguments() -> tuple:
    """Return what a port is run with: the kind of the layer, the address of Redis, and a folder."""
    return tuple(sys.argv[1:4])
