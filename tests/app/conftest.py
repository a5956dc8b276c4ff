"""What the tests of the app share: one engine with the real starter model for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine_client import EngineClient


@pytest.fixture(scope="package")
def engine(starter_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    """A running engine; a test that harms its child must use one of its own."""
    client = EngineClient(starter_model, tmp_path_factory.mktemp("staging"))
    client.start()
    yield client
    client.close()


@pytest.fixture
def own_engine(starter_model: Path, tmp_path: Path) -> Iterator[EngineClient]:
    """An engine that a test may harm."""
    client = EngineClient(starter_model, tmp_path / "staging")
    yield client
    client.close()
