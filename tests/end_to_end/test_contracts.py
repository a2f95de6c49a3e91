"""Searches that an earlier version wrote: they run on, and every command of this version works on them."""

import json
import shutil
import tarfile
from pathlib import Path

import pytest

from hyperband_snakemake.core.workflow import INTERFACE
from hyperband_snakemake.snapshot.snakefile import Abilities, abilities_of, interface_of
from hyperband_snakemake.writing.create import SHIPPED

from ..conftest import ROOT, Shell, read_tree

WITNESS = ROOT / "tests" / "witness"
OWN = {"run.lock", "plan.json", "sampler.json", "configurations.sha256"}  # what a run or an extension may rewrite


def old_search(shell: Shell, name: str) -> Path:
    """Copy a search of an earlier version, whole, to where the shell is."""
    shutil.copytree(WITNESS / name, shell.cwd / name)
    with tarfile.open(WITNESS / "hyperband.tar.gz") as programs:
        programs.extractall(shell.cwd / name, filter="data")
    return shell.cwd / name


def recorded(search: Path) -> dict[str, bytes]:
    """What a search must never lose or change: configurations, records, outcomes, promotions."""
    return {name: data for name, data in read_tree(search).items() if name not in OWN}


@pytest.mark.parametrize("name", ["begun", "proposing"])
def test_runs_on(shell: Shell, name: str) -> None:
    """The plain command finishes it; nothing that was there is trained again or changed."""
    search = old_search(shell, name)
    before = recorded(search)
    shell.snakemake(search)
    after = recorded(search)
    assert {file: after[file] for file in before} == before
    assert shell.status(search)["complete"]
    assert shell.run("hyband", "check", search)
    assert shell.planned(search) == {}


def test_a_proposal_by_this_version(shell: Shell) -> None:
    """Programs of an old search call this package for its proposals: `hyperband_snakemake.propose.main`."""
    search = old_search(shell, "proposing")
    shell.snakemake(search)
    for bracket in (1, 2):
        proposal = json.loads((search / f"bracket-{bracket}/proposal").read_text())
        assert proposal["sampler"] == "tpe"
        assert proposal["learned"]["results"] > 0
    assert "{PACKAGE}.propose" in (search / "hyperband/propose.py").read_text()


@pytest.mark.parametrize(
    "words",
    [
        ("extend", "--repeat", "1"),
        ("extend", "--smax", "+1"),
        ("extend", "--bracket", "2", "--sampler", "tpe"),
        ("refine", "--trials", "3", "--parallel", "3"),
    ],
    ids=" ".join,
)
def test_extended(shell: Shell, words: tuple[str, ...]) -> None:
    search = old_search(shell, "begun")
    before = recorded(search)
    command, *options = words
    shell.run("hyband", command, search, *options)
    shell.snakemake(search)
    after = recorded(search)
    assert {file: after[file] for file in before} == before
    assert shell.status(search)["complete"]
    assert shell.planned(search) == {}


def test_retried(shell: Shell) -> None:
    """A failed configuration of an old search gets its second chance, and its promotion is made again."""
    search = old_search(shell, "begun")
    shell.run("hyband", "retry", search, "--redo-promotions")
    shell.snakemake(search, env={"HEALED": "1"})
    assert shell.slots(search)[0, 0, 4]["status"] == "completed"
    assert shell.status(search)["complete"]


@pytest.mark.parametrize("mode", ["jobs", "steps", "executor"])
def test_put_on_slurm_and_back(shell: Shell, mode: str) -> None:
    """`hyband slurm` gives an old search what the programs in its directory understand; `off` lets it run here again."""
    search = old_search(shell, "begun")
    shell.run("hyband", "slurm", search, mode, "--cost-unit", "seconds")
    assert f'mode = "{mode}"' in (search / "slurm.toml").read_text()
    assert shell.planned(search)["train"] == 11, "the old Snakefile reads it"
    shell.run("hyband", "slurm", search, "off")
    shell.snakemake(search)
    assert shell.status(search)["complete"]


def test_job_sh_of_an_old_search(shell: Shell) -> None:
    """It is recognised, never rewritten, and says what the programs of any version have: hyperband/pack.sh."""
    search = old_search(shell, "on-slurm")
    with (search / "job.sh").open("a") as file:
        file.write("# module load cuda\n")
    job = (search / "job.sh").read_text()
    shell.run("hyband", "slurm", search, "jobs", "--cost-unit", "minutes")
    assert (search / "job.sh").read_text() == job
    assert (search / "hyperband/pack.sh").is_file()

    shutil.copytree(WITNESS / "templates", shell.cwd / "T", ignore=shutil.ignore_patterns("Snakefile"))
    shutil.copy(search / "job.sh", shell.cwd / "T")
    new = shell.generate(1, 2, "--slurm", "jobs", "--cost-unit", "minutes", template=shell.cwd / "T", output="new")
    assert (new / "job.sh").read_text() == job, "a job.sh that was adapted is taken along"
    assert (new / "hyperband/pack.sh").is_file()


