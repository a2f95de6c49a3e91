"""What a user types, and what is printed."""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from hyperband_snakemake.cli import COMMANDS
from hyperband_snakemake.cli.init import FIRST_PLAN
from hyperband_snakemake.core.tree.layout import OF_THE_BEST

from ..conftest import FIXTURE, Shell, copy_case, read_tree, write_tree
from ..trees import as_generated

SEED_PLAN = """\
Hyperband Search (cost: 426.23)
  Bracket 0 (cost: 73.48)
    Stage 0 - 243 configurations each with budget 1.0 (cost: 12.25)
    Stage 1 - 81 configurations each with budget 3.0 (cost: 12.25)
    Stage 2 - 27 configurations each with budget 9.0 (cost: 12.25)
    Stage 3 - 9 configurations each with budget 27.0 (cost: 12.25)
    Stage 4 - 3 configurations each with budget 81.0 (cost: 12.25)
    Stage 5 - 1 configurations each with budget 243.0 (cost: 12.25)
  Bracket 1 (cost: 67.44)
    Stage 0 - 98 configurations each with budget 3.0 (cost: 14.82)
    Stage 1 - 32 configurations each with budget 9.0 (cost: 14.52)
    Stage 2 - 10 configurations each with budget 27.0 (cost: 13.61)
    Stage 3 - 3 configurations each with budget 81.0 (cost: 12.25)
    Stage 4 - 1 configurations each with budget 243.0 (cost: 12.25)
  Bracket 2 (cost: 64.86)
    Stage 0 - 41 configurations each with budget 9.0 (cost: 18.60)
    Stage 1 - 13 configurations each with budget 27.0 (cost: 17.69)
    Stage 2 - 4 configurations each with budget 81.0 (cost: 16.33)
    Stage 3 - 1 configurations each with budget 243.0 (cost: 12.25)
  Bracket 3 (cost: 73.48)
    Stage 0 - 18 configurations each with budget 27.0 (cost: 24.49)
    Stage 1 - 6 configurations each with budget 81.0 (cost: 24.49)
    Stage 2 - 2 configurations each with budget 243.0 (cost: 24.49)
  Bracket 4 (cost: 73.48)
    Stage 0 - 9 configurations each with budget 81.0 (cost: 36.74)
    Stage 1 - 3 configurations each with budget 243.0 (cost: 36.74)
  Bracket 5 (cost: 73.48)
    Stage 0 - 6 configurations each with budget 243.0 (cost: 73.48)
"""
SEED_CONFIG = """\
folds: 10
repetitions: 2
cv_seed: 109090
learning_rate: 0.001
C: 0.01
solver: saga
penalty: l1
"""
EXAMPLE = ("hyband", "generate", "5", "3", "--repetitions", "2", "--folds", "10", "--cost-one-epoch-full-dataset", "0.0028")


def test_plan_is_the_printed_one(shell: Shell) -> None:
    out = shell.run(*EXAMPLE)
    assert out == SEED_PLAN + "\nNothing was written. Add --output-dir DIRECTORY to write this search.\n"
    assert list(shell.cwd.iterdir()) == []


def test_guaranteed_budget_is_added(shell: Shell) -> None:
    out = shell.run(*EXAMPLE, "--guaranteed-budget", "3")
    assert "Hyperband Search (cost: 518.62)" in out
    assert "Stage 0 - 243 configurations each with budget 4.0" in out


def test_seed_gives_the_printed_configuration(shell: Shell) -> None:
    out = shell.run("python", "-m", "hyperband_snakemake", *EXAMPLE[1:], "-o", "my-search", "--random-seed", "123456")
    assert out.startswith(SEED_PLAN)
    assert out.splitlines()[-1] == "snakemake --snakefile my-search/Snakefile"
    assert (shell.cwd / "my-search/bracket-2/stage-0/config-16/config").read_text() == SEED_CONFIG


def test_the_configurations_of_a_seed_stay_byte_for_byte(shell: Shell) -> None:
    """Those of the example, as every version has drawn them with the filter random."""
    shell.run("hyband", "generate", "5", "3", "-o", "S", "--random-seed", "123456")
    sums = (shell.cwd / "S/configurations.sha256").read_bytes()
    assert hashlib.sha256(sums).hexdigest() == "3436cdeb341cc8fca6f5e6b2073ba0170b2f9a16baace1a9b5c4227fb4c56e6a"
    assert not list((shell.cwd / "S").rglob("parameters.json"))


