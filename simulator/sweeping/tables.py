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

#: Rows of a Parquet row group, and the most rows of a table in memory.
_GROUP = 10_000
#: Batches, and rows, that wait by themselves: one of one row takes as much as one of hundreds.
_FEW = 50
#: What describes the tables; written after them and after the figures, last of all.
ORIGIN = "provenance.json"


class Table:
    """A table under one name in CSV and Parquet, which grows by batches.

    Memory is bounded, whatever its length, but for the footer of the Parquet file: some
    kilobytes for each row group. Statistics of the number of the design only keep that small.
    """

    def __init__(self, stack: ExitStack, folder: Path, name: str, schema: pa.Schema) -> None:
        import pyarrow.csv as csv
        from pyarrow.parquet import ParquetWriter

        self._schema = schema
        self._single: list[dict[str, Any]] = []
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        options = csv.WriteOptions(quoting_style="needed")
        self._csv = stack.enter_context(
            csv.CSVWriter(str(folder / f"{name}.csv"), schema, write_options=options)
        )
        self._parquet = stack.enter_context(
            ParquetWriter(
                str(folder / f"{name}.parquet"),
                schema,
                compression="zstd",
                write_statistics=["design"],
            )
        )
        stack.callback(self._close)

    def add(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        self._waiting.append(batch)
        self._rows += batch.num_rows
        if self._rows >= _GROUP:
            self._flush()
        elif len(self._waiting) >= _FEW:
            self._waiting = self._together().to_batches()

    def add_row(self, row: dict[str, Any]) -> None:
        """Add one row; what it does not name stays empty. Rows and batches do not mix."""
        self._single.append(row)
        if len(self._single) >= _FEW:
            self._add_single()

    def _add_single(self) -> None:
        import pyarrow as pa

        rows, self._single = self._single, []
        arrays = [pa.array([r.get(f.name) for r in rows], type=f.type) for f in self._schema]
        self.add(pa.record_batch(arrays, schema=self._schema))

    def _together(self) -> pa.Table:
        import pyarrow as pa

        return pa.Table.from_batches(self._waiting, schema=self._schema).combine_chunks()

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = self._together()
        self._waiting, self._rows = [], 0
        # a design with more rows than a group is cut
        self._parquet.write_table(table, row_group_size=_GROUP)
        self._csv.write_table(table)

    def _close(self) -> None:
        if self._single:
            self._add_single()
        self._flush()


@contextmanager
def whole_tables(folder: Path, schemas: dict[str, pa.Schema]) -> Iterator[dict[str, Table]]:
    """Give tables to write into; they replace those of the folder together when all is well.

    The origin of the old ones goes first: a folder without it is incomplete, and seen to be.

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
        (folder / ORIGIN).unlink(missing_ok=True)
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
