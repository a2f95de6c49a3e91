"""`hyband help`: each page and each command has its words, and what is said of a page is how the page begins."""

import re

import pytest
from markdown.extensions.toc import slugify

from hyperband_snakemake.cli import COMMANDS
from hyperband_snakemake.cli.common.topics import PAGES, SECTIONS, all_topics, contents, find_page
from hyperband_snakemake.errors import UsageError

from ..conftest import ROOT, Shell

FOR_READERS_OF_THE_SITE = {"index"}


def test_every_page_is_there() -> None:
    names = {path.stem for path in (ROOT / "docs").glob("*.md")} - FOR_READERS_OF_THE_SITE
    assert {page.name for page in PAGES} == names
    assert len(PAGES) == len(names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_said_is_how_the_page_begins(page) -> None:
    parts = (ROOT / page.address).read_text(encoding="utf-8").split("\n\n")
    plain = " ".join(re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", parts[1]).split())
    assert plain.startswith(page.text)


def test_every_word_leads_to_one_page() -> None:
    assert len(set(all_topics())) == len(all_topics())
    assert [word for word in all_topics() if word in {p.name for p in PAGES} and find_page(word)[0].name != word] == []
    assert {command.name for command in COMMANDS} - {"help"} <= set(all_topics())
    assert all(word in contents() for word in all_topics())


def test_every_section_is_there() -> None:
    for word in " ".join(SECTIONS.values()).split():
        page, address = find_page(word)
        path, _, section = address.partition("#")
        headings = re.findall(r"(?m)^#+ (.*)", (ROOT / path).read_text(encoding="utf-8"))
        assert section in {slugify(heading, "-") for heading in headings}, (word, page.name)


@pytest.mark.parametrize(("topic", "said"), [("chekpoints", "Did you mean: checkpoints"), ("xyzzy", "'xyzzy'. hyband help lists")])
def test_a_topic_that_is_not_there(topic: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        find_page(topic)


def test_what_is_printed(shell: Shell) -> None:
    assert "docs/cluster.md " in shell.run("hyband", "help")
    said = shell.run("hyband", "help", "Slurm")
    assert said.startswith("A search runs wherever Snakemake does")
    assert said.endswith("Read more: docs/cluster.md, in the source\nOptions: hyband slurm --help\n")
    assert "Options" not in shell.run("hyband", "help", "checkpoints")
    assert shell.try_run("hyband", "help", "slrum").returncode == 2
