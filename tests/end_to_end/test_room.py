"""A search cannot be asked into a dead end: what a space has not is refused at once, or becomes empty slots."""

import json
from pathlib import Path

import pytest

from ..conftest import Shell, read_tree, write_tree
from ..helpers import finished

RUN = 'x=$(sed -n "s/^x: //p" "$1/config"); echo "0.$((1000 + x * 7919 % 8000))" > "$1/result"\n'
TWELVE = "x: {{ integer('x', 1, 12) }}\n"
OTHERS = {  # more spaces of twelve, of which a search with 2 2 uses ten
    "reject": "{% set x = integer('x', 1, 20) %}x: {{ x }}\n{{ reject(x > 12, 'too many') }}",
    "conditional": "{% if choice('k', ['a', 'b']) == 'a' %}x: {{ integer('x', 1, 8) }}\n{% else %}x: {{ ordinal('z', [21, 22, 23, 24]) }}\n{% endif %}",
}


@pytest.fixture
def search(shell: Shell) -> Path:
    """Complete, with two configurations left."""
    return finished(shell, template=write_tree(shell.cwd / "T", {"config": TWELVE, "run.sh": RUN}))


def assert_refused(shell: Shell, words: list[str], *said: str) -> None:
    before = read_tree(shell.cwd / "S")
    done = shell.try_run("hyband", *words)
    assert done.returncode == 1, done.stdout
    for text in said:
        assert text in done.stdout
    assert done.stdout.endswith("Nothing was changed.\n")
    assert read_tree(shell.cwd / "S") == before


def test_what_is_left_is_said_at_once(shell: Shell, search: Path) -> None:
    """Whoever asks for it, and whoever is to propose it; the best stays where it is."""
    for words, asked in (
        (["refine", "S", "--trials", "5"], 5),
        (["refine", "S", "--trials", "5", "--parallel", "5", "--sampler", "cmaes"], 5),
        (["refine", "S", "--trials", "3", "--sampler", "optuna.samplers.BruteForceSampler"], 3),
        (["extend", "S", "--repeat", "1", "--sampler", "tpe"], 10),
        (["extend", "S", "--repeat", "1"], 10),
        (["extend", "S", "--bracket", "0", "--bracket", "2", "--sampler", "sobol"], 7),
        (["extend", "S", "--smax", "+1"], 4),
    ):
        assert_refused(
            shell, words, f"Error: {asked} new configurations were asked for, but only 2 are left: S/search-space/config yields 12 different",
            "of which 10 are in use.", "Ask for 2 or fewer, or draw from more values in S/search-space/config.")
    assert (search / "best.json").exists()


@pytest.mark.parametrize("name", OTHERS)
def test_the_space_is_what_its_template_yields(shell: Shell, search: Path, name: str) -> None:
    (search / "search-space/config").write_text(OTHERS[name])
    texts = [p.read_text() for p in search.glob("bracket-*/stage-0/*/config")]
    used = sum(int(text.split()[1]) <= (8 if name == "conditional" else 12) for text in texts)
    assert_refused(shell, ["refine", "S", "--trials", "13"], "asked for, but only", f"yields 12 different configurations, of which {used} are in use")


def test_what_is_still_to_be_proposed_is_not_left(shell: Shell, search: Path) -> None:
    """It is accepted once, and the second time nothing is left for it; then all of it can be trained."""
    shell.run("hyband", "refine", "S", "--trials", "1")
    assert_refused(shell, ["extend", "S", "--bracket", "2"], "3 new configurations were asked for, but only 1 is left",
                   "10 are in use, and brackets that are still to be proposed need 1.", "Ask for 1, or draw")
    shell.run("hyband", "refine", "S", "--trials", "1")
    assert_refused(shell, ["refine", "S", "--trials", "1"], "1 new configuration was asked for, but none is left", "\n  Draw from more values in S/search-space/config.")
    shell.snakemake()
    assert shell.status()["complete"]
    assert len({p.read_text() for p in search.glob("bracket-*/stage-0/*/config")}) == 12


def test_a_configuration_of_ones_own_is_not_drawn_beside_it(shell: Shell, search: Path) -> None:
    """The same command brings one and draws the other."""
    unused = ({f"x: {n}\n" for n in range(1, 13)} - {p.read_text() for p in search.glob("bracket-*/stage-0/*/config")})
    for number, text in enumerate(sorted(unused)):
        write_tree(shell.cwd, {f"own-{number}": text})
    assert_refused(shell, ["extend", "S", "--bracket", "2", "--config", "own-0"], "3 new configurations were asked for, but only 1 is left")
    (search / "search-space/config").write_text("x: {{ integer('x', 1, 14) }}\n")
    shell.run("hyband", "extend", "S", "--bracket", "2", "--config", "own-0")
    shell.snakemake()
    assert shell.status()["complete"]
    assert len({p.read_text() for p in search.glob("bracket-*/stage-0/*/config")}) == 14


def test_what_is_not_found_while_it_runs_is_left_empty(shell: Shell, search: Path) -> None:
    """Five at a time are asked for, and two are left of a space that has become smaller: these two are trained."""
    template = search / "search-space/config"
    template.write_text("x: {{ integer('x', 1, 15) }}\n")
    shell.run("hyband", "refine", "S", "--trials", "5", "--parallel", "5")
    template.write_text(TWELVE)
    shell.snakemake()
    slots = shell.slots()
    assert [slots[bracket, 0, 0]["status"] for bracket in range(3, 8)] == ["completed"] * 2 + ["empty"] * 3
    assert shell.status()["complete"]
    assert (search / "best.json").exists()
    log = (search / "bracket-5/proposal.log").read_text()
    assert "0 of 1 configurations proposed. bracket-5/stage-0/config-0 stays empty: search-space/config yields no" in log
    assert not (search / "bracket-5/stage-0/attempts/config-0").exists()
    assert "Empty (-)" in shell.run("hyband", "status", "S", "--all")
    assert "its configuration is missing" not in shell.run("hyband", "check", "S", check=False)
    assert shell.planned() == {}
    (search / "bracket-7/stage-0/config-0/config").write_text("x: 99\n")
    assert "is empty by its proposal, but has a configuration" in shell.run("hyband", "check", "S", check=False)


