"""A search as a study of Optuna: every configuration a trial, brought up to date while the search runs."""

from datetime import UTC

import optuna
import pytest

from hyperband_snakemake.snapshot.rows import make_rows
from hyperband_snakemake.snapshot.scan import scan

from ..conftest import Shell, read_tree, write_tree
from ..helpers import RUN, SPACE, finished, learns

STORAGES = ("sqlite:///study.db", "study.log")


def generate(shell: Shell, config: str = SPACE, run: str = RUN) -> None:
    shell.generate(2, 3, template=learns(shell, config, run))


def trials(shell: Shell, storage: str) -> list:
    address = storage.replace("sqlite:///", f"sqlite:///{shell.cwd}/")
    if "://" not in storage:
        address = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(shell.cwd / storage)))
    return optuna.load_study(storage=address, study_name="S").trials


def test_export_while_the_search_runs(shell: Shell) -> None:
    """Nothing, then a part, then all: each configuration is one trial, and nothing is there twice."""
    generate(shell)
    for storage in STORAGES:
        assert "0 trials added, 0 updated" in shell.run("hyband", "export", "S", "--optuna", storage)
    shell.snakemake("S", "--until", "promote_bracket_0_stage_0", "train_bracket_1_stage_0", "train_bracket_2_stage_0")
    for storage in STORAGES:
        assert "17 trials added, 0 updated" in shell.run("hyband", "export", "S", "--optuna", storage)
        states = [trial.state.name for trial in trials(shell, storage)]
        assert {state: states.count(state) for state in states} == {"PRUNED": 6, "RUNNING": 8, "COMPLETE": 3}
    shell.snakemake()
    for storage in STORAGES:
        assert "0 trials added, 8 updated" in shell.run("hyband", "export", "S", "--optuna", storage)
        assert "0 trials added, 0 updated" in shell.run("hyband", "export", "S", "--optuna", storage)
        assert_all_are_there(shell, trials(shell, storage))


def assert_all_are_there(shell: Shell, all_of_them: list) -> None:
    assert len(all_of_them) == 17
    for (b, s, c), slot in shell.slots().items():
        born = (b, s, c)
        while shell_origin := origin(shell, born):
            born = shell_origin
        trial = next(t for t in all_of_them if t.user_attrs["slot"] == f"bracket-{born[0]}/stage-0/config-{born[2]}")
        assert trial.intermediate_values[slot["budget"]] == slot["result"]
        assert trial.params.keys() <= {"x", "kind", "y"}
    done = [t for t in all_of_them if t.state.name == "COMPLETE"]
    assert {t.value for t in done} == {t.intermediate_values[9] for t in done}
    assert min(t.value for t in done) == shell.status()["best"]["result"]
    rows = {row.path: row for row in make_rows(scan(shell.cwd / "S"))}
    for trial in all_of_them:
        life = [row for row in rows.values() if row.root == trial.user_attrs["slot"] and row.end]
        begin, end = min(row.start for row in life), max(row.end for row in life)
        times = (trial.datetime_start, trial.datetime_complete)
        assert [f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for time in times] == [begin, end]
        for row in life:
            own = [trial.user_attrs[f"stage {row.stage} {name}"] for name in ("directory", "host", "seconds")]
            assert own == [str(shell.cwd / "S" / row.path), row.host, row.total_seconds]


_slots: dict = {}


def origin(shell: Shell, key: tuple) -> tuple | None:
    slots = _slots.setdefault(str(shell.cwd), shell.slots())
    path = slots[key]["origin"]
    return tuple(int(part.split("-")[1]) for part in path.split("/")) if path else None


def test_failures_and_configurations_without_a_record(shell: Shell) -> None:
    """Parameters that only the text of a configuration shows are read from there."""
    config = "lr: {{ ['0.1', '0.01', '0.001', '0.2', '0.3', '0.4'] | random }}\nnet: {kind: {{ ['a', 'b', 'c'] | random }}}\n"
    generate(shell, config, 'case "$1" in *config-0) exit 3;; esac; echo 0.5 > "$1/result"')
    shell.snakemake()
    shell.run("hyband", "export", "S", "--optuna", "study.log")
    found = trials(shell, "study.log")
    assert sum(t.state.name == "FAIL" for t in found) >= 3
    assert {t.user_attrs.get("reason") for t in found if t.state.name == "FAIL"} == {"run.sh exited with status 3"}
    assert {frozenset(t.params) for t in found} == {frozenset({"lr", "net.kind"})}
    assert {t.params["net.kind"] for t in found} == {"a", "b", "c"}