def test_same_seed_same_bytes(shell: Shell, tmp_path: Path) -> None:
    """Whatever the hash seed, the locale, the working directory and the name."""
    first = shell.generate(3, 2, template=copy_case("14", tmp_path / "T"))
    (tmp_path / "other dir").mkdir()
    away = Shell(tmp_path / "other dir", shell.env | {"PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONUTF8": "0"})
    second = away.generate(3, 2, output="deep/er/ö", template=tmp_path / "T")
    assert as_generated(first) == as_generated(second)
    assert os.stat(first / "run.sh").st_mode == os.stat(second / "run.sh").st_mode


def test_a_drawn_seed_is_printed_and_stored(shell: Shell) -> None:
    out = shell.run("hyband", "generate", "2", "2", "--template-dir", FIXTURE, "-o", "S")
    seed = json.loads((shell.cwd / "S/plan.json").read_text())["random_seed"]
    assert f"random seed {seed} (drawn)" in out
    shell.generate(2, 2, output="again", seed=seed)
    assert as_generated(shell.cwd / "S") == as_generated(shell.cwd / "again")


def test_one_bracket_is_that_of_the_whole_search(shell: Shell) -> None:
    whole = shell.generate(3, 2, output="whole")
    part = shell.generate(3, 2, "--bracket", "2", "-b", "0", output="part")
    assert sorted(p.name for p in part.glob("bracket-*")) == ["bracket-0", "bracket-2"]
    for name in ("bracket-0", "bracket-2"):
        assert read_tree(part / name) == read_tree(whole / name)


def test_random_search(shell: Shell) -> None:
    search = shell.generate(4, 3, "--bracket", "0", "--last-stage", "0")
    assert len(list(search.glob("bracket-0/stage-0/config-*/config"))) == 81
    assert [p.name for p in search.glob("bracket-*")] == ["bracket-0"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-1", "3"], "SMAX is -1; expected 0 to 20"),
        (["3", "1"], "ETA is 1; expected 2 to 1000"),
        (["3", "0"], "ETA is 0"),
        (["3", "2.5"], "'2.5' is not a valid integer"),
        (["1_0", "2"], "'1_0' is not a valid integer"),
        (["3", "3", "--folds", "0"], "--folds is 0"),
        (["3", "3", "-r", "0"], "--repetitions is 0"),
        (["3", "3", "--guaranteed-budget", "-1"], "--guaranteed-budget is -1"),
        (["3", "3", "--guaranteed-budget", "1/0"], "'1/0' is not a decimal number"),
        (["3", "3", "-t", "nan"], "'nan' is not a decimal number"),
        (["3", "3", "--last-stage", "-1"], "--last-stage is -1"),
        (["3", "3", "-b", "4"], "--bracket is 4; expected 0 to 3"),
        (["3", "3", "--template-dir", "nodir"], "--template-dir is nodir; there is no such directory"),
        (["3", "3", "--random-seed", "-1"], "-1 is not in the range"),
        (["3"], "Missing argument 'ETA'"),
        (["3", "3", "--nonsense"], "No such option"),
    ],
)
def test_usage_errors(shell: Shell, arguments: list[str], message: str) -> None:
    done = shell.try_run("hyband", "generate", *arguments[:1], "-o", "S", *arguments[1:]) if arguments[0] != "-1" else \
        shell.try_run("hyband", "generate", "-o", "S", "--", *arguments)
    assert done.returncode == 2
    assert message in done.stdout
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stdout
    assert not (shell.cwd / "S").exists()


def test_refuses_a_used_directory(shell: Shell) -> None:
    search = shell.generate()
    before = read_tree(search)
    done = shell.try_run("hyband", "generate", "1", "2", "--template-dir", FIXTURE, "-o", "S")
    assert done.returncode == 1
    assert "already holds a search" in done.stdout
    assert read_tree(search) == before


