"""Fake library: the fake service's documents, watched folders, search, and sources of answers."""

from __future__ import annotations

import argparse
import queue
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from app import protocol as p
from app.sources import numbered
from tests.ui import fake_texts as texts

UNREADABLE = {".bin": "It is not a kind of file that can be read.", ".locked": texts.LOCKED}


class RefusedError(Exception):
    def __init__(self, code: str, title: str, message: str, step: str) -> None:
        super().__init__(title)
        self.info = p.ErrorInfo(code=code, title=title, message=message, next_step=step)


class Library:
    """Requests about documents; files are read by a thread of its own, as the real service does."""

    store: Any
    args: argparse.Namespace

    def begin_reading(self) -> None:
        self.unread: queue.Queue[int] = queue.Queue()
        threading.Thread(target=self.read_on, daemon=True).start()

    stopped: set[str]

    def emit(self, event: p.Event) -> None:
        raise NotImplementedError

    def new_id(self) -> int:
        raise NotImplementedError

    def save(self) -> None:
        raise NotImplementedError

    def changed(self, *what: Any) -> None:
        raise NotImplementedError

    # ------------------------------------------------------------------ reading

    def read_on(self) -> None:
        while True:
            number = self.unread.get()
            if self.document(number) is None:
                continue
            self.put(number, state="reading", passages=0)
            self.changed("documents", "folders")
            time.sleep(self.args.read_s)
            self.read(number)
            self.save()
            self.changed("documents", "folders")

    def read(self, number: int) -> None:
        if (document := self.document(number)) is None:
            return
        path = Path(document.path)
        if reason := UNREADABLE.get(path.suffix):
            self.put(number, state="failed", reason=reason)
            return
        self.store.texts[number] = text = path.read_text(encoding="utf-8")
        self.put(number, state="ready", passages=max(1, len(text) // 400))

    def document(self, number: int) -> p.DocumentRecord | None:
        return next((d for d in self.store.documents if d.id == number), None)

    def put(self, number: int, **changes: Any) -> None:
        self.store.documents = [
            msgspec.structs.replace(d, **changes) if d.id == number else d
            for d in self.store.documents
        ]
        self.store.folders = [self.counted(folder) for folder in self.store.folders]

    def counted(self, folder: p.FolderRecord) -> p.FolderRecord:
        if folder.id in texts.SEEDED_FOLDERS:
            return folder
        inside = [d for d in self.store.documents if d.folder_id == folder.id]
        failed = sum(d.state == "failed" for d in inside)
        left = sum(d.state in ("waiting", "reading") for d in inside)
        state = folder.state if folder.state == "paused" else "scanning" if left else "watching"
        return msgspec.structs.replace(
            folder,
            state=state,
            found=len(inside),
            read=len(inside) - failed - left,
            failed=failed,
            left=left,
        )

    def take(self, path: Path, folder: int | None = None) -> p.DocumentRecord:
        known: p.DocumentRecord | None = next(
            (d for d in self.store.documents if d.path == str(path)), None
        )
        if known is not None:
            return known
        there = path.is_file()
        made = texts.document(
            self.new_id(),
            path.name,
            path=str(path),
            type=path.suffix[1:] or "text",
            size=path.stat().st_size if there else 0,
            state="waiting" if there else "failed",
            reason="" if there else "There is no such file any more.",
            folder_id=folder,
        )
        if there:
            self.store.documents = [made, *self.store.documents]
            self.unread.put(made.id)
        return made

    # ------------------------------------------------------------------ documents

    def on_teach(self, request: p.Teach) -> list[p.DocumentRecord]:
        self.store.taught.append(request)
        files = [file for path in request.paths for file in _files(Path(path))]
        made = [self.take(file) for file in files]
        self.changed("documents")
        return made

    def on_teachtext(self, request: p.TeachText) -> p.DocumentRecord:
        title = request.title or " ".join(request.text.split()[:8])
        made: p.DocumentRecord = texts.document(
            self.new_id(), title, type="text", size=len(request.text.encode()), passages=1
        )
        self.store.texts[made.id] = request.text
        self.store.documents = [made, *self.store.documents]
        self.changed("documents")
        return made

    def on_listdocuments(self, _: p.ListDocuments) -> list[p.DocumentRecord]:
        rest: list[p.DocumentRecord] = self.store.documents
        return rest

    def on_getdocument(self, request: p.GetDocument) -> p.DocumentText:
        document = self.need(request.document_id)
        return p.DocumentText(
            document=document,
            text=self.store.texts.get(document.id, ""),
            page_starts=self.store.starts.get(document.id, ()),
        )

    def need(self, number: int) -> p.DocumentRecord:
        found = self.document(number)
        if found is None:
            raise RefusedError(*texts.NO_DOCUMENT)
        return found

    def on_getnotes(self, request: p.GetNotes) -> p.DocumentNotes | None:
        self.need(request.document_id)
        found: p.DocumentNotes | None = self.store.notes.get(request.document_id)
        return found

    def on_makenotes(self, request: p.MakeNotes) -> int:
        """Five steps for each; stopped, there are none."""
        for number in request.document_ids:
            title = self.need(number).title
            for step in range(1, 6):
                detail = f"Question {step} of 5: {title}"
                self.emit(
                    p.Progress(
                        id=request.id,
                        phase="notes",
                        step=step,
                        steps=5,
                        seconds_left=None,
                        detail=detail,
                    )
                )
                time.sleep(self.args.delay * 5)
                if request.id in self.stopped:
                    raise RefusedError(*texts.STOPPED_NOTES)
            self.store.notes[number] = texts.notes(number, self.store.texts[number])
        return len(request.document_ids)

    def on_readagain(self, request: p.ReadAgain) -> None:
        self.need(request.document_id)
        self.put(request.document_id, state="waiting", reason="")
        self.unread.put(request.document_id)
        self.changed("documents")

    def on_forgetdocument(self, request: p.ForgetDocument) -> None:
        self.need(request.document_id)
        self.forget_documents({request.document_id})
        self.changed("documents", "folders")

    def forget_documents(self, gone: set[int]) -> None:
        self.store.documents = [d for d in self.store.documents if d.id not in gone]
        for number in gone:
            self.store.texts.pop(number, None)
            self.store.notes.pop(number, None)
        self.store.folders = [self.counted(folder) for folder in self.store.folders]

    # ------------------------------------------------------------------ folders

    def on_listfolders(self, _: p.ListFolders) -> list[p.FolderRecord]:
        folders: list[p.FolderRecord] = self.store.folders
        return folders

    def on_watchfolder(self, request: p.WatchFolder) -> p.FolderRecord:
        made = p.FolderRecord(
            id=self.new_id(), path=request.path, state="scanning", found=0, read=0, failed=0, left=0
        )
        self.store.folders.append(made)
        for file in _files(Path(request.path)):
            self.take(file, made.id)
        self.store.folders = [self.counted(folder) for folder in self.store.folders]
        self.changed("documents", "folders")
        return self.folder(made.id)

    def folder(self, number: int) -> p.FolderRecord:
        found: p.FolderRecord = next(f for f in self.store.folders if f.id == number)
        return found

    def on_pausefolder(self, request: p.PauseFolder) -> p.FolderRecord:
        self.store.folders = [
            msgspec.structs.replace(f, state="paused" if request.paused else "watching")
            if f.id == request.folder_id
            else f
            for f in self.store.folders
        ]
        self.changed("folders")
        return self.folder(request.folder_id)

    def on_unwatchfolder(self, request: p.UnwatchFolder) -> None:
        inside = {d.id for d in self.store.documents if d.folder_id == request.folder_id}
        self.store.folders = [f for f in self.store.folders if f.id != request.folder_id]
        if request.forget:
            self.forget_documents(inside)
        else:
            for number in inside:
                self.put(number, folder_id=None)
        self.changed("folders", "documents")

    # ------------------------------------------------------------------ finding

    def on_search(self, request: p.Search) -> list[p.Passage]:
        found = self.find(request.text, request.document_ids, request.folder_ids)
        return found[: request.limit]

    def find(
        self, words: str, documents: tuple[int, ...] = (), folders: tuple[int, ...] = ()
    ) -> list[p.Passage]:
        """Paragraphs that hold the words, those with the most of them first."""
        wanted = [word for word in re.findall(r"\w+", words.casefold()) if len(word) > 3]
        found = []
        for document in self.store.documents:
            inside = document.id in documents or document.folder_id in folders
            if (documents or folders) and not inside:
                continue
            for number, (start, end, heading) in enumerate(
                paragraphs(self.store.texts.get(document.id, ""))
            ):
                text = self.store.texts[document.id][start:end]
                score = sum(word in text.casefold() for word in wanted)
                if score:
                    starts = self.store.starts.get(document.id, ())
                    found.append(
                        p.Passage(
                            id=document.id * 1000 + number,
                            document_id=document.id,
                            title=document.title,
                            path=document.path,
                            type=document.type,
                            text=text,
                            start=start,
                            end=end,
                            heading=heading,
                            page=sum(at <= start for at in starts) or None,
                            score=float(score),
                        )
                    )
        return sorted(found, key=lambda passage: -passage.score)

    def answer_with(self, request: p.Ask, question: str) -> tuple[str, tuple[p.Source, ...], bool]:
        """What an answer says from documents, its sources, and whether they were searched."""
        self.store.asked.append(request)
        low = question.casefold()
        if request.documents == "none" or not self.store.documents:
            return texts.answer(question), (), False
        found = self.find(question, request.document_ids, request.folder_ids)[:4]
        said = next((said for word, said in texts.FROM_DOCUMENTS.items() if word in low), None)
        if said is None or not found:
            only = request.documents == "only"
            return texts.NOT_THERE if only else texts.answer(question), (), True
        cited = {int(number) for number in re.findall(r"\[(\d)\]", said)}
        sources = tuple(
            msgspec.structs.replace(source, used=source.number in cited)
            for source in numbered(found)
        )
        return said, sources, True


def paragraphs(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and heading of each paragraph."""
    heading = ""
    for found in re.finditer(r"[^\n](?:.|\n(?!\n))*", text):
        if re.fullmatch(r"\d+\. .{1,60}", found.group()):
            heading = found.group()
        else:
            yield found.start(), found.end(), heading


def _files(path: Path) -> list[Path]:
    return sorted(x for x in path.rglob("*") if x.is_file()) if path.is_dir() else [path]