def test_a_sampler_that_has_tried_everything(shell: Shell) -> None:
    """Optuna's own wants to stop the study then; nothing else is left, and the search completes."""
    write_tree(shell.cwd / "T", {"config": OTHERS["reject"].replace("> 12", "> 13"), "run.sh": RUN})
    search = shell.generate(2, 2, template=shell.cwd / "T")
    shell.snakemake()
    shell.run("hyband", "refine", "S", "--trials", "3", "--parallel", "3", "--sampler", "optuna.samplers.BruteForceSampler")
    left = min(set(range(1, 14)) - {int(p.read_text().split()[1]) for p in search.glob("bracket-*/stage-0/*/config")})
    (search / "search-space/config").write_text(OTHERS["reject"].replace("> 12", f"> {left}"))
    shell.snakemake()
    assert [shell.slots()[bracket, 0, 0]["status"] for bracket in (3, 4, 5)] == ["completed", "empty", "empty"]
    assert shell.status()["complete"]
    assert "yields no other new configuration. Others were rejected: " in (search / "bracket-4/proposal.log").read_text()


def test_a_sampler_that_cannot_cope_with_a_wider_space(shell: Shell, search: Path) -> None:
    """Which is what we advise: what it cannot propose is drawn at random, and the log says so."""
    (search / "search-space/config").write_text("x: {{ integer('x', 1, 15) }}\n")
    shell.run("hyband", "refine", "S", "--trials", "2", "--parallel", "2", "--sampler", "optuna.samplers.BruteForceSampler")
    shell.snakemake()
    assert shell.status()["complete"]
    log = (search / "bracket-3/proposal.log").read_text()
    assert "the sampler optuna.samplers.BruteForceSampler failed, so all that came after is random: ValueError: param_name mismatch" in log
    proposals = [json.loads((search / f"bracket-{bracket}/proposal").read_text()) for bracket in (3, 4)]
    assert [one["by"] for proposal in proposals for one in proposal["configurations"]] == ["random"] * 2


@pytest.mark.parametrize("options", [(), ("--parallel-folds", "--folds", "2")], ids=["plain", "folds"])
def test_a_search_whose_later_brackets_find_too_little(shell: Shell, options: tuple[str, ...]) -> None:
    """Empty in part or as a whole: brackets of several stages promote what there is, and the search completes."""
    write_tree(shell.cwd / "T", {"config": "x: {{ integer('x', 1, 10) }}\n", "run.sh": RUN})
    search = shell.generate(2, 2, "--sampler", "tpe", *options, template=shell.cwd / "T")
    (search / "search-space/config").write_text("x: {{ integer('x', 1, 5) }}\n")
    before = {json.loads(p.read_text())["values"]["x"] for p in search.glob("bracket-0/stage-0/*/parameters.json")}
    shell.snakemake()
    slots = shell.slots()
    found = len(set(range(1, 6)) - before)
    assert [slots[1, 0, c]["status"] for c in range(3)] == (["completed"] * found + ["empty"] * 3)[:3]
    assert {slots[2, 0, c]["status"] for c in range(3)} <= {"completed", "empty"}
    assert slots[2, 0, 2]["status"] == "empty"
    assert shell.status()["complete"]
    assert shell.planned() == {}
    (search / "sampler.json").unlink()
    assert "Nothing to be done" in shell.snakemake("S", "-n"), "nothing is left to be proposed"


@pytest.mark.parametrize(
    ("config", "options", "message"),
    [
        (TWELVE, ["2", "3", "--bracket", "2"], "Its space has 12 distinct configurations; all brackets together draw 3."),
        (TWELVE, ["2", "3", "--bracket", "1", "--sampler", "tpe"], "all brackets together draw 5."),
        ("x: {{ [1, 2] | random }}\nrun: {{ bracket_index }}-{{ config_index }}\n", ["2", "2"], "Written to S"),
        ("{% if bracket_index + config_index == 0 %}x: 0\n{% else %}" + TWELVE + "{% endif %}", ["2", "2"], "Written to S"),
        ("x: 1\nseed: {{ seed() }}\n", ["2", "2"], "Written to S"),
    ],
    ids=["one bracket", "one that learns", "run names", "a default first", "seeds alone"],
)
def test_generate_refuses_nothing_that_there_is(shell: Shell, config: str, options: list[str], message: str) -> None:
    write_tree(shell.cwd / "T", {"config": config, "run.sh": RUN})
    words = ["hyband", "generate", *options, "--template-dir", "T", "-o", "S", "--random-seed", "1"]
    assert message in shell.run(*words)


def test_the_numbers_of_generate_are_true(shell: Shell) -> None:
    """Also where the first bracket alone is too large."""
    write_tree(shell.cwd / "T", {"config": "x: {{ integer('x', 1, 3) }}\n", "run.sh": RUN})
    for options, needed in (([], 17), (["--sampler", "tpe"], 17), (["--bracket", "1"], 5)):
        done = shell.try_run("hyband", "generate", "2", "3", *options, "--template-dir", "T", "-o", "S")
        assert f"yields 3 different configurations, but the search needs {needed}." in done.stdout
        assert done.returncode == 1
