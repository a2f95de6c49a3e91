"""docs/structure.md names every file of a search and every variable that its programs use."""

import re
from pathlib import Path

import pytest

from hyperband_snakemake.core.tree import layout

from ..conftest import ROOT, Shell, write_tree

PAGE = (ROOT / "docs" / "structure.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "src/hyperband_snakemake"
GONE = re.compile(r"best-\w+\.svg")
CODE = re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```\n.*?^```\n", "", PAGE))
TEMPLATE = {
    "config": "x: {{ uniform('x', 0, 1) }}\nid: {{ bracket_index }}-{{ config_index }}\n",
    "run.sh": """# the best configuration of bracket 0 fails for as long as HEALED is not set
[[ $1 != *bracket-0/stage-0/config-1* || $HEALED ]] || exit 3
[[ $(<"$1/config") == *"id: 0-1" ]] && x=0 || x=1
touch "$1/ckpt"
echo $x.$2 > "$1/result"
""",
}
OWN = "ckpt"  # what the training program leaves
NUMBERED = {"B", "S", "C", "N", "PID", "JOB", "TASK", "NUMBER", "REPETITION", "FOLD"}


def pattern_of(name: str) -> re.Pattern[str]:
    """A path of the page as a pattern: capital words stand for numbers, and a directory for all that is in it."""
    parts = re.split(r"(?<![A-Za-z])([A-Z]+)(?![A-Za-z])", name.removesuffix("/"))
    text = "".join(r"\d+" if part in NUMBERED else ".+" if part == "NAME" else re.escape(part) for part in parts)
    return re.compile(text + (r"/.*" if name.endswith("/") else ""))


PATTERNS = [pattern_of(name) for name in [*CODE, OWN] if name != "bracket-B/stage-S/config-C/"]
SLOT = re.compile(r"bracket-\d+/stage-\d+/config-\d+/(fold-\d+-\d+/)?(?=.)")


def is_named(path: str) -> bool:
    """Whether a file of a search is on the page; below a configuration by its place there."""
    return any(pattern.fullmatch(SLOT.sub("", path)) for pattern in PATTERNS) or GONE.fullmatch(path) is not None


def files_of(search: Path) -> list[str]:
    found = (path.relative_to(search).as_posix() for path in search.rglob("*") if path.is_file())
    return [name for name in found if not name.startswith((".snakemake/", "hyperband/"))]


@pytest.mark.parametrize("name", [key for key, value in vars(layout).items() if key.isupper() and isinstance(value, str)])
def test_every_name_is_there(name: str) -> None:
    value = getattr(layout, name)
    if not GONE.fullmatch(value):
        assert re.search(rf"[`/]{re.escape(value.format('N')).rstrip('/')}\b", PAGE), value


@pytest.mark.parametrize(
    "options", [("--resume", "--carry", "ckpt*"), ("--sampler", "tpe", "--parallel-folds", "--folds", "2")], ids=" ".join
)
def test_every_file_is_there(shell: Shell, options: tuple[str, ...]) -> None:
    """What a search leaves that fails in part, is retried and extended."""
    search = shell.generate(1, 2, *options, template=write_tree(shell.cwd / "T", TEMPLATE))
    shell.snakemake()
    shell.run("hyband", "retry", "S", "--redo-promotions")
    shell.run("hyband", "extend", "S", "--repeat", "1")
    shell.snakemake(env={"HEALED": "1"})
    files = files_of(search)
    assert [name for name in files if not is_named(name)] == []
    expected = ["folds", "proposal", "proposal.log"] if "tpe" in options else ["ckpt", "origin"]
    assert {"promotion.replaced-1", "promotion.log", *expected} <= {name.rpartition("/")[2] for name in files}
    assert any("/replaced-config-" in name for name in files)


@pytest.mark.parametrize("name", ["notes.txt", "bracket-0/notes", "bracket-0/stage-0/config-0/notes", "bracket-0/stage-0/config-0/fold-0-0/origins"])
def test_others_are_not(name: str) -> None:
    assert not is_named(name)


@pytest.mark.parametrize("mode", ["jobs", "steps", "executor"])
def test_every_file_for_slurm_is_there(shell: Shell, mode: str) -> None:
    search = shell.generate(1, 2, "--slurm", mode)
    assert [name for name in files_of(search) if not is_named(name)] == []


def test_every_variable_is_there() -> None:
    programs = [path for path in (PACKAGE / "core").rglob("*") if path.suffix in (".py", ".sh")]
    used = {name for path in programs for name in re.findall(r"\bHYBAND_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8"))}
    assert {name for name in used if f"`{name}`" not in PAGE} == set()


def test_modules_that_it_names_exist() -> None:
    named = {word for word in CODE if re.fullmatch(r"(core|writing|samplers|slurm|snapshot|space|views)/\w[\w/]+(\.py|\.sh)?", word)}
    in_a_search = {"slurm/queue", "slurm/lock", "slurm/asking", "slurm/refused", "slurm/own-jobs", "slurm/never-began", "slurm/logs/"}
    assert len(named) > 20
    assert {w for w in named - in_a_search if not any((PACKAGE / f"{w}{end}").exists() for end in ("", ".py"))} == set()


def test_contributing_points_at_what_exists() -> None:
    """Each path is there, and so is the name that follows it."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    pointers = re.findall(r"`([\w.-]+(?:/[\w.-]+)*(?:/|\.\w+))`(?: `(\w+)`)?", re.sub(r"(?ms)^```\n.*?^```\n", "", page))
    assert len(pointers) > 50
    for path, name in pointers:
        place = next((top / path for top in (PACKAGE, ROOT) if (top / path).exists()), None)
        if place is None:
            assert path in {"run.sh", "job.sh", "wait.sh", "hyperband/workflow.py"}, path  # of a search
        elif name:
            text = place.read_text(encoding="utf-8")
            assert re.search(rf"^(def|class) {name}\b|^{name}\b.* = ", text, re.MULTILINE), f"{path}: {name}"