def test_import(shell: Shell) -> None:
    """The best trials of a study become configurations of a search, rendered by its template."""
    finished(shell, 2, 3, template=learns(shell))
    study = optuna.create_study(storage=f"sqlite:///{shell.cwd}/own.db", study_name="own")
    for x in (4.0, 1.0, 2.0):
        trial = study.ask()
        trial.suggest_float("x", -5, 5)
        trial = optuna.trial.create_trial(
            value=abs(x - 1), params={"x": x, "kind": "b"},
            distributions={"x": optuna.distributions.FloatDistribution(-5, 5),
                           "kind": optuna.distributions.CategoricalDistribution(["a", "b"])})
        study.add_trial(trial)
    shell.run("hyband", "extend", "S", "--optuna", "sqlite:///own.db", "--study", "own", "--top", "2")
    shell.snakemake()
    texts = [(shell.cwd / f"S/bracket-3/stage-0/config-{c}/config").read_text() for c in (0, 1)]
    assert [text.split("\n")[0] for text in texts] == ["x: 1.0", "x: 2.0"]
    assert shell.status()["complete"]
    done = shell.try_run("hyband", "extend", "S", "--optuna", "sqlite:///own.db", "--study", "own", "--top", "1")
    assert (done.returncode, "already in S, or given twice: trial 3 of own" in done.stdout) == (1, True)
    done = shell.try_run("hyband", "extend", "S", "--optuna", "sqlite:///own.db", "--study", "other")
    assert (done.returncode, "has no study named other; name it with --study. It has own." in done.stdout) == (1, True)
    done = shell.try_run("hyband", "extend", "S", "--optuna", "nothing.log", "--study", "own")
    assert (done.returncode, "nothing.log does not exist" in done.stdout) == (1, True)


def test_a_trial_that_is_not_in_the_space_is_named(shell: Shell) -> None:
    generate(shell)
    add_trial(optuna.create_study(storage=f"sqlite:///{shell.cwd}/own.db", study_name="own"), 1, x=20.0)
    done = shell.try_run("hyband", "extend", "S", "--optuna", "sqlite:///own.db", "--study", "own")
    assert (done.returncode, "trial 0: x is 20.0, which the template" in done.stdout) == (1, True)


def add_trial(study: optuna.Study, value: float, **params: float) -> None:
    distributions = {name: optuna.distributions.FloatDistribution(-50, 50) for name in params}
    study.add_trial(optuna.trial.create_trial(value=value, params=params, distributions=distributions))


@pytest.mark.parametrize("command", [("export", "S"), ("extend", "S", "--study", "S")], ids=" ".join)
@pytest.mark.parametrize(
    ("storage", "message"),
    [
        ("notes.txt", "notes.txt is not an Optuna journal file"),
        ("sqlite:///notes.txt", "notes.txt cannot be opened: (sqlite3.DatabaseError) file is not a database"),
        ("directory", "directory cannot be opened: it is a directory"),
        ("sqlite:///directory", "directory cannot be opened: it is a directory"),
        ("nowhere/study.log", "study.log"),
        ("sqlite:///nowhere/study.db", "study.db"),
        ("bogus://study", "bogus://study cannot be opened"),
        ("sqlite:///two.db", "the study S in sqlite:///two.db has several objectives; expected one"),
    ],
)
def test_what_is_no_study_stays_as_it_is(shell: Shell, command: tuple[str, ...], storage: str, message: str) -> None:
    """A file that is something else, no file at all, a study of another kind: named, and nothing is written or made."""
    generate(shell)
    write_tree(shell.cwd, {"notes.txt": "notes of mine, line after line\n" * 99, "directory/file": ""})
    optuna.create_study(storage=f"sqlite:///{shell.cwd}/two.db", study_name="S", directions=["minimize", "minimize"])
    before = read_tree(shell.cwd)
    done = shell.try_run("hyband", *command, "--optuna", storage)
    assert (done.returncode, message in done.stdout) == (1, True), done.stdout
    assert "Traceback" not in done.stdout
    assert read_tree(shell.cwd) == before


@pytest.mark.parametrize("storage", ["sqlite:///nothing.db", "nothing.log"])
def test_a_study_to_read_is_not_made(shell: Shell, storage: str) -> None:
    generate(shell)
    done = shell.try_run("hyband", "extend", "S", "--optuna", storage, "--study", "own")
    assert (done.returncode, "does not exist" in done.stdout) == (1, True)
    assert not list(shell.cwd.glob("nothing*"))


