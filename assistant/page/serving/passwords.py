"""The file of those who may log in: `name:hash` lines, the hashes made by Argon2id."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from assistant.errors import LoginError

NAME = re.compile(r"[\w.@+-]{1,64}")
SHORTEST = 10
LONGEST = 1024
_MAKE_ONE = "python -m assistant login add NAME"


class Passwords:
    """Checks names and passwords against the file, which is read again when it changes."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises `LoginError` when it cannot be used."""
        self._path = path
        self._hasher = PasswordHasher()
        # Each check takes 64 MiB and both cores for a moment: two at once, whatever comes in.
        self._turn = BoundedSemaphore(2)
        self._lock = Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._hashes: dict[str, str] = {}
        # Checked for names that nobody has, so that they take as long as the others.
        self._nobody = self._hasher.hash(os.urandom(16).hex())
        self._hashes = read_hashes(path)
        if not self._hashes:
            raise LoginError(f"{path.name} names nobody who may log in. Add a line with `{_MAKE_ONE}`.")

    def hash_of(self, name: str) -> str:
        """Return the hash of a name as the file has it now; empty for a name that it has not."""
        return self._current().get(name, "")

    def fits(self, name: str, password: str) -> bool:
        """Tell whether a password is a name's. Takes as long for a name that nobody has."""
        known = self.hash_of(name)
        with self._turn:
            try:
                self._hasher.verify(known or self._nobody, password[:LONGEST])
            except (Argon2Error, InvalidHashError):
                return False
        return bool(known)

    def _current(self) -> dict[str, str]:
        with self._lock:
            try:
                state = self._path.stat()
                stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
                if stamp != self._stamp:
                    self._hashes, self._stamp = read_hashes(self._path), stamp
            except (OSError, LoginError):
                # A file that is away or half written lets nobody in who was not known before.
                pass
            return self._hashes


def read_hashes(path: Path) -> dict[str, str]:
    """Return the hashes by name. Raises `LoginError` naming the line that cannot be used."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LoginError(
            f"The file of logins {path.name} cannot be read ({error.__class__.__name__}). Make it with `{_MAKE_ONE}`, "
            "or mend ASSISTANT_AUTH_FILE."
        ) from error
    hashes: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, hashed = line.strip().partition(":")
        if not NAME.fullmatch(name) or not hashed.startswith("$argon2"):
            raise LoginError(
                f"{path.name}, line {number}: not a name and an Argon2 hash (name:$argon2id$…). Take the line out and "
                f"add the person with `{_MAKE_ONE}`."
            )
        hashes[name] = hashed
    return hashes


def write_login(path: Path, name: str, password: str | None) -> bool:
    """Give a name a password, or take the name out where `password` is None; return whether it was there.

    The file is replaced whole, readable by its owner only.

    Raises:
        LoginError: the name or the password cannot be used, or the file cannot be read or written.
    """
    if not NAME.fullmatch(name):
        raise LoginError("A name has 1 to 64 letters, digits or . _ @ + - and nothing else. Choose another.")
    if password is not None and not SHORTEST <= len(password) <= LONGEST:
        raise LoginError(f"A password has at least {SHORTEST} characters (and at most {LONGEST}). Choose another.")
    hashes = read_hashes(path) if path.exists() else {}
    known = hashes.pop(name, None) is not None
    if password is None and not known:
        return False
    if password is not None:
        hashes[name] = PasswordHasher().hash(password)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, written = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{each}:{hashed}\n" for each, hashed in sorted(hashes.items()))
        Path(written).replace(path)
    except OSError as error:
        raise LoginError(
            f"The file of logins {path.name} cannot be written ({error.strerror}). Check its folder."
        ) from error
    return known
