"""Builds the documentation site: `python -m docs.site`, ten seconds; see `site/html`.

The site has the project's Markdown, the notebook, and a page per room of `mnist_core` made from its
docstrings. All files keep their places, so that the links between them hold. A link to a page or
heading that does not exist is an error. `docs/mkdocs.yml` has the order and the settings.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from mnist_core.utils.paths import PROJECT

DOCS = ("*.md", "LICENSE", "docs/*.md", "docs/*.png", "docs/*.gif", "docs/*.ipynb")
DOCS += ("lessons/README.md", "benchmarks/README.md", "mnist_core/*/data/README.md")
SITE = PROJECT / "site"
ROOMS = [path.parent.name for path in PROJECT.glob("mnist_core/*/__init__.py")]


def collect(folder: Path) -> None:
    """Copy the documentation into a folder, and add pages from the notebook and the docstrings."""
    for pattern in DOCS:
        for path in PROJECT.glob(pattern):
            target = folder / path.relative_to(PROJECT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    notebook = folder / "docs" / "quickstart.ipynb"
    notebook.with_suffix(".md").write_text(markdown(notebook), "utf-8")
    (folder / "reference").mkdir()
    for room in ROOMS:
        (folder / "reference" / f"{room}.md").write_text(f"::: mnist_core.{room}\n")


def markdown(notebook: Path) -> str:
    """Return a notebook as Markdown, without its outputs and with a link to its file."""
    cells = nbformat.read(notebook, as_version=4).cells
    code = [f"```python\n{c.source}\n```" if c.cell_type == "code" else c.source for c in cells]
    return "\n\n".join([*code, f"[Download this notebook]({notebook.name})\n"])


def main() -> None:
    if SITE.exists():
        shutil.rmtree(SITE)
    collect(SITE / "pages")
    shutil.copy(PROJECT / "docs" / "mkdocs.yml", SITE)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "-f", "mkdocs.yml"]
    raise SystemExit(subprocess.run(command, cwd=SITE).returncode)


if __name__ == "__main__":
    main()