def test_overwrite_leaves_nothing_of_the_old_search(shell: Shell) -> None:
    shell.generate(3, 2, output="fresh", seed=5)
    search = shell.generate(3, 2)
    write_tree(search, {"bracket-0/stage-0/config-0/result": "0.1\n", "note.txt": "mine", **dict.fromkeys(OF_THE_BEST, "old")})
    shell.generate(3, 2, "--overwrite", seed=5)
    assert as_generated(search) == as_generated(shell.cwd / "fresh") | {"note.txt": b"mine"}
    assert sorted(p.name for p in shell.cwd.iterdir()) == ["S", "fresh"]


def test_an_old_search_that_is_kept_is_whole(shell: Shell) -> None:
    (shell.cwd / "S").mkdir()  # as Snakemake makes it for an output in it: no old search
    search = shell.generate(1, 2, "--keep-old")
    shell.snakemake()
    write_tree(search, {"note.txt": "mine"})
    before = {name: data for name, data in read_tree(search).items() if name != "note.txt"}
    for number, kept in ((1, "S.replaced-1"), (2, "S.replaced-2")):
        out = shell.run("hyband", "generate", "2", "2", "--template-dir", FIXTURE, "-o", "S", "--keep-old", "--random-seed", number)
        assert f"The search that was there is now {kept}, with all its results." in out
    assert read_tree(shell.cwd / "S.replaced-1") == before
    assert shell.status("S.replaced-1")["complete"]
    assert sorted(path.name for path in shell.cwd.glob("S*")) == ["S", "S.replaced-1", "S.replaced-2"]
    shell.generate(2, 2, output="fresh", seed=2)
    assert as_generated(search) == as_generated(shell.cwd / "fresh") | {"note.txt": b"mine"}
    done = shell.try_run("hyband", "generate", "1", "2", "-o", "S", "--keep-old", "--overwrite")
    assert (done.returncode, "expected one of the two" in done.stdout) == (2, True)


def test_overwrite_spares_what_is_no_search(shell: Shell) -> None:
    write_tree(shell.cwd / "S", {"thesis.tex": "..."})
    for flags in ([], ["--overwrite"], ["--keep-old"]):
        done = shell.try_run("hyband", "generate", "1", "2", "--template-dir", FIXTURE, "-o", "S", *flags)
        assert (done.returncode, read_tree(shell.cwd / "S")) == (1, {"thesis.tex": b"..."})


def test_an_empty_directory_a_link_and_the_current_directory_are_filled(shell: Shell) -> None:
    (shell.cwd / "here").mkdir()
    (shell.cwd / "scratch").mkdir()
    (shell.cwd / "link").symlink_to("scratch")
    shell.generate(output="link/S")
    Shell(shell.cwd / "here", shell.env).generate(output=".")
    assert as_generated(shell.cwd / "here") == as_generated(shell.cwd / "scratch/S")


def test_overwrite_spares_the_templates_it_reads(shell: Shell) -> None:
    search = shell.generate()
    shell.run("cp", "-r", FIXTURE, search / "T")
    done = shell.try_run("hyband", "generate", "1", "2", "--template-dir", "S/T", "-o", "S", "--overwrite")
    assert (done.returncode, "Move them" in done.stdout) == (1, True)
    assert (search / "T/config").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
def test_an_overwrite_that_fails_half_way_changes_nothing(shell: Shell) -> None:
    """A mount point within the search cannot be renamed."""
    search = shell.generate()
    before = read_tree(search)
    if shell.try_run("mount", "--bind", search / "bracket-1", search / "bracket-1").returncode:
        pytest.skip("mount is not permitted here")
    try:
        done = shell.try_run("hyband", "generate", "1", "2", "--template-dir", FIXTURE, "-o", "S", "--overwrite")
    finally:
        shell.run("umount", search / "bracket-1")
    assert (done.returncode, "Nothing was changed" in done.stdout) == (1, True)
    assert read_tree(search) == before
    assert not list(search.glob(".S*"))


def test_a_read_only_template_directory(shell: Shell) -> None:
    template = copy_case("12", shell.cwd / "T")
    shell.run("chmod", "-R", "a-w", template)
    search = shell.generate(1, 2, template=template)
    assert (search.stat().st_mode & 0o700) == 0o700
    shell.run("chmod", "-R", "u+w", template)


