"""The commands that tell what there is: questions and announcements, and settings."""

from __future__ import annotations

import rich_click as click
from rich.console import Console

__all__ = ["contracts", "settings"]

console = Console(highlight=False)


@click.command()
def contracts() -> None:
    """Print every question and announcement of the suite, from the code."""
    from tailorbird.suite.contracts import lines

    for line in lines():
        console.print(line, markup=False, soft_wrap=True)


@click.command()
def settings() -> None:
    """Print every setting: its environment variable, what it is when not said, and what it means."""
    from tailorbird.suite.settings import lines

    for line in lines():
        console.print(line, markup=False, soft_wrap=True)
