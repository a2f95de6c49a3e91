"""From a command line to config and run.sh: the program gets what it got before, and what is drawn."""

import json
import os
import re
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.errors import UsageError
from hyperband_snakemake.space.configurations import ConfigTemplate
from hyperband_snakemake.space.generator import Generator
from hyperband_snakemake.space.jinja.rendering import Renderer
from hyperband_snakemake.starting.begin import Told, check_start, read_start
from hyperband_snakemake.starting.roles import CONSTANT, SEED, Place, Wishes, give_roles
from hyperband_snakemake.starting.score import parse_score
from hyperband_snakemake.starting.telling import ask, next_commands, reading
from hyperband_snakemake.starting.templates import config_text, run_text
from hyperband_snakemake.starting.write import write_templates

PROGRAM = """#!/bin/bash
printf '%s\\0' "$@" > "$HYBAND_SEARCH/args"
printf '%s' "${LR-}" > "$HYBAND_SEARCH/LR"
for last in "$@"; do :; done
[[ ! -f $last ]] || cp "$last" "$HYBAND_SEARCH/given"
[[ ! -f config.yml ]] || cp config.yml "$HYBAND_SEARCH/given"
pwd > "$HYBAND_SEARCH/pwd"
echo 'epoch 1 acc=0.25'
echo 'epoch 2 acc=0.75.'
echo bye 3
"""
HARD = ["it's", 'say "x"', "$HOME", "`id`", "{{ x }}", "{% if %}", "{# c", "${#a[@]}", "a\\b", "a\nb", "", "*", "ä", "{{{", "--"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with blanks and quotes in its name, where a program works that notes what it was given."""
    place = tmp_path / "my 'project' {{x}}"
    place.mkdir()
    (place / "train").write_text(PROGRAM)
    (place / "train").chmod(0o755)
    monkeypatch.chdir(place)
    return place


def begun(words: list[str], result: str | None = "last-line", **said: object):
    told = Told(score=parse_score(result) if result else None, variables={}, **said)
    start = read_start(words, told)
    check_start(start, told)
    return start


def run(project: Path, words: list[str], result: str = "last-line", budget: str = "7", **said: object) -> Path:
    """Write the templates, draw one configuration, start run.sh as a search does; its directory, with what the program got."""
    templates, directory = project.parent / "T", project.parent / "a run"
    write_templates(templates, begun(words, result, **said))
    renderer = Renderer(templates)
    directory.mkdir()
    drawn = ConfigTemplate(renderer, "config", {}).draw(Slot(0, 0, 0), Generator(1))
    (directory / "config").write_text(drawn.text)
    (directory / "drawn").write_text(drawn.record or "{}")
    (project.parent / "run.sh").write_text(renderer.render("run.sh", {}))
    done = subprocess.run(["bash", "run.sh", "a run", budget, ""], cwd=project.parent, capture_output=True, text=True,
                          env=os.environ | {"HYBAND_SEARCH": str(directory)})
    (directory / "said").write_text(f"{done.returncode}\n{done.stdout}{done.stderr}")
    return directory


def drawn(directory: Path) -> dict:
    return json.loads((directory / "drawn").read_text())["values"]


def given(directory: Path) -> list[str]:
    return (directory / "args").read_text().split("\0")[:-1]


def test_every_spelling_of_a_value(project: Path) -> None:
    words = ["LR=~log(1e-5, 1e-1)", "./train", "--layers", "~int(1, 8)", "--act=~choice(relu, 'leaky relu', \"it's\")", "-p", "~uniform(0, 1)",
             "model.dim=~logint(16, 64)", "+extra.x-y=~choice(1, 2)", "~ordinal(s, m, l)", "--epochs=27", "--out", "DIR", "--seed", "3",
             "--fast", "--bn", "~switch()", "--aug=~switch()", "h.bias=~switch()", "DIR/model.bin"]
    directory = run(project, words, spaces=[("fast", "switch()")])
    assert (directory / "said").read_text().startswith("0\n"), (directory / "said").read_text()
    values = drawn(directory)
    assert sorted(values) == ["LR", "act", "argument_1", "aug", "bn", "extra.x-y", "fast", "h.bias", "layers", "model.dim", "p"]
    layers, p = str(values["layers"]), given(directory)[4]
    seed = json.loads((directory / "drawn").read_text())["seeds"]["seed"]
    assert given(directory) == [
        "--layers", layers, f"--act={values['act']}", "-p", p, f"model.dim={values['model.dim']}", f"+extra.x-y={values['extra.x-y']}",
        values["argument_1"], "--epochs=7", "--out", str(directory), "--seed", str(seed), *(f"--{name}" for name in ("fast", "bn", "aug") if values[name]),
        f"h.bias={str(values['h.bias']).lower()}", f"{directory}/model.bin"]
    assert float(p) == values["p"]
    assert float((directory / "LR").read_text()) == values["LR"]
    assert (directory / "pwd").read_text().strip() == str(project)


def test_what_stays_is_what_was_typed(project: Path) -> None:
    words = ["./train", "--x", "~int(1, 9)", "--steps", "5", *(f"--note={text}" for text in HARD[:1]), "positional", *HARD[1:]]
    directory = run(project, words)
    x = str(drawn(directory)["x"])
    assert given(directory) == ["--x", x, "--steps", "7", "--note=it's", "positional", *HARD[1:]]


def test_a_budget_of_a_fraction_and_a_command_in_one_word(project: Path) -> None:
    directory = run(project, ["./train --n_estimators 10 --x '~uniform(0, 1)'"], budget="3.5")
    assert given(directory)[:2] == ["--n_estimators", "3.5"]


FILES = {
    "c.yaml": "# of mine: {{ this }}\nmodel: {lr: 0.1, act: relu}  # here\ntrain:\n  epochs: 27\n  out: runs/a\n  sizes: [1, 2]\n  bias: true\nseed: 3\n",
    "c.json": '{\n\t"model": {"lr": 0.1, "act": "relu"},\n\t"train": {"epochs": 27, "out": "runs/a", "sizes": [1, 2], "bias": true}, "seed": 3}\n',
    "c.toml": 'seed = 3 # {# mine\n[model]\nlr = 0.1\nact = "relu"\n[train]\nepochs = 27\nout = "runs/a"\nsizes = [1, 2]\nbias = true\n',
}
READERS = {"c.yaml": yaml.safe_load, "c.json": json.loads, "c.toml": tomllib.loads}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_the_program_reads(project: Path, name: str) -> None:
    (project / name).write_text(FILES[name])
    spaces = [("lr", "log(1e-5, 1e-1)"), ("act", "choice(no, 'a: b')"), ("sizes", "choice([8], [4, 2])"), ("bias", "choice(true, false)")]
    directory = run(project, ["./train", "--config", name], spaces=spaces)
    values, data = drawn(directory), READERS[name]((directory / "given").read_text())
    assert given(directory) == ["--config", str(directory / f"config.{name.partition('.')[2]}")]
    assert data["train"] == {"epochs": 7, "out": str(directory), "sizes": values["train.sizes"], "bias": values["train.bias"]}
    assert data["model"] == {"lr": values["model.lr"], "act": values["model.act"]}
    assert type(data["seed"]) is int
    if name == "c.yaml":
        assert "# of mine: {{ this }}" in (directory / "given").read_text()


@pytest.mark.parametrize(("name", "text", "read"), [
    ("c.yaml", """args: '{"depth": 5, "act": "relu", "epochs": 9}' # a string\nsave_model_path: models/m.pkl\n""", yaml.safe_load),
    ("c.toml", """args = '{"depth": 5, "act": "relu", "epochs": 9}'\nsave_model_path = "models/m.pkl"\n""", tomllib.loads)])