def test_only_what_is_written_has_to_be_distinct(shell: Shell) -> None:
    """224 configurations are enough for the 128 of bracket 0, though the whole search has 314."""
    search = shell.generate(7, 2, "--bracket", "0", "--last-stage", "0", template=copy_case("01", shell.cwd / "T"))
    assert len({p.read_text() for p in search.glob("bracket-*/*/*/config")}) == 128


@pytest.mark.parametrize("arguments", [
    ["init", "/proc/x"], ["init", "x" * 300], ["generate", "1", "2", "-o", "x" * 300], ["generate", "1", "2", "-o", "/dev/null/x"],
    ["generate", "1", "2", "-o", "S", "--template-dir", "x" * 300], ["status", "x" * 300],
    ["generate", "1", "2", "-o", "S", "--config-template", "/etc/hostname"],
])
def test_errors_of_the_file_system(shell: Shell, arguments: list[str]) -> None:
    done = shell.try_run("hyband", *arguments)
    assert done.returncode == 1
    assert done.stdout.startswith("Error: ")
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize("what", ["undefined", "too small", "no template", "no config", "full"])
def test_a_failure_leaves_nothing(shell: Shell, what: str) -> None:
    template = shell.cwd / "T"
    if what != "no template":
        shutil.copytree(FIXTURE, template)
    if what == "undefined":
        (template / "run.sh").write_text("echo {{ oops }}")
    if what == "too small":
        (template / "config").write_text("{{ [1, 2, 3] | random }}")
    if what == "no config":
        (template / "config").unlink()
    if what == "full":
        (shell.cwd / "a").write_text("a file where a directory is wanted")
    done = shell.try_run("hyband", "generate", "2", "3", "--template-dir", template, "-o", "a/b/S")
    assert done.returncode == (2 if what == "no template" else 1)
    assert done.stdout.startswith("Error: ")
    assert "Traceback" not in done.stdout
    assert {p.name for p in shell.cwd.iterdir()} <= {"T", "a"}
    assert not (shell.cwd / "a").is_dir()


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (f"generate 4 2 --template-dir '{FIXTURE}' -o N", 0),
        ("plan 3 3", 0), ("init T", 0), ("status S", 0), ("status S --json", 0), ("top S", 0), ("show S bracket-0/stage-0/config-0", 0), ("export S", 0), ("report S", 0),
        ("extend S --repeat 1", 0), ("check S", 1), ("status nothing", 1), ("plan 3", 2), ("--help", 0), ("--version", 0),
    ],
)
def test_a_closed_pipe_changes_nothing(shell: Shell, command: str, status: int) -> None:
    """Neither what is done nor the exit status: what a command has done is no failure because nobody reads on."""
    shell.generate(4, 2)
    reading, writing = os.pipe()
    os.close(reading)
    with (shell.cwd / "errors").open("w") as errors, os.fdopen(writing, "w") as closed:
        process = shell.start("hyband", *shlex.split(command), stdout=closed, stderr=errors)
        assert process.wait(180) == status
    assert "Traceback" not in (shell.cwd / "errors").read_text()
    assert "roken pipe" not in (shell.cwd / "errors").read_text()
    assert (shell.cwd / "N/plan.json").exists() == ("-o N" in command)
    plan = json.loads((shell.cwd / "S/plan.json").read_text())
    assert len(plan["brackets"]) == (10 if "extend" in command else 5)


@pytest.mark.parametrize(("streams", "words", "status"), [
    ("2>&1 >out | true", "status nothing", 1), ("2>&1 | true", "plan 3", 2), (">&-", "plan 3 3", 0), (">&- 2>&-", "status nothing", 1),
    ("2> out > /dev/full", "plan 3 3", 1),
])
def test_streams_that_are_closed_or_full(shell: Shell, streams: str, words: str, status: int) -> None:
    assert shell.run("bash", "-c", f"hyband {words} {streams}; echo ${{PIPESTATUS[0]}}") == f"{status}\n"
    if "full" in streams:
        assert (shell.cwd / "out").read_text() == "Error: standard output: No space left on device.\n"


