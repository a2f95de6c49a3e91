"""What is said of a run.sh that moves away from where its arguments lead."""

from pathlib import Path

import pytest

from hyperband_snakemake.core.training.attempt import judge
from hyperband_snakemake.core.training.wrong_place import hint_at_directory

from ...conftest import write_tree

SLOT = "bracket-0/stage-0/config-0"
ADVICE = 'write out=$(realpath "$1") before the cd'


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of a search, where snakemake was started from its parent."""
    write_tree(tmp_path / "S", {f"{SLOT}/config": ""})
    monkeypatch.chdir(tmp_path / "S")
    for name, value in {"HYBAND_START": str(tmp_path), "HYBAND_SEARCH": "S", "HYBAND_RESULT_WAIT": "0", "DATA": "data"}.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "S"


@pytest.mark.parametrize(
    "script",
    [
        "cd /elsewhere && echo 1 > $1/result\n",
        'set -e\ncd "$(dirname "$0")"\n./train "$1"',
        'here=$(cd "$(dirname "$0")" && pwd)\npushd -- "$here" >/dev/null\n./train $1\n# realpath\n',
        'cd "$1"; echo 1 > "$1/result"\n',
        "if true; then cd $DATA; fi",
        "out=$1; test -d x || { cd x; }\n",
    ],
)
def test_a_script_that_moves(search: Path, script: str) -> None:
    write_tree(search, {"run.sh": script})
    assert ADVICE in hint_at_directory()
    assert ADVICE in judge(Path(SLOT), 1, 0)[0].reason
    assert judge(Path(SLOT), 1, 1)[0].reason.startswith("run.sh exited with status 1; run.sh changes its directory with cd")
    assert ADVICE not in judge(Path(SLOT), 1, 137)[0].reason


@pytest.mark.parametrize(
    "script",
    [
        "./train $1\n",
        "# cd x\n./train $1 # cd x\n",
        'out=$(realpath "$1"); cd x\n',
        "cd x; ./train $HYBAND_START/$1\n",
        "p=$PWD/$1; cd x",
        'out=$(cd "$1" && pwd)\ncd x\n',
        '(cd x && make)\nd=$(cd "$(dirname "$0")" && pwd)\n',
        'cd "$1" && ./train --budget $2 > result\n',
        "abcd x\necho --cd x\n",
    ],
)
def test_a_script_that_does_not(search: Path, script: str) -> None:
    write_tree(search, {"run.sh": script})
    assert hint_at_directory() == ""
    assert "does it write to $1/result" in judge(Path(SLOT), 1, 0)[0].reason
    assert judge(Path(SLOT), 1, 1)[0].reason == "run.sh exited with status 1"


def test_an_absolute_path_leads_there_from_everywhere(search: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(search, {"run.sh": "cd x"})
    monkeypatch.setenv("HYBAND_SEARCH", str(search))
    assert hint_at_directory() == ""


@pytest.mark.parametrize(
    ("target", "place"), [("$DATA", "data"), ('"$(dirname "$0")"', "S"), ("'my data'", "my data"), ("$here/x", "S/x"), ("$other", None)]
)
def test_results_in_the_wrong_place_are_found(search: Path, target: str, place: str | None) -> None:
    write_tree(search, {"run.sh": f'here=$(dirname "$0")\ncd {target}\nmkdir -p $1; echo 1 > $1/result'})
    wrong = search.parent / (place or "unknown") / "S"
    write_tree(wrong, {f"{SLOT}/result": "1"})
    said = judge(Path(SLOT), 1, 0)[0].reason
    assert (f"wrote no result; results were written below {wrong}; run.sh changes" in said) == (place is not None)
    assert ADVICE in said