def test_names_that_old_files_call() -> None:
    """What an old Snakefile, job.sh, run.sh or wait.sh calls in a search stays at the top of its programs."""
    import hyperband_snakemake

    core = Path(hyperband_snakemake.__file__).parent / "core"
    names = {"__init__.py", "__main__.py", "workflow.py", "search.smk", "train.sh", "pack.sh", "wait.sh"}
    commands = {"train", "aggregate", "promote", "propose", "best", "submit", "squeue", "step"}
    assert names | {f"{command}.py" for command in commands} <= {path.name for path in core.iterdir()}


@pytest.mark.parametrize("number", [1, 3])
def test_a_snakefile_of_another_interface_in_a_template_directory(shell: Shell, number: int) -> None:
    """The Snakefile that `hyband init` once copied does not fit the programs of a new search: said, with what to do."""
    shutil.copytree(WITNESS / "templates", shell.cwd / "T")
    if number != 1:
        shutil.copy(SHIPPED / "Snakefile", shell.cwd / "T")
        text = (shell.cwd / "T/Snakefile").read_text()
        (shell.cwd / "T/Snakefile").write_text(text.replace("interface=2", f"interface={number}"))
    done = shell.try_run("hyband", "generate", "1", "2", "--template-dir", "T", "-o", "S")
    assert (done.returncode, done.stdout.count("\n")) == (1, 1), done.stdout
    assert f"T/Snakefile is written for interface {number} " in done.stdout
    assert "this version has interface 2. Delete it" in done.stdout
    assert [path.name for path in shell.cwd.iterdir()] == ["T"]
    (shell.cwd / "T/Snakefile").unlink()
    shell.generate(1, 2, template=shell.cwd / "T")
    assert shell.planned()["train"] == 5


def test_a_search_with_a_snakefile_of_another_interface_is_not_run(shell: Shell) -> None:
    snakefile = shell.generate(1, 2) / "Snakefile"
    snakefile.write_text(snakefile.read_text().replace("interface=2", "interface=3"))
    out = shell.snakemake(check=False)
    assert "S/Snakefile is written for interface 3, but" in out
    assert "Traceback" not in out
    assert not list(shell.cwd.glob("S/bracket-*/stage-0/attempts/*"))


@pytest.mark.parametrize("name", ["begun", "proposing", "on-slurm"])
def test_abilities_of_old_snakefiles(name: str) -> None:
    text = (WITNESS / name / "Snakefile").read_text()
    assert interface_of(text) == 1
    assert abilities_of(text) == Abilities(proposes=True, submits=True)
    assert abilities_of(text.replace("search.proposals()", "[]")) == Abilities(proposes=False, submits=True)
    assert abilities_of(text.replace("search.program(", "f(")) == Abilities(proposes=True, submits=False)


def test_abilities_of_the_shipped_snakefile() -> None:
    text = (SHIPPED / "Snakefile").read_text()
    assert interface_of(text) == INTERFACE
    assert abilities_of(text) == Abilities(proposes=True, submits=True)
    assert abilities_of("rule all:\n") == Abilities(proposes=False, submits=False)


GLUED = "a: {{ uniform('a', 0, 1) }}{# a note #}\nb: {% if true %}1{% endif %}\nc: 2\n"


def test_what_is_added_to_an_old_search_is_written_as_the_rest(shell: Shell) -> None:
    """Its brackets are compared with each other; `check` says what became of the lines."""
    search = old_search(shell, "begun")
    (search / "search-space/config").write_text(GLUED)
    shell.run("hyband", "extend", search, "--repeat", "1")
    added = (search / "bracket-3/stage-0/config-0/config").read_text()
    assert added.count("\n") == 1
    assert added.endswith("b: 1c: 2\n")
    assert "line_ends" not in json.loads((search / "sampler.json").read_text())
    found = shell.try_run("hyband", "check", search).stdout
    assert "search-space/config, line 1, search-space/config, line 2:\n  the next line is joined to this one" in found


def test_what_is_added_to_a_new_search_keeps_its_lines(shell: Shell) -> None:
    (shell.cwd / "T").mkdir()
    (shell.cwd / "T/config").write_text(GLUED)
    (shell.cwd / "T/run.sh").write_text("echo 1 > $1/result\n")
    search = shell.generate(1, 2, template=shell.cwd / "T")
    shell.run("hyband", "extend", search, "--repeat", "1")
    texts = [path.read_text() for path in search.glob("bracket-*/stage-0/config-*/config")]
    assert {text.count("\n") for text in texts} == {3}
    assert len(list(search.glob("bracket-*"))) == 4
    assert "joined" not in shell.try_run("hyband", "check", search).stdout
