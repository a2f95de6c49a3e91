"""Another chance for failed configurations: simple before promotion, by a flag after it."""

import json
from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.record import record_path

from ..conftest import Shell, read_tree
from ..helpers import finished, kill_below

KEEP_FAILING = {"HYBAND_KEEP_FAILING": "1"}
COUNT = 'echo "$b-$s-$(sed -n "s/^id: //p" "$1/config")" >> ledger; '


def test_before_promotion(shell: Shell) -> None:
    search = shell.generate(0, 2)
    shell.snakemake(res="exit 1", check=False)
    out = shell.run("hyband", "retry", "S")
    assert out.splitlines()[0] == "1 configuration will be trained again."
    assert out.splitlines()[-1] == "snakemake --snakefile S/Snakefile"
    assert shell.slots()[0, 0, 0]["status"] == "pending"
    shell.snakemake()
    assert shell.slots()[0, 0, 0]["status"] == "completed"
    slot = search / "bracket-0/stage-0/config-0"
    assert [json.loads(line)["attempt"] for line in record_path(slot).read_text().splitlines()] == [1, 2, 0, 3]
    assert sorted(p.name for p in slot.glob("attempt-*.log")) == ["attempt-1.log", "attempt-2.log", "attempt-3.log"]


def test_after_promotion_nothing_changes_without_the_flag(shell: Shell) -> None:
    search = shell.generate()
    shell.snakemake(res='[ $b$s$n = 000 ] && exit 1; echo 0.$x > "$1/result"')
    before = read_tree(search)
    out = shell.run("hyband", "retry", "S", "bracket-0/stage-0/config-0")
    assert out == (
        "1 failed configuration stays failed: others of its stage were promoted and have results.\n"
        "To train it again and then promote the best of all, which may replace up to 3 later training runs:\n"
        "  hyband retry S --redo-promotions\n"
    )
    assert read_tree(search) == before | {"config": before["config"]}
    assert shell.planned() == {}


def test_after_promotion_the_new_result_counts_and_nothing_is_repeated(shell: Shell) -> None:
    """The configuration that failed turns out best: it takes the first slot; who stays keeps its training runs."""
    search = shell.generate(3, 2, "--bracket", "0")
    fail = COUNT + '[ $b$s$n = 005 ] && exit 1; id=$(sed -n "s/^id: 0-//p" "$1/config"); echo 0.$id > "$1/result"'
    shell.snakemake(res=fail)
    assert promoted(search, 0) == ["0", "1", "2", "3"]
    trained = (shell.cwd / "ledger").read_text().split()
    shell.run("hyband", "retry", "S", "--redo-promotions")
    better = COUNT + 'id=$(sed -n "s/^id: 0-//p" "$1/config"); [ $id = 5 ] && id=0; echo "0.$id" > "$1/result"; [ $id = 5 ] || true'
    (shell.cwd / "ledger").unlink()
    shell.snakemake(res=better.replace('id=0; echo "0.$id"', 'id=-1; echo "$id"'))
    again = (shell.cwd / "ledger").read_text().split()
    assert promoted(search, 0) == ["5", "0", "1", "2"]
    assert promoted(search, 1) == ["5", "0"]
    assert promoted(search, 2) == ["5"]
    assert sorted(again) == ["0-0-0-5", "0-1-0-5", "0-2-0-5", "0-3-0-5"]
    assert not set(again) & set(trained) - {"0-0-0-5"}
    assert "id: 0-5\n" in (search / "config").read_text()
    assert shell.status()["complete"]
    shell.run("hyband", "check", "S", check=False)
    aside = search / "bracket-0/stage-1/replaced-config-3"
    assert (aside / "config").read_text().startswith("id: 0-3\n")


def promoted(search: Path, stage: int) -> list[str]:
    lines = (search / f"bracket-0/stage-{stage}/promotion").read_text().splitlines()[1:]
    found = []
    for line in lines:
        origin = line.split("\t")[1]
        config = search / f"bracket-0/stage-{stage}/config-{origin}/config"
        found.append(config.read_text().splitlines()[0].removeprefix("id: 0-"))
    return found


def test_an_empty_slot_is_filled(shell: Shell) -> None:
    shell.generate(1, 2, "--bracket", "0")
    shell.snakemake(res="exit 1", check=False, env=KEEP_FAILING)
    assert shell.slots()[0, 1, 0]["status"] == "empty"
    out = shell.run("hyband", "retry", "S")
    assert out.startswith("2 configurations will be trained again.\n1 promotion without any result is made again.\n")
    shell.snakemake()
    assert {s["status"] for s in shell.slots().values()} == {"completed"}


