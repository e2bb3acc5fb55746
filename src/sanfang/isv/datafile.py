"""The data file with everything that reads and writes it, put together once."""

from __future__ import annotations

from collections.abc import Callable

from .database import Database
from .inbox import Inbox
from .records import Records
from .suite_file import SuiteFile
from .writer import Stored, Writer


class DataFile:
    """An open data file. Raises `DataFileError`."""

    def __init__(self, path: str, stored: Callable[[list[Stored]], None]) -> None:
        self.database = Database(path)
        self.writer = Writer(self.database, stored)
        self.records = Records(self.database, self.writer)
        self.suite = SuiteFile(self.database, self.writer, self.records)
        self.inbox = Inbox(self.database, self.writer)

    def close(self) -> None:
        """Write what was handed over, then close."""
        self.writer.close()
        self.database.close()
