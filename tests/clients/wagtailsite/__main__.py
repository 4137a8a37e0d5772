"""The site on a port: `python -m tests.clients.wagtailsite PORT URL SERVER_KEY`; prints `ready` when it answers."""

from __future__ import annotations

import sys
from pathlib import Path
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

NAME = "tests.clients.wagtailsite"
APPS = (
    NAME, "wagtail", "wagtail.users", "wagtail.images", "wagtail.documents", "wagtail.search", "modelcluster", "taggit",
    "django.contrib.auth", "django.contrib.contenttypes",
)  # fmt: skip
LABELS = ("wagtailcore", "wagtailusers", "wagtailimages", "wagtaildocs", "wagtailsearch")


def main(port: int, url: str, server_key: str) -> None:
    folder = Path(__file__).parent
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=APPS,
        # The tables as the models say: the hundred steps that led there are nobody's concern here.
        MIGRATION_MODULES=dict.fromkeys((*LABELS, *(name.rpartition(".")[2] for name in APPS))),
        ROOT_URLCONF="wagtail.urls",
        SECRET_KEY="nothing is secret here",
        STATIC_URL="/static/",
        TAILORBIRD={"url": url, "server_key": server_key, "customer": f"{NAME}.models.customer_id"},
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [folder / "templates"],
                "OPTIONS": {
                    "context_processors": ["django.template.context_processors.request"],
                    "libraries": {"tailorbird": f"{NAME}.templatetags.tailorbird"},
                },
            }
        ],
        WAGTAIL_SITE_NAME="Plain",
        WAGTAILADMIN_BASE_URL="http://127.0.0.1",
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    _fill()
    with make_server("127.0.0.1", port, get_wsgi_application()) as server:
        print("ready", flush=True)
        server.serve_forever()


def _fill() -> None:
    from wagtail.models import Locale, Page, Site

    from tests.clients.wagtailsite.models import HomePage

    Locale.objects.create(language_code="en")
    root = Page.add_root(instance=Page(title="Root", slug="root"))
    home = root.add_child(instance=HomePage(title="A bakery", slug="home"))
    Site.objects.create(hostname="127.0.0.1", root_page=home, is_default_site=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