def test_values_in_a_string_that_is_json(project: Path, name: str, text: str, read) -> None:
    (project / name).write_text(text)
    directory = run(project, ["./train", name], spaces=[("depth", "int(1, 8)"), ("act", "choice(relu, 'a b')")])
    data, values = read((directory / "given").read_text()), drawn(directory)
    assert json.loads(data["args"]) == {"depth": values["args.depth"], "act": values["args.act"], "epochs": 7}
    assert data["save_model_path"] == f"{directory}/m.pkl"


def test_spaces_in_the_file_itself(project: Path) -> None:
    (project / "c.yaml").write_text("lr: ~log(1e-5, 1e-1)\nhome: ~/data\nsteps: 9\n")
    directory = run(project, ["./train", "c.yaml"])
    assert yaml.safe_load((directory / "given").read_text()) == {"lr": drawn(directory)["lr"], "home": "~/data", "steps": 7}


def test_a_file_that_the_program_finds_by_its_name(project: Path) -> None:
    """It is started where that file is written, and what it is given by relative paths stays."""
    (project / "config.yml").write_text("lr: 0.1\nepochs: 3\n")
    (project / "data.txt").write_text("x")
    directory = run(project, ["./train", "--data", "data.txt"], spaces=[("lr", "uniform(0, 1)")], config_file=Path("config.yml"))
    assert given(directory) == ["--data", str(project / "data.txt")]
    assert (directory / "pwd").read_text().strip() == str(directory)
    assert yaml.safe_load((directory / "given").read_text())["epochs"] == 7


