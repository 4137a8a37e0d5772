"""The secret from which those of all webhooks are derived: as set, or made once and kept beside the keyring."""

from __future__ import annotations

import contextlib
import os
import secrets

from tailorbird.profiles.settings import Settings

__all__ = ["webhook_master"]


def webhook_master(settings: Settings) -> bytes:
    """The same at every start. The file is readable by its owner alone."""
    if settings.webhook_secret:
        return settings.webhook_secret.encode()
    path = settings.webhook_secret_path
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()
