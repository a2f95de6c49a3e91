"""The laws of a search, each seen on a real run of Snakemake."""

import itertools
import json
import shutil
from pathlib import Path

import pytest

from ..conftest import FIXTURE, Shell, read_tree, write_tree
from ..helpers import finished
from ..trees import as_generated

NAMES = "quo'te & (paren) {x} é S"


def results(search: Path) -> dict[str, bytes]:
    return {name: data for name, data in read_tree(search).items() if name.endswith("/result")}


def test_the_plain_command_finishes_the_search(shell: Shell) -> None:
    search = shell.generate()
    out = shell.snakemake()
    assert "Best configurations:" in out
    status = shell.status()
    assert status["complete"]
    assert {slot["status"] for slot in status["slots"]} == {"completed"}
    best = json.loads((search / "best.json").read_text())
    assert best["path"] == status["best"]["path"].removeprefix("S/")
    assert (search / best["path"] / "config").read_bytes() == (search / "config").read_bytes()
    assert f"1. {best['result']} - S/{best['path']} (budget 4)" in out
    assert best["budget"] == 4
    assert shell.planned() == {}
    assert (search / ".snakemake").is_dir()


def test_what_ran_is_what_was_planned(shell: Shell) -> None:
    """Each slot once, with its own directory and the budget of its stage, as an integer."""
    shell.generate(2, 3, "--guaranteed-budget", "3")
    shell.snakemake(res='echo "$1 $2 $#" >> calls; echo 0.$x > "$1/result"')
    plan = json.loads((shell.cwd / "S/plan.json").read_text())
    expected = [
        f"S/bracket-{b['bracket']}/stage-{s['stage']}/config-{c} {s['budget']} 3"
        for b in plan["brackets"] for s in b["stages"] for c in range(s["configurations"])
    ]
    assert sorted((shell.cwd / "calls").read_text().splitlines()) == sorted(expected)
    assert "S/bracket-0/stage-2/config-0 12 3" in expected


def test_fractional_budgets_are_short_decimals(shell: Shell) -> None:
    shell.generate(1, 2, "--guaranteed-budget", "0.5")
    shell.snakemake(res='echo "$2" >> calls; echo 0.$x > "$1/result"')
    assert sorted((shell.cwd / "calls").read_text().split()) == ["1.5", "1.5", "2.5", "2.5", "2.5"]


def test_a_result_on_disk_is_final(shell: Shell) -> None:
    """Copied, touched in random order, without Snakemake's records, edited, moved: nothing is planned."""
    search = finished(shell)
    before = results(search)
    shell.run("bash", "-c", "cp -r S C; rm -rf C/.snakemake; find C -type f | shuf | xargs -d '\\n' -n 1 touch")
    assert shell.planned("C") == {}
    shell.run("bash", "-c", "sed -i 's/threads: 1/threads: 2/; s/exec bash/exec nice bash/' C/Snakefile; echo >> C/run.sh")
    assert shell.planned("C") == {}
    shell.run("touch", *sorted((shell.cwd / "C").rglob("*.py")))
    shell.run("mv", "C", "elsewhere")
    assert shell.planned("elsewhere") == {}
    assert results(shell.cwd / "elsewhere") == before


def test_lost_files(shell: Shell) -> None:
    """An intermediate one plans nothing; a final result plans exactly itself, and comes back without a training."""
    search = finished(shell)
    for name in ("stage-0/config-2/result", "stage-1/config-0/config", "stage-0/config-3/config"):
        (search / "bracket-0" / name).unlink()
    assert shell.planned() == {}
    final = search / "bracket-0/stage-2/config-0/result"
    number = final.read_bytes()
    final.unlink()
    assert shell.planned() == {"train": 1}
    shell.snakemake(res="exit 9")
    assert final.read_bytes() == number
    assert (search / "bracket-0/stage-2/attempts/config-0").read_text().count("\n") == 1


def test_what_is_said_of_the_best_comes_back(shell: Shell) -> None:
    search = finished(shell)
    before = read_tree(search)
    for name in ("config", "best.json", "best.html"):
        (search / name).unlink()
        assert shell.planned() == {"best": 1}
        shell.snakemake()
        assert (search / name).read_bytes() == before[name]


