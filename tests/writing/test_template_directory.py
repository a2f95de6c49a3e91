"""What a directory of templates must have."""

import os
from pathlib import Path

import pytest

from hyperband_snakemake.errors import TemplateError
from hyperband_snakemake.writing.template_directory import check_there, copy_shipped

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


def test_rights_of_the_installation_are_not_those_of_a_search(tmp_path: Path) -> None:
    """Who installs with an umask of 077, or from a read-only image, shares a search all the same, and can edit a copy."""
    source = write_tree(tmp_path, {"package/core/run.py": "1", "package/start.sh": "2", "package/__pycache__/x.pyc": "3"}) / "package"
    for path, mode in ((source / "core/run.py", 0o400), (source / "core", 0o500), (source / "start.sh", 0o500)):
        path.chmod(mode)
    before = os.umask(0o002)
    try:
        copy_shipped(source, tmp_path / "copy")
    finally:
        os.umask(before)
        (source / "core").chmod(0o700)
    modes = {path.relative_to(tmp_path / "copy").as_posix(): oct(path.stat().st_mode & 0o777) for path in (tmp_path / "copy").rglob("*")}
    assert modes == {"core": "0o775", "core/run.py": "0o664", "start.sh": "0o775"}
