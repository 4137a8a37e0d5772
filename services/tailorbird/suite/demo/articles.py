"""What there is to read in the shop, out of `articles.toml`."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

import pyarrow as pa

from tailorbird.suite.demo.words import slug

__all__ = ["articles_table", "read_articles"]


def read_articles() -> dict[str, dict[str, Any]]:
    """Article id -> title, summary, categories, body; in the order in which they were written."""
    return tomllib.loads(files(__package__).joinpath("articles.toml").read_text(encoding="utf-8"))


def articles_table() -> pa.Table:
    """One row an article; its tile is drawn after the first category it is about."""
    rows = [
        {
            "article_id": article_id,
            "title": article["title"],
            "summary": article["summary"],
            "body": article["body"].strip(),
            "categories": article["categories"],
            "url": f"/shop/article/{article_id}",
            "image_url": f"/shop/tiles/articles/{slug(article['categories'][0])}/{article_id}.svg",
        }
        for article_id, article in read_articles().items()
    ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


_SCHEMA = pa.schema(
    [
        ("article_id", pa.string()),
        ("title", pa.string()),
        ("summary", pa.string()),
        ("body", pa.string()),
        ("categories", pa.list_(pa.string())),
        ("url", pa.string()),
        ("image_url", pa.string()),
    ]
)
