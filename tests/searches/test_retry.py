"""Another chance for failed configurations: simple before promotion, by a flag after it."""

import json
from pathlib import Path

from ..conftest import Shell, read_tree

COUNT = 'echo "$b-$s-$(sed -n "s/^id: //p" "$1/config")" >> ledger; '


def test_before_promotion(shell: Shell) -> None:
    search = shell.generate(0, 2)
    shell.snakemake(res="exit 1", check=False)
    out = shell.run("hyband", "retry", "S")
    assert out.splitlines()[0] == "1 configurations will be trained again."
    assert out.splitlines()[-1] == "snakemake --snakefile S/Snakefile"
    assert shell.slots()[0, 0, 0]["status"] == "pending"
    shell.snakemake()
    assert shell.slots()[0, 0, 0]["status"] == "completed"
    slot = search / "bracket-0/stage-0/config-0"
    assert [json.loads(line)["attempt"] for line in (slot / "attempts").read_text().splitlines()] == [1, 2, 0, 3]
    assert sorted(p.name for p in slot.glob("attempt-*.log")) == ["attempt-1.log", "attempt-2.log", "attempt-3.log"]


def test_after_promotion_nothing_changes_without_the_flag(shell: Shell) -> None:
    search = shell.generate()
    shell.snakemake(res='[ $b$s$n = 000 ] && exit 1; echo 0.$x > "$1/result"')
    before = read_tree(search)
    out = shell.run("hyband", "retry", "S", "bracket-0/stage-0/config-0")
    assert "--redo-promotions" in out
    assert "2 promotions are made again" in out
    assert read_tree(search) == before | {"config": before["config"]}
    assert shell.planned() == {}


def test_after_promotion_the_new_result_counts_and_nothing_is_repeated(shell: Shell) -> None:
    """The configuration that failed turns out best: it takes the first slot; who stays keeps its trainings."""
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
    shell.snakemake(res="exit 1", check=False)
    assert shell.slots()[0, 1, 0]["status"] == "empty"
    shell.run("hyband", "retry", "S", "--redo-promotions")
    shell.snakemake()
    assert {s["status"] for s in shell.slots().values()} == {"completed"}


def test_what_has_not_failed_is_refused(shell: Shell) -> None:
    shell.generate(1, 2)
    for word, code in (("bracket-0/stage-0/config-0", 1), ("bracket-9/stage-0/config-0", 1), ("nonsense", 2)):
        done = shell.try_run("hyband", "retry", "S", word)
        assert (done.returncode, "Traceback" in done.stdout) == (code, False)