def test_a_study_that_another_search_or_direction_has(shell: Shell) -> None:
    """Two searches in one study would be taken for one another; so would the worst and the best."""
    finished(shell, 2, 3, template=learns(shell))
    shell.run("hyband", "export", "S", "--optuna", "study.log", "--study", "ours")
    shell.generate(2, 3, template=shell.cwd / "T", output="other", seed=2)
    shell.snakemake("other", "--until", "train_bracket_2_stage_0")
    before = (shell.cwd / "study.log").read_bytes()
    done = shell.try_run("hyband", "export", "other", "--optuna", "study.log", "--study", "ours")
    assert (done.returncode, "the study ours holds trials of another search" in done.stdout) == (1, True)
    shell.generate(2, 3, "--maximize", template=shell.cwd / "T", output="highest")
    done = shell.try_run("hyband", "export", "highest", "--optuna", "study.log", "--study", "ours")
    assert (done.returncode, "is to minimize, this search to maximize" in done.stdout) == (1, True)
    assert (shell.cwd / "study.log").read_bytes() == before
    assert "0 trials added, 0 updated" in shell.run("hyband", "export", "S", "--optuna", "study.log", "--study", "ours")


WORDS = "net: {{ 'abcdefghijklmnopqrstuvwxyz' | random }}\nwidth: {{ range(1, 99) | random }}\n"
BRANCHES = """{% if choice('kind', ['a', 'b']) == 'a' %}x: {{ choice('x', [1, 2, 3]) }}
{% else %}x: {{ choice('x', ['u', 'v', 'w', 'z']) }}
{% endif %}y: {{ uniform('y', 0, 1) }}
"""


@pytest.mark.parametrize("config", [WORDS, BRANCHES])
def test_export_of_a_search_that_grows(shell: Shell, config: str) -> None:
    """Options that come later, and a name that stands for two parameters, are told apart the same way every time."""
    generate(shell, config)
    shell.snakemake("S", "--until", "train_bracket_2_stage_0")
    for storage in STORAGES:
        assert "3 trials added" in shell.run("hyband", "export", "S", "--optuna", storage)
    shell.run("hyband", "extend", "S", "--repeat", "1")
    shell.snakemake()
    for storage in STORAGES:
        assert "31 trials added, 0 updated" in shell.run("hyband", "export", "S", "--optuna", storage)
        assert "0 trials added, 0 updated" in shell.run("hyband", "export", "S", "--optuna", storage)
        for trial in trials(shell, storage):
            text = (shell.cwd / "S" / trial.user_attrs["slot"] / "config").read_text()
            shown = {name.partition(" (")[0]: value for name, value in trial.params.items() if name != "kind"}
            assert text == "".join(f"{name}: {shown[name]}\n" for name in shown)


def test_export_with_configurations_that_the_template_does_not_draw(shell: Shell) -> None:
    """A number on another scale or out of its range, another option, another kind: each has a name that Optuna takes."""
    names = "n: {{ integer('n', 1, 9, log=true) }}\nx: {{ uniform('x', 0.001, 0.1, log=true) }}\nc: {{ choice('c', ['a', 'b']) }}\n"
    generate(shell, names, 'echo 0.5 > "$1/result"')
    texts = ["n: 3\nx: 0.5\nc: a\n", "n: -3\nx: -0.5\nc: z\n", "n: 2.5\nx: much\nc: 1\nmore: true\n", "x: 1\n"]
    for number, text in enumerate(texts):
        (shell.cwd / f"{number}.yaml").write_text(text)
    shell.run("hyband", "extend", "S", "--config", *(f"{n}.yaml" for n in range(len(texts))))
    shell.snakemake()
    for storage in STORAGES:
        assert "21 trials added" in shell.run("hyband", "export", "S", "--optuna", storage)
        assert "0 trials added, 0 updated" in shell.run("hyband", "export", "S", "--optuna", storage)
        last = [{k.partition(" (")[0]: v for k, v in trial.params.items()} for trial in trials(shell, storage)[-len(texts):]]
        assert last == [{"n": 3, "x": 0.5, "c": "a"}, {"n": -3, "x": -0.5, "c": "z"}, {"n": 2.5, "x": "much", "c": 1, "more": True}, {"x": 1}]
        done = shell.try_run("hyband", "extend", "S", "--optuna", storage, "--study", "S")
        assert (done.returncode, "trials of an exported search alone: take its best with --from SEARCH" in done.stdout) == (1, True)


def test_trials_that_optuna_has_closed_are_counted(shell: Shell) -> None:
    finished(shell, 2, 3, template=learns(shell))
    shell.run("hyband", "export", "S", "--optuna", "study.log")
    shell.run("hyband", "extend", "S", "--smax", "+1")
    shell.snakemake()
    out = shell.run("hyband", "export", "S", "--optuna", "study.log")
    assert "4 trials added, 0 updated." in out
    assert "5 of its trials had ended before their configurations were promoted" in out
    assert "21 trials added" in shell.run("hyband", "export", "S", "--optuna", "study.log", "--study", "all")
