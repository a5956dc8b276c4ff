"""Folders: watched ones are compared with the ledger, and their changes queued."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from app.document_records import FolderRecord, FolderState
from app.documents.compare import Changes, compare
from app.documents.formats import is_known
from app.documents.scan import Found, Unreadable, scan
from app.documents.watch import Watch
from app.errors import BadRequestError, NightschoolError
from app.ledger import Ledger
from app.ledger_documents import FileStat, KnownFile
from app.ledger_folders import Folder

logger = logging.getLogger("folders")
