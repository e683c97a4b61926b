"""The tables of a sweep, written row by row: complete or absent."""

from __future__ import annotations

import errno
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.errors import OutputError

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows of a Parquet row group.
_GROUP = 50_000
#: Batches that wait by themselves: a batch of one row takes as much memory as one of hundreds.
_FEW = 200


class Table:
    """A table under one name in CSV and Parquet, which grows by batches."""

    def __init__(self, stack: ExitStack, folder: Path, name: str, schema: pa.Schema) -> None:
        import pyarrow.csv as csv
        from pyarrow.parquet import ParquetWriter

        self._schema = schema
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        options = csv.WriteOptions(quoting_style="needed")
        self._csv = stack.enter_context(
            csv.CSVWriter(str(folder / f"{name}.csv"), schema, write_options=options)
        )
        self._parquet = stack.enter_context(
            ParquetWriter(str(folder / f"{name}.parquet"), schema, compression="zstd")
        )
        stack.callback(self._flush)

    def add(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        self._waiting.append(batch)
        self._rows += batch.num_rows
        if self._rows >= _GROUP:
            self._flush()
        elif len(self._waiting) >= _FEW:
            self._waiting = self._together().to_batches()

    def add_row(self, row: dict[str, Any]) -> None:
        """Add one row; what it does not name stays empty."""
        import pyarrow as pa

        arrays = [pa.array([row.get(field.name)], type=field.type) for field in self._schema]
        self.add(pa.record_batch(arrays, schema=self._schema))

    def _together(self) -> pa.Table:
        import pyarrow as pa

        return pa.Table.from_batches(self._waiting, schema=self._schema).combine_chunks()

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = self._together()
        self._waiting, self._rows = [], 0
        self._csv.write_table(table)
        self._parquet.write_table(table, row_group_size=_GROUP)


@contextmanager
def whole_tables(folder: Path, schemas: dict[str, pa.Schema]) -> Iterator[dict[str, Table]]:
    """Give tables to write into; they replace those of the folder together when all is well.

    Raises
    ------
    OutputError : they cannot be written; those that were there are left as they are.
    """
    aside = folder / f".tables.partial-{secrets.token_hex(4)}"
    try:
        aside.mkdir()
        with ExitStack() as stack:
            tables = {name: Table(stack, aside, name, schema) for name, schema in schemas.items()}
            yield tables
        for file in sorted(aside.iterdir()):
            file.replace(folder / file.name)
    except OSError as error:
        reason = "the disk is full" if error.errno == errno.ENOSPC else str(error)
        raise OutputError(
            f"{folder}: the tables cannot be written: {reason}; what was computed is kept: see to "
            "it, and continue with --resume"
        ) from error
    finally:
        import shutil

        shutil.rmtree(aside, ignore_errors=True)