def test_a_result_put_there_by_hand_counts(shell: Shell) -> None:
    """From a backup, or another tool: it is not trained again, and the search goes on with it."""
    search = shell.generate(1, 2)
    for c in range(2):
        (search / f"bracket-0/stage-0/config-{c}/result").write_text(f"-{c}.5\n")
    shell.snakemake(res='echo "$1" >> ledger; echo 0.$x > "$1/result"')
    assert (search / "bracket-0/stage-0/config-1/result").read_text() == "-1.5\n"
    assert shell.slots()[0, 1, 0]["origin"] == "bracket-0/stage-0/config-1"
    assert "stage-0/config-1\n" not in (shell.cwd / "ledger").read_text().replace("bracket-1/stage-0/config-1", "")
    assert "put there by hand" in shell.run("hyband", "check", "S", check=False)


@pytest.mark.parametrize("option", ["-F", "--touch", "--forcerun train_bracket_0_stage_0 promote_bracket_0_stage_0"])
def test_even_force_trains_nothing_and_changes_no_promotion(shell: Shell, option: str) -> None:
    search = finished(shell, res='[ $b$s$n = 001 ] && exit 1; echo x >> ledger; echo 0.$x > "$1/result"')
    before = {name: data for name, data in read_tree(search).items() if not name.endswith(".log")}
    shell.snakemake("S", *option.split(), res='echo again >> ledger; echo -1 > "$1/result"')
    assert {name: data for name, data in read_tree(search).items() if not name.endswith(".log")} == before
    assert "again" not in (shell.cwd / "ledger").read_text()


LOST = ["config", "parameters.json", "origin", "outcome", "result"]


@pytest.mark.parametrize("lost", list(itertools.combinations(["../promotion", *LOST], 2)), ids="+".join)
def test_two_files_that_were_lost_train_nothing(shell: Shell, lost: tuple[str, str]) -> None:
    """Of a configuration that was promoted, or beside it; it stays in its place, with its result."""
    write_tree(shell.cwd / "T", {"config": "x: {{ uniform('x', 0, 1) }}\n", "run.sh": 'echo x >> ledger; sed "s/x: //" "$1/config" > "$1/result"\n'})
    search = finished(shell, 2, 2, "--bracket", "0", template=shell.cwd / "T")
    before = results(search), read_tree(search)["bracket-0/stage-0/promotion"]
    for name in lost:
        at = "bracket-0/stage-0" if name.startswith("..") else "bracket-0/stage-1/config-0"
        (search / at / name.removeprefix("../")).unlink()
    shell.snakemake()
    assert len((shell.cwd / "ledger").read_text().split()) == 7
    assert {s["status"] for s in shell.status()["slots"]} == {"completed"}
    after = {"bracket-0/stage-1/config-0/result": before[0]["bracket-0/stage-1/config-0/result"]} | results(search)
    assert (after, read_tree(search)["bracket-0/stage-0/promotion"]) == before
    assert not list(search.rglob("replaced-*"))


RESULTS = '[ $s = 0 ] && { case "$n" in 0) echo 0.1;; 1) echo 0.2;; *) echo 0.9;; esac; true; } > "$1/result" || echo 0.5 > "$1/result"; '
COPY = 'cp "$1/config" "$1/model"; echo "$b-$s-$(head -n 1 "$1/config")" >> ledger; '


def test_a_configuration_that_is_lost_before_a_retry_keeps_its_trainings(shell: Shell) -> None:
    """Scores that are equal, and slots that change hands: each result stays with what was trained."""
    search = shell.generate(2, 2, "--bracket", "0", "--retries", "0")
    (shell.cwd / "fail").touch()
    work = COPY + "if [ $s$n = 00 ] && [ -e fail ]; then exit 3; fi; " + RESULTS
    shell.snakemake(res=work)
    before = (shell.cwd / "ledger").read_text().splitlines()
    (shell.cwd / "fail").unlink()
    for slot in ("stage-1/config-0", "stage-2/config-0"):
        (search / "bracket-0" / slot / "config").unlink()
    shell.run("hyband", "retry", "S", "--redo-promotions")
    shell.snakemake(res=work)
    for model in search.glob("bracket-0/stage-*/config-*/model"):
        assert model.read_bytes() == (model.parent / "config").read_bytes()
    again = (shell.cwd / "ledger").read_text().splitlines()[len(before):]
    first = "0-0-" + (search / "bracket-0/stage-0/config-0/config").read_text().splitlines()[0]
    assert set(again) & set(before) == {first}
    assert len(again) == len(set(again))