SCORES = [
    ("log:/acc=([0-9.]+)/", "", 0.75), ("log:/acc=[0-9]/", "printed matches", None), ("log:/acc=(nothing)/", "No score", None), ("last-line", "", 3.0),
    ("m.json:a", '{"a": 0.5}', 0.5), ("m.json:a.b.1", '{"a": {"b": [1, 2]}}', 2.0), ("m.json:a.b", '{"a.b": 4}', 4.0), ("m.json:x", '{"a": 1}', None),
    ("m.json:a", "{", None), ("m.json:a", '{"a": null}', None), ("m.json:a", None, None),
    ("m.jsonl:a", '{"a": 1}\n{"a": 2}\n\n{"b": 3}\n', 2.0), ("m.jsonl:min(a)", '{"a": 1}\n{"a": 2}\n', 1.0), ("m.jsonl:c", '{"a": 1}\n', None),
    ("t.json:log.a", '{"log": [{"a": 1}, {"b": 5}, {"a": 3}]}', 3.0), ("t.json:max(h.a)", '{"h": {"a": [1, 4, 2]}}', 4.0),
    ("t.json:h.a.-2", '{"h": {"a": [1, 4, 2]}}', 4.0), ("t.json:log.c", '{"log": [{"a": 1}]}', None), ("m.jsonl:v.a", '{"v": {"a": 1}}\n{"v": 2}\n', 1.0),
    ("m.csv:max(a)", "a\n1\n3\n2\n", 3.0), ("log:/^acc (.*)$/", "10%\r50%\racc 1\r99%\racc 2\n", 2.0),
    ("m.csv:a", "a,b\n1,2\n3,\n", 3.0), ("m.csv:b", "a, b\n1,2\n3,\n", 2.0), ("m.csv:mean(a)", "a\n1\n3\n", 2.0), ("m.tsv:b", "a\tb\n1\t2\n", 2.0),
    ("m.csv:c", "a,b\n1,2\n", None), ("m.csv:a", "", None), ("out/*/m.csv:a", None, None),
    ("s.txt", "loss 1e-3\n", 0.001), ("s.txt", "nothing", None), ("s.txt", None, None),
]


@pytest.mark.parametrize(("where", "text", "expected"), SCORES)
def test_the_score_from_where_it_is(project: Path, where: str, text: str | None, expected: float | None) -> None:
    name = where.partition(":")[0]
    if text and name == "log":
        (project / "train").write_text(f"#!/bin/bash\nprintf {text!r}\n".replace("%", "%%"))
    if text is not None and "." in name:
        (project / "text").write_text(text)
        write = f'cp text "$HYBAND_SEARCH/{name}"'
        (project / "train").write_text(f"#!/bin/bash\n{write}\n")
    directory = run(project, ["./train", "--x", "~int(1, 9)", "--epochs", "3", "--out", "DIR"], where)
    status, _, said = (directory / "said").read_text().partition("\n")
    if expected is None:
        assert status == "1", said
        assert "No score: " in said
        assert "Traceback" not in said
    else:
        assert status == "0", said
        assert float((directory / "result").read_text()) == expected


def test_the_newest_of_several_files_has_the_score(project: Path) -> None:
    (project / "train").write_text('#!/bin/bash\nmkdir -p "$HYBAND_SEARCH/logs/"{v0,v1}\ncd "$HYBAND_SEARCH/logs"\n'
                                   "printf 'a\\n1\\n' > v1/m.csv; printf 'a\\n2\\n' > v0/m.csv; touch -d '2020-01-01' v1/m.csv\n")
    directory = run(project, ["./train", "--x", "~int(1, 9)", "--epochs", "3", "--out", "DIR"], "logs/*/m.csv:a")
    assert (directory / "result").read_text() == "2.0\n"


