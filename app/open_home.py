"""Open home: everything that works on one home while its ledger is open."""

from __future__ import annotations

from dataclasses import dataclass

from app.adapters import AdapterStore
from app.copying import Copying
from app.document_notes import NoteMaker
from app.forgetting import Forgetting
from app.ledger import Ledger
from app.library import Library
from app.mind import Announce, Mind
from app.moving import Moving
from app.notebook import SealedNotebook
from app.paths import Home
from app.replies import Replies
from app.school import School
from app.shards import ShardStore
from app.summaries import SummaryMaker
from app.verify import Verifier


@dataclass(frozen=True)
class OpenHome:
    """The parts, put together; `swept` are sentences on what was tidied up while opening."""

    ledger: Ledger
    store: AdapterStore
    mind: Mind
    library: Library
    replies: Replies
    school: School
    forgetting: Forgetting
    verifier: Verifier
    notes: NoteMaker
    summaries: SummaryMaker
    moving: Moving
    copying: Copying
    swept: tuple[str, ...]

    @classmethod
    def open(cls, home: Home, key: bytes, announce: Announce) -> OpenHome:
        """Open the ledger with its key and begin to load model and documents.

        Raises LedgerError and what tidying up raises.
        """
        ledger = Ledger.open(home, key)
        ledger.supersede_anew()
        ledger.copies.sweep()
        store, shards = AdapterStore(home, ledger), ShardStore(home, ledger)
        swept = tuple(store.sweep())
        mind = Mind(home, ledger, store, announce)
        library = Library.over(home, ledger, announce)
        school = School(ledger, store, shards, SealedNotebook(home, ledger), mind)
        made = cls(
            ledger=ledger,
            store=store,
            mind=mind,
            library=library,
            replies=Replies(ledger, mind, library),
            school=school,
            forgetting=Forgetting(ledger, store, shards, mind),
            verifier=Verifier(home, ledger, store, shards, mind, key),
            notes=NoteMaker(ledger, mind, library),
            summaries=SummaryMaker(ledger, mind),
            moving=Moving(home, ledger, shards, mind, school),
            copying=Copying(ledger, key),
            swept=swept,
        )
        mind.warm()
        library.start()
        return made

    def put_away(self) -> None:
        """End what runs; the ledger stays open."""
        self.library.close()
        self.mind.close()

    def close(self) -> None:
        """Stop what runs, put the model away, close the ledger."""
        self.school.stop()
        self.put_away()
        self.ledger.close()