def test_a_lost_configuration_is_promoted_as_before(shell: Shell) -> None:
    search = shell.generate(2, 2, "--bracket", "0")
    shell.snakemake(res=COPY + RESULTS)
    before, ledger = results(search), (shell.cwd / "ledger").read_text()
    for name in ("stage-1/promotion", "stage-1/config-0/config"):
        (search / "bracket-0" / name).unlink()
    shell.snakemake(res=COPY + RESULTS)
    assert (results(search), (shell.cwd / "ledger").read_text()) == (before, ledger)


def test_a_result_that_comes_before_its_configuration_is_not_deleted(shell: Shell) -> None:
    """Whose it is nobody knows; it is put aside."""
    search = shell.generate(1, 2)
    write_tree(search / "bracket-0/stage-1/config-0", {"result": "0.123\n"})
    shell.snakemake()
    assert (search / "bracket-0/stage-1/replaced-config-0/result").read_text() == "0.123\n"
    assert shell.status()["complete"]


def test_an_edit_of_a_result_changes_no_promotion(shell: Shell) -> None:
    """What was there when the training ended counts; the edit is pointed out."""
    search = finished(shell, 1, 2, until=["train_bracket_0_stage_0", "train_bracket_1_stage_0"])
    best = min((0, 1), key=lambda c: shell.slots()[0, 0, c]["result"])
    (search / f"bracket-0/stage-0/config-{1 - best}/result").write_text("-99\n")
    (search / f"bracket-0/stage-0/config-{best}/result").unlink()
    shell.snakemake()
    assert shell.slots()[0, 1, 0]["origin"] == f"bracket-0/stage-0/config-{best}"
    assert "edited, or written later" in shell.run("hyband", "check", "S", check=False)


def test_a_lost_configuration_comes_back_and_is_promoted(shell: Shell) -> None:
    search = finished(shell, 1, 2, until=["train_bracket_0_stage_0", "train_bracket_1_stage_0"])
    best = min((0, 1), key=lambda c: shell.slots()[0, 0, c]["result"])
    (search / f"bracket-0/stage-0/config-{best}/config").unlink()
    shell.snakemake()
    assert shell.slots()[0, 1, 0]["origin"] == f"bracket-0/stage-0/config-{best}"
    assert (search / f"bracket-0/stage-0/config-{best}/config").read_bytes() == (search / "bracket-0/stage-1/config-0/config").read_bytes()


def test_files_of_the_user_shadow_nothing(shell: Shell) -> None:
    """A signal.py, json.py or fractions.py beside run.sh is not what our programs import."""
    template = shutil.copytree(FIXTURE, shell.cwd / "T")
    for name in ("signal", "json", "fractions", "hyperband", "enum", "number"):
        (template / f"{name}.py").write_text("raise ImportError('the wrong one')")
    shell.generate(1, 2, template=template)
    shell.snakemake(res='[ $b$s$n = 000 ] && exit 3; echo 0.$x > "$1/result"')
    assert shell.status()["complete"]


def test_number_of_workers_and_order_do_not_matter(shell: Shell) -> None:
    searches = [shell.generate(3, 2, output=name) for name in ("one", "eight")]
    shell.snakemake("one", "--cores", "1")
    shell.snakemake("eight", "-j", "8", "--latency-wait", "60", res='sleep 0.0$((RANDOM % 10)); echo 0.$x > "$1/result"')
    trees = [{n: d for n, d in as_generated(s).items() if "/attempts/" not in n and not n.endswith(".log")} for s in searches]
    assert trees[0] == trees[1]


