"""Where refused rows go: a CSV file per table, with the line, the reason, and the row as it was."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from tailorbird.suite.loading.rows import Refused

__all__ = ["Quarantine"]


class Quarantine:
    """The quarantine file of one table; it exists only when a row was refused, and holds those of the last load."""

    def __init__(self, folder: Path, table: str) -> None:
        self.path = folder / f"{table}.csv"
        self.reasons: Counter[str] = Counter()
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def count(self) -> int:
        """How many rows were refused."""
        return self.reasons.total()

    def add(self, refused: Iterable[Refused]) -> None:
        """Keeps these rows."""
        for one in refused:
            self.reasons[one.reason] += 1
            csv.writer(self._opened()).writerow([one.line, one.reason, one.row])

    def _opened(self) -> TextIO:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Rows may hold names and addresses: nobody else on the machine reads them.
            self._file = self.path.open("w", encoding="utf-8", newline="", errors="backslashreplace")
            self.path.chmod(0o600)
            csv.writer(self._file).writerow(["line", "reason", "row"])
        return self._file
