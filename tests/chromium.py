"""The system's Chromium for browser tests: where it is; how it is started without window or network."""

from __future__ import annotations

import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET_IT = (
    "The browser tests need Chromium, and none of " + ", ".join(NAMES) + " is on the PATH. On Debian or Ubuntu: "
    "apt-get install chromium. On Fedora: dnf install chromium. On macOS: brew install --cask chromium."
)


def chromium_binary() -> str:
    """Path of the browser. Fails the test with the sentence that says how to get one."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(HOW_TO_GET_IT, pytrace=False)
    return found


def launch_arguments(user_id: int) -> list[str]:
    """Arguments of the browser: it calls nobody but the page, and as root it cannot have a sandbox of its own."""
    arguments = [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    ]  # fmt: skip
    return [*arguments, "--no-sandbox"] if user_id == 0 else arguments