def test_init_makes_templates_that_work(shell: Shell) -> None:
    out = shell.run("hyband", "init", "my-templates")
    assert "hyband generate 3 3 --template-dir my-templates --output-dir my-search" in out
    assert sorted(p.name for p in (shell.cwd / "my-templates").iterdir()) == [
        "config", "run.sh", "train.py"]
    shell.generate(1, 2, template=shell.cwd / "my-templates")
    done = shell.try_run("hyband", "init", "my-templates")
    assert done.returncode == 1
    assert "Nothing was written" in done.stdout


def test_init_copies_the_snakefile_if_asked(shell: Shell) -> None:
    """It makes the same search as one that comes with the version."""
    shell.run("hyband", "init", "T", "--with-snakefile")
    assert {p.name for p in (shell.cwd / "T").iterdir()} == {"Snakefile", "config", "profiles", "run.sh", "train.py"}
    shell.run("hyband", "init", "bare")
    own, shipped = shell.generate(1, 2, template=shell.cwd / "T"), shell.generate(1, 2, template=shell.cwd / "bare", output="B")
    assert as_generated(own) == as_generated(shipped)


def test_init_for_a_command(shell: Shell) -> None:
    """From a command that works to a search, by the commands that are printed."""
    write_tree(shell.cwd, {"train.sh": 'for i in $(seq $4); do echo "loss=$(awk "BEGIN { print $2 / $i }")"; done\n'})
    words = ["bash", "train.sh", "--lr", "~uniform(1, 2)", "--epochs", "9"]
    out = shell.run("hyband", "init", "T", "--result", "log:/loss=(.*)/", "--minimize", "--", *words)
    assert "  Constant: train.sh.\n" in out
    commands = [shlex.split(line) for line in out.splitlines() if line.startswith("hyband ")]
    assert commands[0] == ["hyband", "generate", "--max-budget", "9", "--template-dir", "T", "--output-dir", "my-search"]
    for command in commands:
        last = shell.run(*command)
    assert "complete, 22 of 22" in last
    for words, said in ((["init", "T2", "python", "t.py", "--lr", "1"], "Write -- before your command."),
                        (["init", "T2", "--budget", "x"], "--budget is for a command"), (["init", "T2", "--space", "lr", "--", "x"], "--space is 'lr'"),
                        (["init", "T2", "--example", "iris", "--", "x"], "cannot be combined"), (["init", "T2", "--", "a", "--b", "1"], "--result WHERE")):
        done = shell.try_run("hyband", *words)
        assert (done.returncode, said in done.stdout) == (2, True), done.stdout
    assert not (shell.cwd / "T2").exists()


def test_generate_ends_with_what_comes_next(shell: Shell) -> None:
    out = shell.run("hyband", "generate", "1", "3", "-o", "S")
    assert "Templates: the iris example (no --template-dir)\nTraining runs: 6, " in out
    assert out.endswith("\nhyband try S\n\nThen run the search:\n\nhyband run S\n\nor, with Snakemake alone:\n\nsnakemake --snakefile S/Snakefile\n")
    write_tree(shell.cwd, {"config": "x: {{ uniform('x', 0, 1) }}\n", "run.sh": "true\n"})
    assert "for that, add --template-dir ." in shell.run("hyband", "generate", "1", "3", "-o", "other")
    assert "not used" not in shell.run("hyband", "generate", "1", "3", "-o", "third", "--template-dir", ".")


@pytest.mark.parametrize("example", sorted(FIRST_PLAN))
def test_init_says_the_next_command(shell: Shell, example: str) -> None:
    *_, command = shell.run("hyband", "init", "my templates", "--example", example).splitlines()
    shell.run(*shlex.split(command))
    assert (shell.cwd / "my-search/plan.json").exists()


def test_named_templates_are_not_copied_raw(shell: Shell) -> None:
    template = write_tree(shell.cwd / "T", {
        "my.yaml.j2": "x: {{ range(100) | random }}\n", "go.sh": "echo 1 > $1/result\n", "other.txt": "{{ raw }}"})
    search = shell.generate(1, 2, "--config-template", "my.yaml.j2", "--run-template", "go.sh", template=template)
    names = {p.name for p in search.iterdir()}
    assert names >= {"run.sh", "Snakefile", "other.txt", "plan.json"}
    assert not names & {"my.yaml.j2", "go.sh", "config"}
    assert (search / "other.txt").read_text() == "{{ raw }}"


