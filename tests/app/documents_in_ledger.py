"""Documents as the ledger keeps them, for tests of what is stored and found."""

from __future__ import annotations

import numpy as np

from app.documents.extracted import Chunk, Extracted
from app.ledger import Ledger
from app.ledger_documents import FileStat, Indexed

WIDTH = 8


def stat(size: int = 100, modified_ns: int = 1_764_000_000_000_000_000) -> FileStat:
    """A file's figures of no particular interest."""
    return FileStat(size=size, modified_ns=modified_ns, inode=1, device=1)


def vector(seed: int) -> bytes:
    """A vector of length 1, always the same for a seed."""
    made = np.random.default_rng(seed).normal(size=WIDTH)
    return (made / np.linalg.norm(made)).astype("<f2").tobytes()


def passages(*texts: str, heading: str = "") -> tuple[Extracted, list[Indexed]]:
    """A document of these passages, one a paragraph."""
    whole, found, start = "\n\n".join(texts), [], 0
    for number, text in enumerate(texts):
        chunk = Chunk(text=text, start=start, end=start + len(text), heading=heading, page=1)
        found.append(Indexed(chunk=chunk, fingerprint=hash(text) >> 1, vector=vector(number)))
        start += len(text) + 2
    return Extracted(text=whole, type="text", page_starts=(0,)), found


def document(
    ledger: Ledger, path: str, *texts: str, folder_id: int | None = None, type_: str = "text"
) -> int:
    """A document that was read."""
    id_ = ledger.add_document(path, path.rsplit("/", 1)[-1], stat(), folder_id)
    extracted, found = passages(*texts)
    if type_ != "text":
        extracted = Extracted(text=extracted.text, type=type_, page_starts=extracted.page_starts)
    ledger.keep_document(id_, extracted, found, title=f"Title of {path}", sha256="ab" * 32)
    return id_
