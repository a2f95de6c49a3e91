"""The pages as a site: every link leads somewhere, words are spelled as they should be, and commands do what the pages say."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import jinja2
import pytest
import yaml

from ..blocks import blocks_of, play
from ..conftest import ROOT, Shell, write_tree
from ..helpers import finished

PAGES = sorted((ROOT / "docs").glob("*.md"))
READMES = sorted((ROOT / "examples").glob("**/README.md"))
WRITTEN = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + PAGES + READMES
WITH_COMMANDS = [ROOT / "README.md", *PAGES]
OWN_TEST = {"init.md", "from-the-original.md"}  # test_init_page.py, test_original_page.py
EXECUTED = [page for page in WITH_COMMANDS if page.name not in OWN_TEST and "\n```sh\n" in page.read_text(encoding="utf-8")]
LONG = r"hyband run my-search$|.*\biris-search\b"  # the tutorial and test_readme.py do
COMMANDS = re.compile(r"(hyband|snakemake|pip|python3?|make|rsync|sbatch|tensorboard|[A-Z_]+=\S+ hyband) ")
TEMPLATES = {
    "T/config": "x={{ uniform('x', 0, 1) }}\nnet={{ choice('net', ['wide', 'deep']) }}\n",
    "T/run.sh": """. "$1/config"; awk "BEGIN { print $x + 1 / $2 }" > "$1/result"\n""",
}
READERS = {  # what the reader of a page has
    "train.py": """import json, pathlib, sys
values = dict(zip(sys.argv[1::2], sys.argv[2::2]))
score = {"val_acc": 1 - float(values["--lr"]), "val_loss": float(values["--lr"])}
pathlib.Path(values["--out"], "metrics.json").write_text(json.dumps(score))
""",
    "mine/good.yaml": "x=0.25\nnet=wide\n",
}
TRANSLATED = (
    r"\btrainings\b", r"\ba training(?! (run|program|rule|job|set|script|command|step|data|once))\b", r"\banew\b", r"\bforetold\b",
    r"\bforetells?\b", r"\bof yours\b", r"\bmend(s|ed)?\b", r"\bendless\b", r"\bby lot\b", r"\bgoes on\b", r"\bgo on\b", r"\blives on\b",
    r"\blive on\b", r"\bin the place of\b", r"\bended well\b", r"\bof its own accord\b", r"\bNever (is|are|did)\b", r"\bMind that\b",
    r"\bsamplers? of Optuna\b", r"\bstud(y|ies) of Optuna\b", r"\bthan at random\b", r"\bone (eta-th|in eta)\b", r"\bof ours\b",
    r"\b[Nn]o numbers? of (theirs|it|such)\b", r"\bwithout end\b", r"\bthe whole of it\b", r"\bfor want of\b", r"\bof no use\b",
    r"\bis no (part|sampler|study|search|time|number|directory|amount|error|journal)\b", r"\bbut no error\b", r"\b(do|does|did) not tell\b",
    r"\btakes? along\b", r"\bin a line each\b", r"\bone a line\b", r"\bmust rather\b", r"\bas a word\b",
    r"\bholds (from|for|on)\b", r"\b(is|are|was|were) told\b", r"\btold (from|apart)\b", r"\bbeside\b", r"\bcut off\b",
)
WORD_LIST = "CONTRIBUTING.md"  # its table of words names what not to write


def prose(page: Path) -> str:
    """The text without code blocks, code, the table of words and line ends, since a phrase may be broken anywhere."""
    text = page.read_text(encoding="utf-8")
    if page.name == WORD_LIST:
        text = text[: text.index("| write | not |")]
    return re.sub(r"\s+", " ", re.sub(r"`[^`\n]*`", "", re.sub(r"(?ms)^ *```.*?^ *```", "", text)))


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
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


def prepared(shell: Shell) -> Shell:
    """A directory with what most pages take for granted: templates, a program, and two finished searches."""
    search = finished(shell, 2, 2, template=write_tree(shell.cwd, TEMPLATES) / "T", output="my-search")
    shutil.copytree(search, shell.cwd / "other-search", symlinks=True)
    (shell.cwd / "T").rename(shell.cwd / "my-templates")
    write_tree(shell.cwd, READERS)
    return shell


@pytest.mark.parametrize("page", EXECUTED, ids=lambda page: page.name)
def test_commands_do_what_the_page_says(shell: Shell, page: Path) -> None:
    play(prepared(shell), page.read_text(encoding="utf-8"), without="(?!)" if page.name == "tutorial.md" else LONG)


@pytest.mark.parametrize("page", [*WITH_COMMANDS, *READMES], ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_are_marked(page: Path) -> None:
    """A block with commands is `sh`, so that it is executed, or its title says what that would need. Lines of a run.sh are `bash`."""
    blocks = blocks_of(page.read_text(encoding="utf-8"))
    assert [block.body for block in blocks if not block.kind and COMMANDS.match(block.body)] == []
    assert [block.title for block in blocks if block.kind == "sh" and block.title and block.is_executed] == []


@pytest.mark.parametrize("page", [*WITH_COMMANDS, *READMES], ids=lambda page: str(page.relative_to(ROOT)))
def test_blocks_are_what_they_say(page: Path) -> None:
    """A program that a page shows can at least be read."""
    for block in blocks_of(page.read_text(encoding="utf-8")):
        if block.kind in READABLE:
            READABLE[block.kind](block.body)


def read_bash(text: str) -> None:
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), text


def read_python(text: str) -> None:
    if not re.search(r"(?m)^rule \w+:", text):  # Snakemake's
        ast.parse(text)


READABLE: dict[str, Callable[[str], object]] = {
    "bash": read_bash,
    "jinja": jinja2.Environment(extensions=["jinja2.ext.do"]).parse,
    "python": read_python,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
}
