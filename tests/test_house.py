"""The house rules: who may import whom, what loads what, and how every module begins."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import readme_list

ROOT = readme_list.ROOT
PACKAGES = ("ui", "app", "learner")
TORCH = {"torch", "transformers", "peft"}
QT = {"PySide6", "shiboken6"}
LONGEST = 400
LONGER_WITH_REASON = {
    "app/protocol.py": "every message of the wire in one place, to be read as a table",
}


@dataclass(frozen=True)
class Module:
    """One source file: its path in the repository, dotted name and syntax tree."""

    path: Path
    name: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]

    def imports(self) -> set[str]:
        """Dotted names of everything imported anywhere in the file, functions included."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.path}: relative imports hide the boundaries"
                base = node.module or ""
                found |= {_submodule_or(base, alias.name) for alias in node.names}
        return found

    def outside(self) -> set[str]:
        """First parts of everything imported: `PySide6`, `torch`, `app`…"""
        return {name.partition(".")[0] for name in self.imports()}


def _submodule_or(base: str, name: str) -> str:
    """`from app import prompt` names app.prompt, `from app.keys import Keys` names app.keys."""
    path = ROOT / base.replace(".", "/") / name
    return f"{base}.{name}" if path.with_suffix(".py").exists() or path.is_dir() else base


def _module(path: Path) -> Module:
    parts = path.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(path, name, ast.parse((ROOT / path).read_text(encoding="utf-8")))


PRODUCT = [_module(path) for path in readme_list.modules()]
TESTS = [_module(path.relative_to(ROOT)) for path in sorted((ROOT / "tests").rglob("*.py"))]
BY_NAME = {module.name: module for module in PRODUCT}


def _of(package: str) -> Iterator[Module]:
    return (module for module in PRODUCT if module.package == package)


def _reachable(start: set[str]) -> set[str]:
    """Names of our own modules that importing any of `start` can load, at once or later."""
    seen: set[str] = set()
    waiting = set(start)
    while waiting:
        name = waiting.pop()
        if name in BY_NAME and name not in seen:
            seen.add(name)
            waiting |= BY_NAME[name].imports()
    return seen


# ------------------------------------------------------------------ boundaries


def test_the_window_knows_only_the_protocol() -> None:
    allowed = {"app.protocol", "app.errors"}
    for module in _of("ui"):
        ours = {name for name in module.imports() if name.partition(".")[0] in ("app", "learner")}
        assert ours <= allowed, f"{module.path} imports {sorted(ours - allowed)}"


def test_nothing_imports_backwards() -> None:
    assert not [module.path for module in _of("app") if "ui" in module.outside()]
    assert not [module.path for module in _of("learner") if {"app", "ui"} & module.outside()]


@pytest.mark.parametrize(
    ("libraries", "place"),
    [
        (QT, re.compile(r"ui/")),
        ({"llama_cpp"}, re.compile(r"app/engine\w*\.py")),
        ({"chromadb", "onnxruntime"}, re.compile(r"app/memory/")),
        ({"onnx"}, re.compile(r"packaging/")),
        (TORCH, re.compile(r"learner/")),
    ],
    ids=["qt", "llama_cpp", "memory", "onnx", "torch"],
)
def test_heavy_libraries_stay_in_their_place(libraries: set[str], place: re.Pattern[str]) -> None:
    for module in PRODUCT:
        if not place.match(module.path.as_posix()):
            found = libraries & module.outside()
            assert not found, f"{module.path} imports {sorted(found)}"


def test_torch_is_only_in_the_trainer_half() -> None:
    # Everything the app or a study session can ever import, lazily or not; the trainer half is
    # what only the trainer process, learner/__main__.py, reaches.
    roots = {module.name for package in ("ui", "app") for module in _of(package)}
    here = _reachable(roots | {"learner.study", "learner.trainer"})
    torch = {module.name for module in PRODUCT if TORCH & module.outside()}
    assert torch, "the search itself is broken"
    assert not here & torch, f"reachable without the trainer process: {sorted(here & torch)}"
    assert torch <= _reachable({"learner.__main__"}) | {"learner.__main__"}


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("ui.application", {"torch", "llama_cpp", "chromadb", "transformers", "peft"}),
        ("app.service", {"torch", "llama_cpp", "chromadb", "transformers", "peft", "PySide6"}),
        ("app.memory.vector_index", {"torch", "chromadb", "onnxruntime", "transformers"}),
        ("app.memory.embedder", {"torch", "chromadb", "onnxruntime", "transformers"}),
        ("learner.study", {"torch", "llama_cpp", "transformers", "peft", "PySide6", "app"}),
    ],
)
def test_what_a_fresh_process_loads(module: str, forbidden: set[str]) -> None:
    program = f"import {module}, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not forbidden & set(done.stdout.split())


# ------------------------------------------------------------------ the text


@pytest.mark.parametrize("module", PRODUCT + TESTS, ids=lambda module: module.path.as_posix())
def test_every_module_opens_with_one_sentence(module: Module) -> None:
    if module in TESTS and module.path.name == "__init__.py":
        return
    first, _, rest = (ast.get_docstring(module.tree) or "").partition("\n")
    assert first.endswith("."), f"{module.path} opens with {first!r}"
    assert not re.search(r"[.!?] [A-Z]", first), f"{module.path} opens with two sentences"
    assert not rest or rest.startswith("\n"), f"{module.path}: the sentence fills one line"


def test_the_readme_lists_every_module_with_its_own_sentence() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme_list.written_into(readme) == readme, (
        "renew the list with: python packaging/readme_list.py --write"
    )


def test_exceptions_are_caught_broadly_only_at_the_two_edges() -> None:
    found = set()
    for module in PRODUCT:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
                found.add(module.path.as_posix())
    assert found <= {"app/service.py", "learner/__main__.py"}


def _is_broad(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    names = {one.id for one in kinds if isinstance(one, ast.Name)}
    return kind is None or bool(names & {"Exception", "BaseException"})


def test_nothing_is_left_for_later() -> None:
    marks = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")))
    for module in PRODUCT + TESTS:
        text = (ROOT / module.path).read_text(encoding="utf-8")
        assert not marks.search(text), f"{module.path} postpones something"


def test_modules_hold_one_noun() -> None:
    for module in PRODUCT:
        lines = len((ROOT / module.path).read_text(encoding="utf-8").splitlines())
        if module.path.as_posix() not in LONGER_WITH_REASON:
            assert lines < LONGEST, f"{module.path} has {lines} lines"


def test_packaging_is_no_package() -> None:
    # With an __init__.py it would shadow PyPI's `packaging` for every process started here.
    assert not (ROOT / "packaging" / "__init__.py").exists()
