"""Where Spark keeps what it makes: a folder of Parquet a table, in a directory or an object store."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.errors import BadInput
from analytics.translation import translate as _

PROBED = 16  # files that have to be seen again


def url_of(place: str) -> str:
    """A path as the URL that means the same to Spark, whatever its own default file system is; URLs stay.

    >>> url_of("s3a://bank/tables"), url_of("/data/bank")
    ('s3a://bank/tables', 'file:///data/bank')
    """
    return place.rstrip("/") if "://" in place else Path(place).resolve().as_uri()


@dataclass(frozen=True)
class Lake:
    """A Spark session and the place, as a URL, for what it makes. Every table that is kept is a view by its name."""

    session: Any
    place: str

    def sql(self, text: str) -> Any:
        """The frame of a statement; nothing runs yet."""
        return self.session.sql(text)

    def rows(self, text: str) -> list[Any]:
        """The few rows of a statement."""
        return list(self.session.sql(text).collect())

    def keep(self, name: str, rows: Any) -> None:
        """Write a frame, or a statement's rows, to `<place>/<name>`, and let its name mean these from now on."""
        frame = self.sql(rows) if isinstance(rows, str) else rows
        frame.write.mode("overwrite").parquet(f"{self.place}/{name}")
        kept = self.session.read.schema(frame.schema).parquet(f"{self.place}/{name}")
        kept.createOrReplaceTempView(name)

    def read(self, name: str, url: str) -> None:
        """Let a name mean the rows of a Parquet file or a folder of its parts."""
        self.session.read.parquet(url).createOrReplaceTempView(name)

    def names_in(self, url: str) -> list[str]:
        """What is in a folder, hidden names left out. Raises BadInput where there is none."""
        path, files = self._files(url)
        if not files.exists(path) or not files.getFileStatus(path).isDirectory():
            raise BadInput(_("There is no folder {path}.").format(path=url), _("Check the path's spelling."))
        found = sorted(one.getPath().getName() for one in files.listStatus(path))
        return [name for name in found if not name.startswith(("_", "."))]

    def forget(self, name: str = "") -> None:
        """Remove a table's files, or all of the place."""
        path, files = self._files(f"{self.place}/{name}" if name else self.place)
        files.delete(path, True)

    @contextmanager
    def at_hand(self, name: str, folder: Path) -> Iterator[Path]:
        """The folder of a kept table on this machine, copied into `folder` as long as it is needed there."""
        if self.place.startswith("file:"):
            yield Path(self.place.removeprefix("file://")) / name
            return
        path, files = self._files(f"{self.place}/{name}")
        here = folder / name
        files.copyToLocalFile(False, path, self._path(here.as_uri()), True)
        try:
            yield here
        finally:
            shutil.rmtree(here)

    def probe(self) -> None:
        """Raise BadInput where what the workers write can't be seen from here: rows would be lost in silence."""
        url = f"{self.place}/probe"
        self.session.range(0, PROBED, 1, PROBED).write.mode("overwrite").parquet(url)
        seen = [name for name in self.names_in(url) if name.endswith(".parquet")]
        self.forget("probe")
        if len(seen) != PROBED:
            raise BadInput(
                _("What Spark's workers write to {place} can't be seen from here.").format(place=self.place),
                _("Name a folder or an object store that all of them share with --marts."),
            )

    def _files(self, url: str) -> tuple[Any, Any]:
        path = self._path(url)
        return path, path.getFileSystem(self.session.sparkContext._jsc.hadoopConfiguration())

    def _path(self, url: str) -> Any:
        return self.session.sparkContext._jvm.org.apache.hadoop.fs.Path(url)
