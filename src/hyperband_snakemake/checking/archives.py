"""What `hyband check` finds about archives. A damaged one comes before all else: what is in it cannot be read."""

from pathlib import Path

from ..core.disk.archives import DamagedArchive, find_archive
from ..core.plan import counted
from ..core.tree import layout
from ..writing.archiving.marks import bracket_places
from ..writing.archiving.unpack import refuse_damaged
from .findings import Finding


def find_damaged(search: Path) -> list[Finding]:
    """Compare all archives of a search with their checksums.

    Raises:
        NotASearch: there is none.
    """
    found = []
    for place in bracket_places(search).values():
        try:
            if (archive := find_archive(place)) is not None:
                refuse_damaged(archive)
        except DamagedArchive as error:
            found.append(Finding(f"{place.name}/{layout.ARCHIVE}", str(error)))
    return found


def damage_found_text(findings: list[Finding]) -> str:
    """These findings for people."""
    lines = [f"{one.where}:\n  {one.what}" for one in findings]
    return "\n".join([*lines, f"{counted(len(findings), 'finding')}. The rest is checked once this is right."])
