"""What is wrong or suspicious in a search is found and explained; what is safe is repaired."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ..conftest import Shell, write_tree
from ..helpers import finished, generate, wait_for

B0 = "bracket-0"


def edit(name: str, text: str) -> Callable[[Path], object]:
    return lambda search: (search / name).write_text(text)


def remove(*names: str) -> Callable[[Path], object]:
    return lambda search: [(search / name).unlink() for name in names]


def remove_tree(name: str) -> Callable[[Path], object]:
    return lambda search: shutil.rmtree(search / name)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "config edited": (edit(f"{B0}/stage-0/config-1/config", "x: 7\n"), "is not what was drawn"),
    "promoted config edited": (edit(f"{B0}/stage-1/config-0/config", "x: 7\n"), "is not what was drawn"),
    "result edited": (edit(f"{B0}/stage-0/config-3/result", "0.000001\n"), "not the one that its training run left"),
    "promoted result edited": (edit(f"{B0}/stage-0/config-0/result", "0.9999\n"), "is not the present result of its origin"),
    "no attempt": (remove(f"{B0}/stage-0/attempts/config-0"), "no successful attempt"),
    "config missing": (remove(f"{B0}/stage-0/config-0/config"), "what was drawn is missing"),
    "promoted config missing": (remove(f"{B0}/stage-1/config-0/config"), "what was drawn is missing"),
    "result missing": (remove(f"{B0}/stage-0/config-0/result"), "the record has it"),
    "no run.sh": (remove("run.sh"), "cannot be run without it"),
    "run.sh from Windows": (lambda search: (search / "run.sh").write_bytes((search / "run.sh").read_bytes().replace(b"\n", b"\r\n")),
                            "run.sh:\n  its lines end in CR LF"),
    "no Snakefile": (remove("Snakefile"), "cannot be run without it. Copy it from a new search"),
    "no programs": (remove_tree("hyperband"), "hyperband:\n  is missing: the search cannot be run without it. Copy it from a new search"),
    "no checksums": (remove("configurations.sha256"), "configurations.sha256:\n  is missing: without it, edited configurations are not noticed"),
    "no sampler": (remove("sampler.json"), "sampler.json:\n  is missing: without it, brackets that wait for configurations cannot run"),
    "no space": (remove_tree("search-space"), "search-space/config:\n  is missing: without it, nothing can be proposed or drawn"),
    "no template": (remove("search-space/config"), "search-space/config:\n  is missing"),
    "no profile": (remove_tree("profiles"), "profiles/default/config.yaml:\n  is missing"),
    "no table": (remove(f"{B0}/stage-0/promotion"), "its promotion table is missing"),
    "odd table": (edit(f"{B0}/stage-0/promotion", "slot\tfrom\tresult\n0\t999\t0.5\n1\t1\t0.1\n"), "not the present result of its origin"),
    "another search": (lambda s: write_tree(s, {"bracket-0/stage-0/config-9/config": "x"}), "is not in plan.json"),
}


RES = 'echo "0.$x$s" > "$1/result"'


def test_damage_is_found_and_explained(shell: Shell) -> None:
    assert_each_is_found(shell, finished(shell, res=RES), DAMAGE)


def assert_each_is_found(shell: Shell, sound: Path, kinds: dict[str, tuple[Callable[[Path], object], str]]) -> None:
    """Each kind alone, on a copy; a sound search has no findings and exit status 0."""
    assert "0 findings. The search is complete." in shell.run("hyband", "check", sound.name)
    for name, (damage, text) in kinds.items():
        copy = shell.cwd / name
        shutil.copytree(sound, copy)
        damage(copy)
        done = shell.try_run("hyband", "check", name)
        assert (name, done.returncode) == (name, 1)
        assert text in done.stdout, name
        fixed = shell.try_run("hyband", "check", "--fix", name)
        repairable = "has it" in text or "what was drawn" in text
        assert ("Repaired: " in fixed.stdout) == repairable, name
        assert ("0 findings" in fixed.stdout) == repairable, name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hyperband", "S/hyperband is missing or incomplete. Copy it from a new search"),
        ("hyperband/workflow.py", "S/hyperband is missing or incomplete"),
        ("hyperband/search.smk", "S/hyperband is missing or incomplete"),
        ("sampler.json", "S/sampler.json is missing. It says which brackets"),
        ("search-space", "S/search-space/config is missing. Put the template that"),
    ],
)
def test_a_search_without_what_it_needs_is_not_run(shell: Shell, name: str, said: str) -> None:
    """It goes on once that is back."""
    search = generate(shell)
    (search / name).rename(shell.cwd / "away")
    done = shell.try_run("snakemake", "--snakefile", "S/Snakefile")
    assert (done.returncode, said in done.stdout, "Traceback" in done.stdout) == (1, True, False), done.stdout
    assert {slot["status"] for slot in shell.status()["slots"]} == {"pending"}
    assert not list(search.glob("bracket-*/stage-0/attempts/*"))
    (shell.cwd / "away").rename(search / name)
    assert shell.planned()["train"] == 9 + 3 + 1 + 5 + 1 + 3


def test_who_chose_the_configurations_matters_no_more_once_they_are_there(shell: Shell) -> None:
    search = shell.generate()
    (search / "sampler.json").unlink()
    shell.snakemake()
    assert shell.status()["complete"]


def test_what_is_lost_is_not_extended(shell: Shell) -> None:
    (shell.generate() / "sampler.json").unlink()
    done = shell.try_run("hyband", "extend", "S", "--repeat", "1")
    assert (done.returncode, done.stdout.startswith("Error: S/sampler.json is missing.")) == (1, True)


def test_the_space_is_needed_for_proposals_alone(shell: Shell) -> None:
    shutil.rmtree(finished(shell, res=RES) / "search-space")
    shell.snakemake()


@pytest.mark.parametrize("told", [True, False])
def test_a_search_of_a_version_that_had_fewer_files(shell: Shell, told: bool) -> None:
    """It runs as ever, and nothing is missing."""
    search = shell.generate()
    later = {"sampler.json", "search-space", "configurations.sha256"}
    for name in later:
        shutil.rmtree(search / name) if (search / name).is_dir() else (search / name).unlink()
    plan = json.loads((search / "plan.json").read_text())
    entries = [name for name in plan.pop("entries") if name not in later]
    (search / "plan.json").write_text(json.dumps(plan | ({"entries": entries} if told else {})))
    shell.snakemake(res='echo "0.$x$s" > "$1/result"')
    assert "0 findings. The search is complete." in shell.run("hyband", "check", "S")
    assert "kept no template" in shell.run("hyband", "extend", "S", "--repeat", "1", check=False)


DAMAGE_OF_FOLDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "whole result edited": (edit(f"{B0}/stage-0/config-3/result", "0.000001\n"), "its result does not match its folds"),
    "whole result missing": (remove(f"{B0}/stage-0/config-3/result"), "its outcome has it"),
    "fold's result edited": (edit(f"{B0}/stage-0/config-3/fold-0-1/result", "7\n"), "not the one that its training run left"),
    "fold's result missing": (remove(f"{B0}/stage-0/config-3/fold-0-1/result"), "the record has it"),
    "fold's config edited": (edit(f"{B0}/stage-0/config-3/fold-0-1/config", "x: 7\n"), "is not that of the other folds"),
    "no table with folds": (remove(f"{B0}/stage-0/promotion"), "its promotion table is missing"),
}


def test_damage_where_folds_are_trainings(shell: Shell) -> None:
    sound = finished(shell, 2, 2, "--parallel-folds", "--folds", "2", "--bracket", "0", res=RES)
    assert_each_is_found(shell, sound, DAMAGE_OF_FOLDS)


def test_suspicious_scores(shell: Shell) -> None:
    shell.generate(2, 2, output="same")
    shell.snakemake("same", res='echo 0 > "$1/result"')
    assert "all results of this stage are 0" in shell.run("hyband", "status", "same")
    shell.generate(3, 2, output="ignored")
    shell.snakemake("ignored")
    assert "does run.sh use its budget" in shell.run("hyband", "status", "ignored")
    shell.generate(3, 2, "--last-stage", "0", output="random")
    shell.snakemake("random")
    assert "Suspicious" not in shell.run("hyband", "status", "random")


def test_a_launcher_that_does_not_wait(shell: Shell) -> None:
    """It ends before there is a result: a failure with a hint, and the number that comes later is pointed out."""
    shell.generate(0, 2)
    late = '(until [ -e go ]; do sleep 0.05; done; echo 0.5 > "$1/result"; touch gone) </dev/null >/dev/null 2>&1 & disown'
    shell.snakemake(res=late, check=False)
    slot = shell.slots()[0, 0, 0]
    assert slot["status"] == "failed"
    assert "sbatch needs --wait" in slot["reason"]
    (shell.cwd / "go").touch()
    wait_for((shell.cwd / "gone").exists)
    assert shell.slots()[0, 0, 0]["status"] == "failed"
    assert "a number came later" in shell.run("hyband", "check", "S", check=False)


def test_a_result_that_comes_a_little_late_counts(shell: Shell) -> None:
    shell.generate(0, 2)
    res = '(sleep 3; echo 0.5 > "$1/result") </dev/null >/dev/null 2>&1 & disown'
    shell.snakemake(res=res, env={"HYBAND_RESULT_WAIT": "20"})
    assert shell.slots()[0, 0, 0]["status"] == "completed"


def test_exit_status_of_an_unfinished_search(shell: Shell) -> None:
    shell.generate(0, 2)
    done = shell.try_run("hyband", "check", "S")
    assert (done.returncode, "not complete: 0 of 1 configuration done." in done.stdout) == (1, True)
    assert shell.try_run("hyband", "status", "S").returncode == 0