def test_a_score_of_an_earlier_attempt_does_not_count(project: Path) -> None:
    (project / "train").write_text("#!/bin/bash\n")
    start = begun(["./train", "--x", "~int(1, 9)", "--epochs", "3", "--out", "DIR"], "m.json:a")
    assert 'rm -f "$out"/m.json' in run_text(start)
    assert "rm -f" not in run_text(begun(["./train", "--x", "~int(1, 9)", "--epochs", "3", "--out", "DIR"], "m.csv:a"))


@pytest.mark.parametrize(("value", "became"), [
    ("runs", '"$out"'), ("DIR", '"$out"'), ("runs/model.pt", '"$out/model.pt"'), ("mod", '"$out/mod"'), ("d", '"$out"')])
def test_a_file_or_the_beginning_of_names_is_told_from_a_directory(project: Path, value: str, became: str) -> None:
    (project / "mod.bin").touch()
    (project / "d.txt").touch()
    (project / "d").mkdir()
    assert f"--out {became}" in run_text(begun(["./train", "--x", "~int(1, 9)", "--epochs", "3", "--out", value]))


MISSING = [
    (["./train", "--lr", "0.1", "--epochs", "3"], "last-line", ["--space 'lr=log(0.01, 1)'"]),
    (["./train", "--lr", "~uniform(0, 1)"], "last-line", ["--budget NAME", "add it: --epochs 27"]),
    (["./train", "--lr", "~uniform(0, 1)", "-t", "81", "5"], "last-line", ["--budget NAME, one of: t (81), argument_1 (5)."]),
    (["bash", "-c", "python train.py --lr 1"], "last-line", ["LR='~log(1e-5, 1e-1)' EPOCHS=27 bash -c", "--lr '~log("]),
    (["./train", "--lr", "~uniform(0, 1)", "--epochs", "3"], None, ["--result WHERE", "metrics.json:val_acc"]),
    (["./train", "--lr", "~uniform(0, 1)", "--epochs", "3"], "m.json:a", ["--directory NAME", "--in-directory"]),
    (["./train", "--lr", "0.1"], None, ["--budget", "--space", "--result", "Nothing was written."]),
    (["--lr", "1"], "last-line", ["there is no program after --"]),
    (["python a.py && python b.py"], "last-line", ["is more than one command"]),
    (["./train", "--lr", "~randint(1, 8)", "--epochs", "3"], "last-line", ["--lr: 'randint' is not a space", "HIGH - 1"]),
    (["./train", "--act", "~choice(relu, ...)", "--epochs", "3"], "last-line", ["does not name its options"]),
    (["./train", "--a-b", "~int(1, 2)", "--a_b", "~int(1, 2)", "--epochs", "3"], "last-line", ["have the same name in run.sh"]),
    (["./train", "--epochs", "3"], "pickle:x", ["--result is 'pickle:x'"]),
    (["./train", "--epochs", "3"], "log:/(a)(b)/", ["has 2 groups"]),
    (["./train", "--epochs", "3"], "log:/(/", ["is not a regular expression"]),
]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("words", "result", "said"), MISSING)
def test_what_is_missing_is_named_with_its_option(words: list[str], result: str | None, said: list[str]) -> None:
    with pytest.raises(UsageError) as error:
        begun(words, result)
    assert [text for text in said if text not in str(error.value)] == []


def test_a_space_that_does_not_hold_together_is_told_before_anything_is_written(project: Path) -> None:
    with pytest.raises(UsageError, match=r"low \(3\) must be below high \(1\)"):
        write_templates(project / "T", begun(["./train", "--n", "~int(3, 1)", "--epochs", "3"]))
    assert not (project / "T").exists()


@pytest.mark.usefixtures("project")
def test_wishes_come_before_guesses() -> None:
    start = begun(["./train", "--lr", "~int(1, 9)", "--epochs", "3", "--size", "4", "--where", "x", "--seed", "1", "--save", "y"],
                  budget="size", folder="where", constants=["seed"])
    assert '--epochs 3 --size "$2" --where "$out" --seed 1 --save y' in run_text(start)
    told = "\n".join(reading(start))
    assert "--size 4  " in told
    assert "budget     $2, as you say" in told
    assert "--space 'epochs=int(1, 6)'" in told