@pytest.mark.parametrize("where", ["from /", "from within", "base_dir", "odd path", "dash", "through a link", "-d"])
def test_starts_from_anywhere(shell: Shell, where: str) -> None:
    """run.sh starts where snakemake was started, with a $1 that is valid there."""
    res = 'test -f "$1/config"; pwd > "$1/started"; echo "$1" >> "$1/started"; echo 0.$x > "$1/result"'
    search = shell.generate(1, 2)
    start = shell.cwd
    command = ["snakemake", "--snakefile", str(search / "Snakefile")]
    if where == "from /":
        start = Path("/")
    elif where == "from within":
        start, command = search, ["snakemake"]
    elif where == "base_dir":
        shutil.copytree(search, shell.cwd / "T")
        command, search = [*command, "--config", "base_dir=T"], shell.cwd / "T"
    elif where == "odd path":
        search = search.rename(shell.cwd / NAMES)
        command = ["snakemake", "--snakefile", f"{NAMES}/Snakefile"]
    elif where == "dash":
        search = search.rename(shell.cwd / "-S")
        command = ["snakemake", "--snakefile", "./-S/Snakefile"]
    elif where == "through a link":
        (shell.cwd / "scratch").mkdir()
        (shell.cwd / "home").symlink_to("scratch")
        search = search.rename(shell.cwd / "scratch/S")
        command = ["snakemake", "--snakefile", "home/S/Snakefile"]
    elif where == "-d":
        start, command = search, [*command, "-d", str(search)]  # Snakemake goes there first
    Shell(start if where != "-d" else shell.cwd, shell.env | {"RES": res}).run(*command)
    started, own = (search / "bracket-0/stage-1/config-0/started").read_text().splitlines()
    assert Path(started) == start
    assert (start / own).resolve() == (search / "bracket-0/stage-1/config-0").resolve()
    assert not Path(own).is_absolute()
    assert not list(shell.cwd.glob("bracket*"))


@pytest.mark.parametrize(("start", "expected"), [("deep/er", "../../S"), ("S/hyperband", ".."), ("el", "../S"), ("deep/el", "../../S")])
def test_paths_are_relative_also_beside_the_search(shell: Shell, start: str, expected: str) -> None:
    """Also where snakemake is started in, or finds the search through, a link to somewhere else."""
    search = shell.generate(0, 2)
    (shell.cwd / "deep/er").mkdir(parents=True)
    (shell.cwd / "far/away").mkdir(parents=True)
    (shell.cwd / "deep/el").symlink_to("er")
    if start == "el":  # the directory has another name than the shell believes
        (shell.cwd / "el").symlink_to("deep")
    elif start == "deep/er":
        search.rename(shell.cwd / "far/S")
        search.symlink_to("far/S")
    res = 'printf "%s\\n" "$1" "$HYBAND_SEARCH" > "$1/own"; echo 0.$x > "$1/result"'
    there = Shell(shell.cwd / start, shell.env | {"RES": res, "PWD": str(shell.cwd / start)})
    there.run("snakemake", "--cores", "1", "--snakefile", search / "Snakefile")
    own = (search / "bracket-0/stage-0/config-0/own").read_text().splitlines()
    assert own == [f"{expected}/bracket-0/stage-0/config-0", expected]


def test_a_path_that_another_node_does_not_have(shell: Shell) -> None:
    """There, directories may be links to somewhere else, where ``..`` does not lead to the search."""
    search = shell.generate(0, 2)
    for name in ("start", "far/away"):
        (shell.cwd / name).mkdir(parents=True)
    script = search / "hyperband/train.sh"
    script.write_text(script.read_text().replace("set +euf", f"mv {shell.cwd}/start {shell.cwd}/was; ln -sn far/away {shell.cwd}/start; set +euf", 1))
    res = 'echo "$1" > "$1/own"; echo 0.$x > "$1/result"'
    Shell(shell.cwd / "start", shell.env | {"RES": res}).run("snakemake", "--cores", "1", "--snakefile", search / "Snakefile")
    own = (search / "bracket-0/stage-0/config-0/own").read_text().strip()
    assert own == str(search / "bracket-0/stage-0/config-0")


def test_another_directory_is_refused_in_words(shell: Shell) -> None:
    shell.generate(1, 2)
    (shell.cwd / "el").mkdir()
    done = shell.try_run("snakemake", "--snakefile", "S/Snakefile", "--directory", "el")
    assert (done.returncode, "leave --directory out" in done.stdout) == (1, True)


def test_two_searches_run_side_by_side(shell: Shell) -> None:
    processes = []
    for name in ("A", "B"):
        shell.generate(output=name)
        processes.append(shell.start("snakemake", "--snakefile", f"{name}/Snakefile", env={"RES": 'sleep 0.1; echo 0.$x > "$1/result"'}))
    assert [p.wait(timeout=100) for p in processes] == [0, 0]
    assert shell.status("A")["complete"]
    assert shell.status("B")["complete"]