def test_a_snakefile_template_gets_the_names_it_knows(shell: Shell) -> None:
    template = copy_case("00", shell.cwd / "T")
    (template / "Snakefile").write_text(
        "# {{ base_dir }} {{ search.smax }} {{ search.eta }} {{ search.R }}\n"
        "{% for b in brackets %}{% for s in b.stages %}# {{ b.index }} {{ s.index }} {{ s.configurations }} {{ s.budget }}\n"
        "{% endfor %}{% endfor %}")
    text = (shell.generate(1, 2, template=template) / "Snakefile").read_text()
    assert text.splitlines() == [f"# {shell.cwd / 'S'} 1 2 2", "# 0 0 2 1", "# 0 1 1 2", "# 1 0 2 2"]


def test_output_within_the_template_directory(shell: Shell) -> None:
    """Twice: neither search copies itself nor the other one."""
    template = copy_case("01", shell.cwd / "T")
    away = Shell(template, shell.env)
    for name in ("a", "b", "deep/c"):
        away.run("hyband", "generate", "2", "2", "--template-dir", f"{template}/", "--output-dir", template / name,
                 "--random-seed", "1")
    assert as_generated(template / "a") == as_generated(template / "b") == as_generated(template / "deep/c")
    assert not list(template.glob("*/a")) + list(template.glob("*/b")) + list(template.glob(".*tmp"))


def test_other_files_come_through_as_they_are(shell: Shell) -> None:
    template = copy_case("12", shell.cwd / "T")
    (template / "dotgit").rename(template / ".git")
    (template / "conf/current").unlink()
    (template / "conf/current").symlink_to("base")
    (template / "lib/broken-link").unlink()
    (template / "lib/broken-link").symlink_to("../missing-target")
    (shell.cwd / "data").mkdir()
    (template / "data").symlink_to("../data")
    search = shell.generate(2, 2, template=template, output="far/away/S")
    for name in ("lib/not_a_template.py", "lib/model.bin", ".git/HEAD", "conf/base/default.yaml"):
        assert (search / name).read_bytes() == (template / name).read_bytes()
    assert os.readlink(search / "conf/current") == "base"
    assert os.readlink(search / "lib/broken-link") == "../missing-target"
    assert (search / "data").resolve() == shell.cwd / "data"


TOLD_WITH_ANOTHER = {"init --example", "extend --random-share", "refine --sampler"}


def test_help_names_every_option_with_an_example() -> None:
    silent = set()
    for command in COMMANDS:
        assert f"        hyband {command.name} " in (command.help or "")
        options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
        silent |= {f"{command.name} {option.opts[0]}" for option in options if not option.help}
    assert silent <= TOLD_WITH_ANOTHER


def test_non_ascii_output_in_an_ascii_terminal(shell: Shell) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    shell.generate(1, 2, output="ö")
    assert "Bracket 0" in shell.run("hyband", "status", "ö", env=ascii_only)


def test_a_wheel_brings_templates_and_example() -> None:
    from hyperband_snakemake.writing.create import EXAMPLE, SHIPPED

    assert {p.name for p in EXAMPLE.iterdir()} >= {"config", "run.sh", "train.py"}
    assert (SHIPPED / "Snakefile").exists()
    assert subprocess.run(["bash", "-n", EXAMPLE / "run.sh"], check=False).returncode == 0


@pytest.mark.parametrize("command", ["export", "report"])
def test_no_file_of_a_search_is_written_over(shell: Shell, command: str) -> None:
    search = shell.generate(1, 2)
    before = read_tree(search)
    for name in ("plan.json", "sampler.json", "bracket-0/stage-0/config-0/config", "../S/Snakefile"):
        done = shell.try_run("hyband", command, "S", "-o", f"S/{name}")
        assert (done.returncode, "which is a file of the search. Choose another name." in done.stdout) == (2, True), done.stdout
    assert read_tree(search) == before
    shell.run("hyband", command, "S", "-o", "S/mine.html" if command == "report" else "S/mine.csv")
