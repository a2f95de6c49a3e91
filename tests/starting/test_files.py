"""The values of a file, by the names that its own parser gives them."""

from pathlib import Path

import pytest

from hyperband_snakemake.errors import UsageError
from hyperband_snakemake.starting.begin import Told, read_start
from hyperband_snakemake.starting.files import read_values

TOML = '''\
"quoted key" = 1
a.b = 2
text = """
lr = 5
"""
[[layer]]
n = 3 # a comment
[[layer]]
n = 4
[train]
lr = 0.1
'''
YAML = "lr: &lr 0.1\nlist: !!seq &l [1]\nother: *lr\n"


@pytest.mark.parametrize(("name", "text", "expected"), [
    ("c.toml", TOML, {"quoted key": "1", "a.b": "2", "layer.0.n": "3", "layer.1.n": "4", "train.lr": "0.1"}),
    ("c.yaml", YAML, {"lr": "0.1", "list.0": "1", "list": "[1]"}), ("c.json", '\ufeff{"lr": 0.1}', {"lr": "0.1"})])
def test_each_value_by_its_name(tmp_path: Path, name: str, text: str, expected: dict[str, str]) -> None:
    (tmp_path / name).write_text(text)
    file = read_values(tmp_path / name)
    found = {leaf.name: file.text[leaf.start : leaf.end] for leaf in file.leaves}
    assert {name: found[name] for name in expected} == expected
    assert set(found) - {"other"} == set(expected)


@pytest.mark.parametrize(("text", "name", "said"), [
    ('{"lr": 0.1, // rate\n}', "lr", "cannot be read as JSON"), ('{"lr": 1, "lr": 2}', "lr", "lr is there more than once"),
    ('{"a": {"betas": [1, 2]}}', "betas.1", "")])
def test_why_a_value_of_a_file_is_not_known(tmp_path: Path, text: str, name: str, said: str) -> None:
    (tmp_path / "c.json").write_text(text)
    told = Told(spaces=[(name, "uniform(0, 1)")], variables={})
    command = ["train", "--config", str(tmp_path / "c.json"), "--epochs", "3"]
    if not said:
        assert read_start(command, told).having("parameter")
        return
    with pytest.raises(UsageError, match=said):
        read_start(command, told)