def test_a_broken_start_is_brought_back_without_a_flag(shell: Shell) -> None:
    """All failed, and all brackets are at their ends: nothing is at risk, so the next run is as good as the first."""
    search = shell.generate(1, 2)
    done = shell.try_run("snakemake", "--snakefile", "S/Snakefile", env=KEEP_FAILING | {"RES": "exit 1"})
    assert done.returncode == 1
    found = shell.try_run("hyband", "check", "S")
    assert found.returncode == 1
    assert "bracket-0, bracket-1:\n  has ended without any result." in found.stdout
    assert "The search has ended without a result: 4 of 5 configurations failed." in found.stdout
    assert "5 of 5 training runs done, 4 failed" in shell.run("hyband", "status", "S")
    shell.run("hyband", "retry", "S")
    shell.snakemake(res='echo "0.$x$s" > "$1/result"')
    assert shell.status()["complete"]
    assert {s["status"] for s in shell.slots().values()} == {"completed"}
    assert "0 findings. The search is complete." in shell.run("hyband", "check", "S")
    assert (search / "bracket-0/stage-0/promotion.replaced-1").exists()


def test_where_something_is_at_risk_the_rest_is_brought_back(shell: Shell) -> None:
    """Two of bracket 0 fail while others are promoted; bracket 1 fails in its second stage, so no number is above its first."""
    shell.generate(2, 2)
    shell.snakemake(res='[ $b$s$n = 000 -o $b$s$n = 001 -o $b$s$n = 100 -o $b$s = 11 ] && exit 1; echo 0.$x > "$1/result"')
    before = shell.slots()
    out = shell.run("hyband", "retry", "S")
    assert out.splitlines()[:3] == [
        "2 configurations will be trained again.",
        "1 promotion without any result is made again.",
        "2 failed configurations stay failed: others of their stages were promoted and have results.",
    ]
    shell.snakemake()
    after = shell.slots()
    assert {s["status"] for (b, *_), s in after.items() if b == 1} == {"completed"}
    assert {key: slot for key, slot in after.items() if key[0] != 1} == {key: slot for key, slot in before.items() if key[0] != 1}


def test_the_number_of_a_single_fold_is_not_put_at_risk(shell: Shell) -> None:
    """The only training above has failed for one of its folds; the other fold has a number."""
    shell.generate(1, 2, "--bracket", "0", "--folds", "2", "--parallel-folds", "--retries", "0")
    shell.snakemake(res='[ $b$s$n = 000 -o "$s$4" = 11 ] && exit 1; echo 0.$x > "$1/result"')
    out = shell.run("hyband", "retry", "S", "bracket-0/stage-0/config-0")
    assert "1 failed configuration stays failed" in out
    assert shell.run("hyband", "retry", "S").startswith("1 configuration will be trained again.\n1 failed")


def test_a_number_by_hand_is_promoted_where_nobody_was(shell: Shell) -> None:
    search = shell.generate(1, 2, "--bracket", "0")
    shell.snakemake(res="exit 1", check=False, env=KEEP_FAILING)
    for path in (search / "bracket-0/stage-0").glob("*/config-1"):
        path.unlink()
    for name in ("outcome", "attempt-1.log", "attempt-2.log"):
        (search / "bracket-0/stage-0/config-1" / name).unlink()
    (search / "bracket-0/stage-0/config-1/result").write_text("0.5\n")
    shell.run("hyband", "retry", "S")
    shell.snakemake(res='[ $b$s$n = 000 ] && exit 1; echo 0.$x > "$1/result"')
    assert shell.slots()[0, 1, 0]["origin"] == "bracket-0/stage-0/config-1"
    assert shell.run("hyband", "retry", "S").startswith("1 failed configuration stays failed")