@pytest.mark.usefixtures("project")
def test_the_first_kind_of_budget_counts() -> None:
    start = begun(["./train", "--lr", "~int(1, 9)", "--max_steps", "100", "--num-epochs", "3"])
    assert '--max_steps 100 --num-epochs "$2"' in run_text(start)


def test_hydra_gets_its_directory(project: Path) -> None:
    (project / "train.py").write_text("import hydra\n")
    text = run_text(begun(["python", "train.py", "lr=~uniform(0, 1)", "trainer.max_epochs=3"], "m.json:a"))
    assert 'python train.py lr="$lr" trainer.max_epochs="$2" hydra.run.dir="$out"' in text
    (project / "train.py").write_text("")
    assert "hydra.run" not in run_text(begun(["python", "train.py", "lr=~uniform(0, 1)", "trainer.max_epochs=3"]))


def test_the_active_environment_is_activated_before_set_u(project: Path) -> None:
    script = project / "venv/bin/activate"
    script.parent.mkdir(parents=True)
    script.touch()
    words, score = ["python", "t.py", "--lr", "~int(1, 9)", "--epochs", "3"], parse_score("last-line")
    text = run_text(read_start(words, Told(score=score, variables={"VIRTUAL_ENV": str(project / "venv")})))
    assert text.index("/activate'") < text.index("\nset -euo pipefail")
    conda = {"CONDA_PREFIX": "/opt/c/envs/torch", "CONDA_EXE": "/opt/c/bin/conda", "CONDA_DEFAULT_ENV": "torch"}
    assert "source /opt/c/etc/profile.d/conda.sh\nconda activate torch\nset" in run_text(read_start(words, Told(score=score, variables=conda)))
    pinned = "\n".join(reading(read_start(["env", "CUDA_VISIBLE_DEVICES=0", *words], Told(score=score, variables={}))))
    assert "CUDA_VISIBLE_DEVICES=0 stays, so all training runs use the same GPU" in pinned
    own = read_start(["uv", "run", *words], Told(score=score, variables=conda))
    assert "\nconda activate" not in run_text(own)
    assert "HYBAND_PYTHON" not in run_text(own).partition("# The score")[0]


def test_only_what_is_needed_is_written(project: Path) -> None:
    start = begun(["./train", "--lr", "~log(1e-5, 1e-1)", "--epochs", "3"])
    write_templates(project / "T", start)
    assert sorted(path.name for path in (project / "T").iterdir()) == ["config", "run.sh"]
    assert os.stat(project / "T/run.sh").st_mode & stat.S_IXUSR
    assert config_text(start) == "lr={{ uniform('lr', 1e-5, 1e-1, log=true) }}\n"


@pytest.mark.usefixtures("project")
def test_what_is_not_told_is_asked() -> None:
    """A wrong answer is asked again; what is told is not asked."""
    answers = ["log(0.01", "log(0.01, 1)", "", "rounds-of-it", "pickle:x", "m.json:a", "where"]
    asked = list[str]()

    def question(text: str) -> str:
        asked.append(text)
        return answers.pop(0)

    words = ["./train", "--lr", "0.1", "--act", "relu", "--rounds-of-it", "0", "--where", "x/y"]
    answers.insert(3, "")
    told = ask(read_start(words, Told(variables={})), Told(variables={}), question)
    start = read_start(words, told)
    check_start(start, told)
    assert './train --lr "$lr" --act relu --rounds-of-it "$2" --where "$out"' in run_text(start)
    assert [text.partition("?")[0] for text in asked[:4]] == ["Search over --lr 0.1"] * 2 + ["Search over --act relu", "Search over --rounds-of-it 0"]
    assert ask(start, told, pytest.fail) == told


