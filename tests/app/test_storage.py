"""What is stored where: each part once, with its size and whether it is encrypted."""

from __future__ import annotations

from pathlib import Path

from app.paths import Home
from app.storage import storage


def test_every_file_is_counted_in_one_part(home: Path) -> None:
    made = Home(home)
    made.create()
    sizes = {"ledger.db": 400, "ledger.db-wal": 30, "index/g1/a": 7, "logs/service.log": 5, "x": 2}
    for name, size in sizes.items():
        path = home / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"." * size)
    found = storage(made)
    parts = {part.title: part for part in found.parts}
    assert {title: part.size for title, part in parts.items()} == {
        "Your record": 430,
        "Search index": 7,
        "Logs": 5,
        "Other files": 2,
    }
    assert parts["Your record"].names == ("ledger.db", "ledger.db-wal")
    assert [title for title, part in parts.items() if part.encrypted] == ["Your record"]
    assert sum(part.files for part in found.parts) == len(sizes)
    assert found.home == str(home)
    assert found.free > 0