DAMAGED = {
    "empty": lambda _: "", "binary": lambda _: "\0\x01" * 20, "head": lambda text: text.split("\n")[0] + "\n",
    "row": lambda text: "\n".join(text.split("\n")[:2]) + "\n", "end": lambda text: text[:-1], "cut": lambda text: text[:-11],
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_nothing_is_trained_above_a_damaged_table(shell: Shell, kind: str) -> None:
    """It is said at the start; the repair puts it aside, and the next run makes it again: nothing is trained twice."""
    search = finished(shell, 2, 2, "--bracket", "0", res=COUNT + 'echo 0.$x > "$1/result"')
    table, before = search / "bracket-0/stage-0/promotion", read_tree(search)
    table.write_text(DAMAGED[kind](table.read_text()))
    (search / "config").unlink()
    done = shell.try_run("snakemake", "--snakefile", "S/Snakefile")
    assert done.returncode == 1
    assert "bracket-0/stage-0/promotion is damaged" in done.stdout
    assert "hyband check --fix S" in done.stdout
    assert "bracket-0/stage-0/promotion was put aside" in shell.run("hyband", "check", "--fix", "S", check=False)
    shell.snakemake(res=COUNT + "exit 3")
    after = read_tree(search)
    kept = [name for name in before if name.endswith(("/promotion", "/config", "/result", "/outcome", "best.json"))]
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after["bracket-0/stage-0/promotion.replaced-1"].decode() == DAMAGED[kind](before["bracket-0/stage-0/promotion"].decode())
    assert len((shell.cwd / "ledger").read_text().split()) == 7


@pytest.mark.parametrize("lost", [["best.json"], ["best.json", "bracket-0/stage-2/config-0/config"]])
def test_an_older_table_that_was_put_back_changes_no_configuration(shell: Shell, lost: list[str]) -> None:
    """From a backup of before a promotion was made again: what is shown stays what was trained."""
    res = COUNT + '[ $b$s$n = 000 ] && { [ -e better ] || exit 3; echo 0.01 > "$1/result"; exit; }; echo 0.$x$s > "$1/result"'
    search = finished(shell, 2, 2, "--bracket", "0", "--retries", "0", res=res)
    table = search / "bracket-0/stage-0/promotion"
    old = table.read_text()
    (shell.cwd / "better").touch()
    shell.run("hyband", "retry", "S", "--redo-promotions")
    shell.snakemake(res=res)
    before, new = read_tree(search), table.read_text()
    assert old != new
    ledger = (shell.cwd / "ledger").read_text()
    table.write_text(old)
    for name in lost:
        (search / name).unlink()
    out = shell.snakemake(res=res)
    assert "the promotion table names a different configuration from the one that was trained there" in out
    found = shell.run("hyband", "check", "--fix", "S", check=False)
    assert "bracket-0/stage-0/promotion names another one. Was an older table put back?" in found
    kept = [name for name in before if name.endswith(("/config", "/result", "best.json")) or name == "config"]
    after = read_tree(search)
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    table.rename(table.with_name("promotion.old"))
    shell.snakemake(res=res)
    after = read_tree(search)
    assert table.read_text() == new
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert (shell.cwd / "ledger").read_text() == ledger
    assert "0 findings" in shell.run("hyband", "check", "S")


def test_a_training_run_that_writes_its_origin_changes_no_configuration(shell: Shell) -> None:
    """Also where a promotion was made again, which is when that file is asked."""
    res = '[ $b$s$n = 000 ] && [ ! -e better ] && exit 3; [ $s = 0 ] || sed -i "s/config-.*/config-3/" "$1/origin"; echo 0.$x$s > "$1/result"'
    search = finished(shell, 2, 2, "--bracket", "0", "--retries", "0", res=res)
    (shell.cwd / "better").touch()
    shell.run("hyband", "retry", "S", "--redo-promotions")
    out = shell.snakemake(res=res)
    assert "names a different configuration" not in out
    assert "0 findings" in shell.run("hyband", "check", "S")
    best = json.loads((search / "best.json").read_text())["path"]
    assert (search / "config").read_text() == (search / best / "config").read_text()


def test_nothing_to_retry(shell: Shell) -> None:
    shell.generate(0, 2)
    assert shell.run("hyband", "retry", "S") == "No configuration has failed. Nothing was done.\n"


def test_what_has_not_failed_is_refused(shell: Shell) -> None:
    shell.generate(1, 2)
    for word, code in (("bracket-0/stage-0/config-0", 1), ("bracket-9/stage-0/config-0", 2), ("bracket-0/stage-0/config-9", 2), ("nonsense", 2)):
        done = shell.try_run("hyband", "retry", "S", word)
        assert (done.returncode, "Traceback" in done.stdout) == (code, False)


FAIL_TWO = "[ $b$s = 00 ] && [ $n -lt 2 ] && [ ! -e ok ] && exit 1; "


def test_a_lost_config_never_lends_its_record(shell: Shell) -> None:
    """Promoted configurations are lost, then the promotion is made again: nobody gets the result of another one."""
    search = shell.generate(2, 2, "--bracket", "0", "--retries", "0")
    score = 'sed -n "s/^x: /0./p" "$1/config" > "$1/result"'
    shell.snakemake(res=FAIL_TWO + score)
    for c in (0, 1):
        (search / f"bracket-0/stage-1/config-{c}/config").unlink()
    (shell.cwd / "ok").touch()
    shell.run("hyband", "retry", "S", "--redo-promotions")
    shell.snakemake(res=FAIL_TWO + score)
    assert shell.status()["complete"]
    for path in search.glob("bracket-0/stage-*/config-*"):
        own = (path / "config").read_text().split("x: ")[1].strip()
        assert (path / "result").read_text() == f"0.{own}\n"


def test_a_promotion_that_is_cut_off_between_its_renames(shell: Shell) -> None:
    """All of a stage is set aside and the program is killed there: it comes back, and nothing is trained twice."""
    search = shell.generate(2, 2, "--bracket", "0", "--last-stage", "1", "--retries", "0")
    res = COUNT + FAIL_TWO + 'sed -n "s/^x: /0./p" "$1/config" > "$1/result"'
    shell.snakemake(res=res)
    (shell.cwd / "ok").touch()
    shell.run("hyband", "retry", "S", "--redo-promotions")
    for c in (0, 1):
        (search / f"bracket-0/stage-1/config-{c}").rename(search / f"bracket-0/stage-1/replaced-config-{c}")
    shell.snakemake(res=res)
    lines = [line for line in (shell.cwd / "ledger").read_text().split() if line.startswith("0-1-")]
    assert len(lines) == len(set(lines))
    assert shell.status()["complete"]


def test_a_retry_that_is_cut_off_can_be_given_again(shell: Shell) -> None:
    """Whatever of it was done: a slot without an outcome is always asked for, and a second retry does the rest."""
    search = shell.generate(2, 2, "--bracket", "0", "--retries", "0")
    shell.snakemake(res=FAIL_TWO + 'echo 0.$x > "$1/result"')
    (search / "bracket-0/stage-1/promotion").rename(search / "bracket-0/stage-1/promotion.replaced-1")
    (search / "bracket-0/stage-2/config-0/outcome").unlink()
    (shell.cwd / "ok").touch()
    shell.run("hyband", "retry", "S", "--redo-promotions")
    shell.snakemake(res=FAIL_TWO + 'echo 0.$x > "$1/result"')
    assert {s["status"] for s in shell.slots().values()} == {"completed"}


def test_a_retry_waits_for_nothing_and_keeps_runs_out(shell: Shell) -> None:
    shell.generate(0, 2, "--retries", "0")
    shell.snakemake(res="(sleep 30 &) ; exit 1", check=False)
    done = shell.try_run("hyband", "retry", "S", timeout=10)
    assert (done.returncode, "still has something running (process" in done.stdout) == (1, True)
    refused = shell.try_run("hyband", "generate", "0", "2", "-o", "S", "--overwrite")
    assert (refused.returncode, "still has something running" in refused.stdout) == (1, True)
    kill_below(shell.cwd)


def test_a_line_that_was_cut_off_is_ended_first(shell: Shell) -> None:
    search = shell.generate(0, 2, "--retries", "1")
    shell.snakemake(res="[ $HYBAND_ATTEMPT = 2 ] && kill -9 $PPID $$; exit 3", check=False)
    shell.run("hyband", "retry", "S")
    shell.snakemake(res="exit 3", check=False)
    lines = (search / "bracket-0/stage-0/attempts/config-0").read_text().splitlines()
    assert [json.loads(line).get("attempt") for line in lines] == [1, 2, 0, 3, 4]


def test_a_slot_may_be_named_by_its_path(shell: Shell) -> None:
    search = shell.generate(0, 2, "--retries", "0")
    for name in ("S/bracket-0/stage-0/config-0/", str(search / "bracket-0/stage-0/config-0"), "./bracket-0/stage-0/config-0"):
        shell.snakemake(res="exit 3", check=False)
        assert "1 configuration will be trained again" in shell.run("hyband", "retry", "./S", name)
