"""What the memory's tests share: children of their own, a patient one for all and one to harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.memory.embedder import Embedder
from app.memory.memory_client import MemoryClient


@pytest.fixture(scope="package")
def client() -> Iterator[MemoryClient]:
    """A client whose child no test may harm."""
    client = MemoryClient()
    yield client
    client.close()


@pytest.fixture
def own_client() -> Iterator[MemoryClient]:
    """A client whose child a test may harm."""
    client = MemoryClient()
    yield client
    client.close()


@pytest.fixture(scope="package")
def embedder(client: MemoryClient, sentence_models: Path) -> Embedder:
    """The real embedding model."""
    return Embedder(client, sentence_models)