def test_the_search_stands_alone(shell: Shell) -> None:
    """Its programs run without the package: isolated Python sees no site-packages, and the Snakefile does not import it."""
    search = shell.generate(1, 2)
    blocker = shell.cwd / "blocker" / "hyperband_snakemake"
    blocker.mkdir(parents=True)
    (blocker / "__init__.py").write_text("raise ImportError('not here')")
    shell.snakemake(env={"PYTHONPATH": str(blocker.parent)})
    assert (search / "config").exists()
    assert {p.relative_to(search).parts[0] for p in search.rglob("__pycache__")} <= {"hyperband"}


def test_the_record_is_the_same_from_bash_and_from_python(shell: Shell) -> None:
    """The plain case is done by train.sh, the rest by train.py; both leave the same lines and files."""
    fast, slow = shell.generate(1, 2, output="fast"), shell.generate(1, 2, output="slow")
    script = slow / "hyperband/train.sh"
    script.write_text(script.read_text().replace("BASH_VERSINFO[0]} -ge 5", "BASH_VERSINFO[0]} -ge 99"))
    res = 'env | grep ^HYBAND_ | grep -vE "HYBAND_(RECORD|RUN|SESSION)" | sed "s/fast/slow/" | sort; echo 0.$x > "$1/result"'
    for name in ("fast", "slow"):
        shell.snakemake(name, res=res)
    for path in sorted(fast.glob("bracket-*/*/attempts/*")):
        twin = slow / path.relative_to(fast)
        one, two = json.loads(path.read_text()), json.loads(twin.read_text())
        assert one.keys() == two.keys()
        assert {k: type(v) for k, v in one.items()} == {k: type(v) for k, v in two.items()}
        assert (one["result"], one["host"], one["exit"], one["attempt"]) == (two["result"], two["host"], two["exit"], 1)
        for file in ("attempt-1.log", "outcome", "result", "config"):
            assert (path.parents[1] / path.name / file).read_bytes() == (twin.parents[1] / twin.name / file).read_bytes()


def test_environment_of_the_training(shell: Shell) -> None:
    shell.generate(1, 2)
    session = 'read -r _ _ _ _ _ sid _ </proc/self/stat; [[ $sid == "$HYBAND_SESSION" ]]'
    shell.snakemake(res=f'{session} || exit; env | grep ^HYBAND_ | sort; echo "third=$3"; echo 0.$x > "$1/result"')
    lines = (shell.cwd / "S/bracket-0/stage-1/config-0/attempt-1.log").read_text().splitlines()
    origin = (shell.cwd / "S/bracket-0/stage-1/config-0/origin").read_text().splitlines()[0].removeprefix("from: ")
    for expected in ("HYBAND_BRACKET=0", "HYBAND_STAGE=1", "HYBAND_CONFIG=0", "HYBAND_BUDGET=2", "HYBAND_ATTEMPT=1",
                     f"HYBAND_PREVIOUS=S/{origin}", f"third=S/{origin}", f"HYBAND_START={shell.cwd}", "HYBAND_SEARCH=S"):
        assert expected in lines
    first = (shell.cwd / "S/bracket-0/stage-0/config-0/attempt-1.log").read_text()
    assert "HYBAND_PREVIOUS=\n" in first
    assert "third=\n" in first


def test_snakefile_is_formatted_and_linted(shell: Shell) -> None:
    """snakefmt has nothing to change. Two lints stay: training runs bring no conda environment (they are the user's own),
    and they have no log directive (Snakemake would delete the log of an earlier attempt)."""
    search = shell.generate(2, 2)
    shell.run("snakefmt", "--check", search / "Snakefile")
    lints = shell.try_run("snakemake", "--lint", "--snakefile", "S/Snakefile").stdout.splitlines()
    titles = {line.strip(" *") for line in lints if line.startswith("    * ")}
    assert titles == {"Specify a conda environment or container for each rule.:", "No log directive defined:"}
    without_log = [line for i, line in enumerate(lints) if "for rule" in line and "log" in lints[i + 1]]
    assert all("for rule train_" in line for line in without_log)
