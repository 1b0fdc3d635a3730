"""What the children say goes into one file each, bounded."""

import os
from pathlib import Path

LARGEST = 8 * 2**20  # bytes; one older file of the same size is kept


class Log:
    """Appends to `place`; a full file becomes `<name>.1` and replaces the one before."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = os.fstat(self._file).st_size

    def write(self, said: bytes) -> None:
        if self._size + len(said) > LARGEST:
            os.close(self._file)
            self.place.replace(self.place.with_name(self.place.name + ".1"))
            self._file = os.open(self.place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._size = 0
        try:
            self._size += os.write(self._file, said)
        except OSError:  # a full disk must not take the supervisor down with it
            pass

    def tail(self, lines: int) -> str:
        """The last lines, for whoever asks why a child died."""
        with open(self.place, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 16384))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
