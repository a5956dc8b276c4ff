"""The README's file list: one line a module, made from the modules' own first sentences."""

from __future__ import annotations

import argparse
import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "<!-- files: written by packaging/readme_list.py -->"
END = "<!-- end of files -->"

FOLDERS = ("ui", "app", "learner", "packaging")
SCRIPTS = "The set-up and its tools: plain scripts, not a package."
"""`packaging` has no `__init__.py` to speak for it: one would shadow PyPI's `packaging`."""


def modules(root: Path = ROOT) -> list[Path]:
    """Every Python file of the product, relative to `root`, in the order of the list."""
    found = [path for folder in FOLDERS for path in (root / folder).rglob("*.py")]
    return sorted(
        (path.relative_to(root) for path in found),
        key=lambda path: (FOLDERS.index(path.parts[0]), path.parent, path.name),
    )


def sentence(path: Path) -> str:
    """The first line of a module's docstring, or "" where there is none."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


def listing(root: Path = ROOT) -> str:
    """The list in Markdown: a heading sentence for each folder, then its modules."""
    lines: list[str] = []
    folder = Path()
    for path in modules(root):
        if path.parent != folder:
            folder = path.parent
            lines += ["", f"**{folder.as_posix()}/** — {_of_folder(root / folder)}", ""]
        if path.name != "__init__.py":
            lines.append(f"- `{path.as_posix()}` — {sentence(root / path)}")
    return "\n".join(lines).strip()


def _of_folder(folder: Path) -> str:
    package = folder / "__init__.py"
    return sentence(package) if package.exists() else SCRIPTS


def written_into(readme: str, root: Path = ROOT) -> str:
    """The README's text with the list between its two markers made anew."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{listing(root)}\n{END}{after}"


def main() -> int:
    """Print the list, or with `--write` put it into README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the list into README.md")
    readme = ROOT / "README.md"
    if not parser.parse_args().write:
        print(listing())
        return 0
    text = readme.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        print(f"{readme} lacks the two markers of the file list.", file=sys.stderr)
        return 1
    readme.write_text(written_into(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
