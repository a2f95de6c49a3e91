"""What is said about templates when a search is generated."""

import json
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.writing.create import EXAMPLES, NewSearch, Templates, create_search
from hyperband_snakemake.writing.remarks import SINGLETON, remarks

from ..conftest import FIXTURE, USERCASES, Shell, write_tree


def said(tmp_path: Path, run: str = "", config: str = "x\n", rendered: str = "x\n", **more: str) -> list[str]:
    write_tree(tmp_path / "T", {"run.sh": run, "config": config, **more})
    write_tree(tmp_path / "S", {"bracket-0/stage-0/config-0/config": rendered, "run.sh": run, "hyperband/a.sh": "\r\n", **more})
    return [one.replace(f"{tmp_path}/", "") for one in remarks(Templates(tmp_path / "T"), tmp_path / "S")]


PIPE = "bash only checks the exit status of the last program in a pipe"


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("python train.py | tee log\n", 1),
        ("set -eu\n# no pipefail\npython train.py \\\n  --x 'a|b' |\n  tail -n 1 > \"$1/result\"\n", 3),
        ("set -e\nif x=$(CUDA=0 ./train | tail -n 1); then echo; fi\n", 2),
        ("#!/bin/bash -o pipefail\n./train |& tee log\n", 2),  # run.sh is started as `bash run.sh`
        ("cd x; { srun ./train; } 2>&1 | tee log\n", 1),
    ],
)
def test_a_pipe_without_pipefail(tmp_path: Path, script: str, line: int) -> None:
    (one,) = said(tmp_path, script)
    assert one.startswith(f"T/run.sh, line {line}: {PIPE}")
    assert "set -o pipefail" in one


@pytest.mark.parametrize(("script", "line"), [
    ("trap 'kill 0' EXIT\n", 1), ("# kill 0\nkill -s TERM 0\n", 2), ("kill -9 0\n", 1), ("kill $(jobs -p); kill -0 $p; kill -TERM 01\n", 0)])
def test_a_signal_to_all_that_trains(tmp_path: Path, script: str, line: int) -> None:
    assert [one.partition(": ")[0] for one in said(tmp_path, script)] == [f"T/run.sh, line {line}"] * bool(line)


@pytest.mark.parametrize(
    "script",
    [
        "set -euo pipefail\npython train.py | tee log\n",
        "python train.py || exit 1\n",
        'grep loss log | tail -n 1 | cut -f 2 > "$1/result"\n',
        "echo 'a | b'  # ./train | tee\n{# ./train | tee #}\n{{ [1] | tojson }}\n",
        "case $1 in\n  a|b) echo;;\nesac\n[[ $x =~ ^(a|b)$ ]] || exit\necho >| file\n",
    ],
)
def test_a_pipe_that_does_no_harm(tmp_path: Path, script: str) -> None:
    assert said(tmp_path, script) == []


JOBS = "after Ctrl-C or kill -9, jobs of sbatch keep running"


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("sbatch --wait << EOF\n#!/bin/bash\npython train.py\nEOF", 1),
        ('# sbatch it\nset -e\njob="$(sbatch --parsable job.sh "$1")"\n', 3),
        ("[ -e x ] ||\n  X=1 sbatch -W job.sh\n", 2),
        ("if ! sbatch --wait job.sh; then exit 1; fi\n", 1),
    ],
)
def test_jobs_that_outlive_run_sh(tmp_path: Path, script: str, line: int) -> None:
    (one,) = said(tmp_path, script)
    assert one.startswith(f"T/run.sh, line {line}: {JOBS}")
    assert f"Add {SINGLETON} to sbatch" in one
    assert one.endswith("hyband slurm S jobs")
    assert remarks(Templates(tmp_path / "T"), tmp_path / "S", "jobs") == []


@pytest.mark.parametrize(
    "script",
    ["# sbatch --wait job.sh\n", "echo use sbatch here\n", f"sbatch --wait {SINGLETON} job.sh\n", "srun ./train\n", "./sbatch x\n", "my-sbatch x\n"],
)
def test_no_jobs_that_outlive_run_sh(tmp_path: Path, script: str) -> None:
    assert said(tmp_path, script) == []


SUBMITIT = "import argparse\nfrom submitit import AutoExecutor\n"


def test_jobs_of_submitit_outlive_run_sh(tmp_path: Path) -> None:
    (one,) = said(tmp_path, "python launch.py\n", **{"launch.py": SUBMITIT})
    assert one.startswith("T/launch.py, line 2: after Ctrl-C or kill -9, jobs of submitit keep running")
    assert one.endswith("hyband slurm S jobs")
    assert remarks(Templates(tmp_path / "T"), tmp_path / "S", "jobs") == []
    assert len(said(tmp_path, f"python - <<END\n{SUBMITIT}END\n")) == 1
    assert said(tmp_path, "python launch.py\n", **{"launch.py": "# import submitit\n", "notes.txt": SUBMITIT}) == []


