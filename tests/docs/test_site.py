"""The pages as a site: every link leads somewhere, words are spelled as they should be, and commands do what the pages say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..blocks import play
from ..conftest import ROOT, Shell

PAGES = sorted((ROOT / "docs").glob("*.md"))
WRITTEN = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + PAGES
EXECUTED = [page for page in PAGES if "\n```sh\n" in page.read_text(encoding="utf-8")]
TRANSLATED = (
    r"\btrainings\b", r"\ba training(?! (run|program|rule|job|set|script|command|step|data|once))\b", r"\banew\b", r"\bforetold\b",
    r"\bforetells?\b", r"\bof yours\b", r"\bmend(s|ed)?\b", r"\bendless\b", r"\bby lot\b", r"\bgoes on\b", r"\bgo on\b", r"\blives on\b",
    r"\blive on\b", r"\bin the place of\b", r"\bended well\b", r"\bof its own accord\b", r"\bNever (is|are|did)\b", r"\bMind that\b",
    r"\bsamplers? of Optuna\b", r"\bstud(y|ies) of Optuna\b", r"\bthan at random\b", r"\bone (eta-th|in eta)\b", r"\bof ours\b",
    r"\b[Nn]o numbers? of (theirs|it|such)\b", r"\bwithout end\b", r"\bthe whole of it\b", r"\bfor want of\b", r"\bof no use\b",
    r"\bis no (part|sampler|study|search|time|number|directory|amount|error|journal)\b", r"\bbut no error\b", r"\b(do|does|did) not tell\b",
    r"\btakes? along\b", r"\bin a line each\b", r"\bone a line\b", r"\bmust rather\b", r"\bas a word\b",
)
WORD_LIST = "CONTRIBUTING.md"  # its table of words names what not to write


def prose(page: Path) -> str:
    """The text without code blocks, code, the table of words and line ends, since a phrase may be broken anywhere."""
    text = page.read_text(encoding="utf-8")
    if page.name == WORD_LIST:
        text = text[: text.index("| write | not |")]
    return re.sub(r"\s+", " ", re.sub(r"`[^`\n]*`", "", re.sub(r"(?ms)^ *```.*?^ *```", "", text)))


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_it_reads_as_english(page: Path) -> None:
    found = [match[0] for words in TRANSLATED for match in re.finditer(words, prose(page))]
    assert found == []


def test_it_is_spelled() -> None:
    done = subprocess.run([sys.executable, "-m", "codespell_lib", *map(str, WRITTEN), str(ROOT / "src"), "--skip", "*.js,*.pyc,*.csv",
                           "--ignore-words-list", "rouge"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_site_is_built(tmp_path: Path) -> None:
    """Strictly: a link or an anchor that leads nowhere, or a page that no menu has, is an error."""
    words = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", str(ROOT / "mkdocs.yml"), "--site-dir", str(tmp_path / "site")]
    quiet = os.environ | {"NO_MKDOCS_2_WARNING": "1"}  # the theme advertises its successor
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=quiet)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    commands = (tmp_path / "site/commands.html").read_text(encoding="utf-8")
    assert "--parallel-folds" in commands
    assert 'src="http' not in commands  # it can be read without a network


@pytest.mark.parametrize("page", EXECUTED, ids=lambda page: page.name)
def test_commands_do_what_the_page_says(shell: Shell, page: Path) -> None:
    play(shell, page.read_text(encoding="utf-8"))