@pytest.mark.usefixtures("project")
def test_many_values_are_asked_for_by_name() -> None:
    words = ["./train", *(f"--p{n}={n}" for n in range(1, 20)), "--epochs", "3"]
    answers = iter(["p3, p5", "int(1, 9)", "", "last-line"])
    told = ask(read_start(words, Told(variables={})), Told(variables={}), lambda _: next(answers))
    assert (told.spaces, told.score) == ([("p3", "int(1, 9)")], parse_score("last-line"))


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("more", "is_drawn"), [
    (["--test-size", "0.2"], False), (["--val_split", "0.1"], False), (["--folds", "5"], False), (["--batch-size", "8"], True),
])
def test_a_seed_that_may_split_the_data_stays(more: list[str], is_drawn: bool) -> None:
    """On other validation data for each configuration, scores could not be compared."""
    start = begun(["./train", "--lr", "~log(1e-3, 1)", "--epochs", "3", "--out", "DIR", *more, "--random-state", "42"])
    assert ('--random-state "$random_state"' in run_text(start)) is is_drawn
    assert ("--random-state 42" in run_text(start)) is not is_drawn


def test_only_seeds_next_to_a_split_stay() -> None:
    places = [Place(name, name, "3", i) for i, name in enumerate(("train.val_size", "train.seed", "model.seed"))]
    assert [place.role for place in give_roles(places, Wishes())] == [CONSTANT, CONSTANT, SEED]


def test_a_name_that_is_nowhere_is_told_with_those_of_the_file(project: Path) -> None:
    (project / "c.yaml").write_text("model:\n  lr: 0.1\nepochs: 3\n")
    with pytest.raises(UsageError, match=r"--space: no value of the command is called C; expected one of: .*model\.lr, epochs"):
        begun(["python", "train.py", "c.yaml"], spaces=[("C", "log(1e-3, 1)")])


def test_options_of_an_override_that_hydra_reads_otherwise() -> None:
    told = Told(spaces=[("act", "choice('a,b', c)"), ("net", "choice(a, b-1.5)")], score=parse_score("last-line"), variables={})
    text = config_text(read_start(["python", "t.py", "act=c", "net=a", "epochs=3", "hydra.run.dir=DIR"], told))
    assert text == "act={{ choice('act', ['a,b', 'c']) | tohydra | toshell }}\nnet={{ choice('net', ['a', 'b-1.5']) | toshell }}\n"
    plain = read_start(["python", "t.py", "act=c", "net=a", "epochs=3"], told)
    assert "tohydra" not in config_text(plain)


def test_names_and_numbers_stay_as_they_are() -> None:
    start = begun(["t", "--LANG", "~choice(01, 1e3, 2)", "--max-steps", "1e4"])
    assert config_text(start) == "LANG_={{ choice('LANG', ['01', 1e3, 2]) | toshell }}\n"
    assert '--LANG "$LANG_" --max-steps "$2"' in run_text(start)
    assert "--max-budget 10000 " in next_commands(start, Path("T"), maximize=False)[0]


@pytest.mark.parametrize(("value", "said"), [
    ("log(1e-5, 1)", "write '~log(1e-5, 1)'"), ("1,1,~int(1, 16)", "only a whole value"), ("~/log(1)", ""), ("f(log(2))", ""), ("{lr:~choice(a)}", "only a whole value")])
def test_what_is_meant_as_a_space_is_no_constant(value: str, said: str) -> None:
    words = ["./t", "--x", "~int(1, 2)", "--dim", value, "--epochs", "3"]
    if said:
        with pytest.raises(UsageError, match=re.escape(said)):
            begun(words)
        assert begun(words, constants=["dim"])
    else:
        assert begun(words)


@pytest.mark.parametrize(("command", "written"), [
    (["python", "t.py", "--b", "~uniform(-1, 1)"], '--b="$b"'), (["./t.py", "--b", "~choice(sgd, -x)"], '--b="$b"'),
    (["python", "t.py", "--b", "~normal(0, 1)"], '--b="$b"'), (["python", "t.py", "--b", "~log(1e-5, 1)"], '--b "$b"'),
    (["./t", "--b", "~uniform(-1, 1)"], '--b "$b"'), (["python", "t.py", "-b", "~uniform(-1, 1)"], '-b "$b"')])
def test_a_value_with_a_minus_sign_is_no_flag(command: list[str], written: str) -> None:
    """For argparse, -1e-05 is one, unless it stands after an equals sign; other programs may not know that sign."""
    assert f" {written} --epochs" in run_text(begun([*command, "--epochs", "3"]))
