"""What a directory of templates must have."""

from pathlib import Path

import pytest

from hyperband_snakemake.errors import TemplateError
from hyperband_snakemake.writing.template_directory import check_there

from ..conftest import write_tree

NAMES = {"--config-template": "config", "--run-template": "run.sh"}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["config.yaml", "run.sh"], "template config was not found in T. It holds config.yaml; to use it: --config-template config.yaml"),
        (["a.json", "b.toml", "run.sh"], "It holds a.json, b.toml; to use one: --config-template a.json"),
        (["config", "train.sh"], "template run.sh was not found in T. It holds train.sh; to use it: --run-template train.sh"),
        (["config", "train.py"], "template run.sh was not found in T. `hyband init` writes config and run.sh for you to adapt."),
    ],
)
def test_a_missing_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], said: str) -> None:
    write_tree(tmp_path / "T", dict.fromkeys(files, "x"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TemplateError) as caught:
        check_there(Path("T"), NAMES)
    assert str(caught.value).endswith(said)


def test_nothing_is_missing(tmp_path: Path) -> None:
    check_there(write_tree(tmp_path / "T", {"config": "x", "run.sh": "x"}), NAMES)