def test_texts_that_look_like_numbers(tmp_path: Path) -> None:
    rendered = "lr: 1e-05\nl: [1E5, 'a']\nok: [1.0e-05, 1.0e+5, '1e-5', 10]\nm: !new\n  - wd: -2.5e3\nx: 1e-5 m\n"
    config = "{% set x = 1 %}\nlr: {{ [1e-5] | random }}\n"
    found = said(tmp_path, config=config, rendered=rendered)
    assert [one.partition(", and")[0] for one in found] == [
        "T/config, line 2: YAML 1.1",
        "S/bracket-0/stage-0/config-0/config, line 2: YAML 1.1",
        "S/bracket-0/stage-0/config-0/config, line 5: YAML 1.1",
    ]
    assert "reads 1e-05 as a text" in found[0]


@pytest.mark.parametrize("rendered", ['{"a": 1e-05}', "[s]\na: 1e-5\n", "a = 1e-5\n", "--lr 1e-5", "1e-5", "&a [*a, 1.0e-5]"])
def test_what_is_not_yaml_has_no_such_texts(tmp_path: Path, rendered: str) -> None:
    assert said(tmp_path, rendered=rendered) == []


def test_an_included_file_without_a_line_end(tmp_path: Path) -> None:
    parts = {"parts/cut": "a", "whole": "a\n", "empty": ""}
    config = "{% include 'whole' %}\n{% include 'empty' %}\n  {% include 'parts/cut' %}\nb\n{% include 'parts/cut' +%}\nc\n{% include 'parts/cut' %}\n"
    (one,) = said(tmp_path, config=config, **parts)
    assert one == "T/config, line 3: T/parts/cut has no final line end, so what follows continues its last line."


def test_line_ends_of_windows(tmp_path: Path) -> None:
    found = said(tmp_path, config="a\nb\r\nc\r\n", helper="#!/bin/sh\r\n", **{"lib.sh": "a\nb\r\n", "data.csv": "a\r\n"})
    assert found[0] == "T/config, line 2: lines end in CR LF here; in the search they end in LF."
    assert [one.partition(" lines")[0] for one in found[1:]] == ["T/helper, line 1:", "T/lib.sh, line 2:"]
    assert "sed -i 's/\\r$//' T/helper S/helper" in found[1]


@pytest.mark.parametrize("directory", EXAMPLES.values(), ids=str)
def test_nothing_is_said_about_the_examples(directory: Path, tmp_path: Path) -> None:
    assert remarks(Templates(directory), tmp_path) == []


def test_generate_says_it_once(shell: Shell) -> None:
    out = shell.run("hyband", "generate", "1", "2", "--template-dir", USERCASES / "08-toml-and-tee", "-o", "S")
    assert out.count("Note: ") == 1
    assert f"run.sh, line 3: {PIPE}" in out


def test_a_comment_that_draws(tmp_path: Path) -> None:
    (one,) = said(tmp_path, config="a: {{ uniform('a', 0, 1) }}\n# b: {{ uniform('b', 0, 1) }}\n", rendered="a: 1\n# b: 1\n")
    assert one.startswith("T/config, line 2: looks like a comment, but its draw is still a parameter")


def test_a_configuration_that_cannot_be_read(tmp_path: Path) -> None:
    (one,) = said(tmp_path, config="a: b: {{ uniform('a', 0, 1) }}\n", rendered="a: b: 1\n")
    assert one.startswith("T/config looks like YAML, but cannot be read as such: S/bracket-0/stage-0/config-0/config, line 1: ")
    assert one.endswith("Fix it if your program reads YAML.")


def test_a_snakefile_that_is_not_ours_is_pointed_out(tmp_path: Path) -> None:
    snakefile = "{% for b in brackets %}{% for t in b.stages %}\nrule r{{ b.id }}_{{ t.id }}:\n    shell: 'bash run.sh'\n{% endfor %}{% endfor %}"
    templates = Templates(write_tree(tmp_path / "T", {"Snakefile": snakefile, **{n: (FIXTURE / n).read_text() for n in ("config", "run.sh")}}))
    create_search(NewSearch(make_plan(Settings(1, 2)), 1, templates=templates), tmp_path / "S")
    assert "rule r1_0:" in (tmp_path / "S/Snakefile").read_text()
    (note,) = [one for one in remarks(templates, tmp_path / "S") if "not a Snakefile of this version" in one]
    assert f"Delete {tmp_path}/T/Snakefile" in note
    (tmp_path / "T/Snakefile").unlink()
    assert not any("Snakefile" in one for one in remarks(templates, tmp_path / "S"))


@pytest.mark.parametrize(("text", "drawn", "name"), [
    ("lr: 0.5\nx: 1\nlr: 3\n", "lr", "lr"), ('{"a": {"lr": 0.5}, "a": {}}', "a.lr", "a"), ("LR=0.5\nX=1\nLR=3\n", "LR", "LR"),
    ("lr: 0.5\nx: 1\nx: 3\n", "lr", ""), ("[a]\nlr = 0.5\n[b]\nlr = 3\n", "lr", "")])
def test_a_drawn_value_that_another_one_follows(tmp_path: Path, text: str, drawn: str, name: str) -> None:
    """The last one is what most programs train with."""
    record = json.dumps({"format": 1, "values": {drawn: 0.5}, "seeds": {}, "space": {drawn: {"kind": "uniform", "low": 0, "high": 1}}})
    write_tree(tmp_path / "S", {"bracket-0/stage-0/config-0/parameters.json": record})
    assert [one.partition(" stands")[0] for one in said(tmp_path, rendered=text)] == [f"T/config: {name}"] * bool(name)
