"""What came of a damaged database, and where the new one waits until the damaged one is set aside."""

from pathlib import Path

import msgspec


class Recovery(msgspec.Struct, frozen=True):
    """What came of a damaged database.

    Attributes:
        aside: where the damaged file lies now.
        kept: how many events could be read.
        lost: how many are known to be missing from rooms whose home is here. Mirrors are filled again by their homes.
        renewed: names of the rooms whose home is here and that may have lost something. Each has a new id, so that
            nobody takes it for the history they know, and its events are numbered anew.
        restated: names of those of them whose rules by others stand in the name of this node's person from now on.
        keyless: names of those of them whose passphrase has to be set again.
    """

    aside: Path
    kept: int
    lost: int
    renewed: tuple[str, ...]
    restated: tuple[str, ...] = ()
    keyless: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"The database was damaged. {self.kept} entries were recovered"
        if self.renewed:
            text += f", {self.lost or 'an unknown number of'} lost in {_listed(self.renewed)}"
        text += f". The damaged file is kept as {self.aside}."
        if self.restated:
            text += (
                f" The rules that others made in {_listed(self.restated)} go on to hold, and stand in your name now."
            )
        if self.keyless:
            text += f" Set the passphrase of {_listed(self.keyless)} again; until then nobody new comes in by it."
        return text


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names))


def recovered_file(path: Path) -> Path:
    """Return where the new database is, once it is whole, until it takes the place of the damaged one."""
    return path.with_name(path.name + ".recovered")
