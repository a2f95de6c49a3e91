"""What is released: the files of the wheel, its metadata, and the files at the top that forges read."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import hatchling.build
import pytest
import yaml

from hyperband_snakemake import __version__

from .conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def tracked(*places: str) -> set[str]:
    """The files that git knows of, or would, and that are there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *places]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not in a clone")
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}


@pytest.fixture
def at_the_top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # a build takes what is here


@pytest.mark.usefixtures("at_the_top")
def test_the_wheel_has_every_file_of_the_package(tmp_path: Path) -> None:
    """Also what is no module: shell programs, the Snakefile, pages, styles, scripts, examples, py.typed."""
    expected = {name.removeprefix("src/") for name in tracked("src")}
    with zipfile.ZipFile(tmp_path / hatchling.build.build_wheel(str(tmp_path))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
        metadata = wheel.read(f"hyband-{__version__}.dist-info/METADATA").decode()
        assert all(wheel.read(name) == (ROOT / "src" / name).read_bytes() for name in names & expected)
    assert names == expected
    assert "Name: hyband\n" in metadata
    assert "License-Expression: MIT\n" in metadata
    assert "License-File: LICENSE\n" in metadata


@pytest.mark.usefixtures("at_the_top")
def test_the_source_distribution_has_every_file(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / hatchling.build.build_sdist(str(tmp_path))) as source:
        names = {member.name.split("/", 1)[1] for member in source if not member.isdir()}
    assert tracked() - names == set()


def check(schema: str, *files: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"NO_COLOR": "1"})
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_that_a_forge_reads_have_its_form() -> None:
    assert WORKFLOWS
    check("github-workflows", *WORKFLOWS)
    check("citation-file-format", ROOT / "CITATION.cff")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_start_what_is_there(path: Path) -> None:
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
    commands = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    scripts = {name for command in commands for name in re.findall(r"\.ci/\w+", command)}
    targets = {name for command in commands for name in re.findall(r"(?:^|&& )make (\S+)", command)}
    assert scripts | targets
    assert [name for name in scripts if not os.access(ROOT / name, os.X_OK)] == []
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [name for name in targets if not re.search(rf"(?m)^{re.escape(name)}:", makefile)] == []


def test_versions_agree() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == __version__
    assert cited["license"] == PROJECT["license"]
    assert f"\n## {__version__}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    least = re.fullmatch(r">=3\.(\d+)", PROJECT["requires-python"])
    assert least
    pythons = [c.rsplit(" ")[-1] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert pythons[0] == f"3.{least[1]}"
    tests = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    assert tests["jobs"]["versions"]["strategy"]["matrix"]["python"] == pythons


def test_every_name_for_pip_is_the_one_of_this_package() -> None:
    """`pip install NAME[extra]` in texts and messages: the name and an extra that there is."""
    extras = PROJECT["optional-dependencies"]
    wrong = []
    for name in tracked("src", "docs", "examples", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        for package, inside in re.findall(r"(?:install|with) ['\"]?(hyband|hyperband[-_]snakemake|\.)\[([\w,-]+)\]", text):
            wrong += [(name, package, one) for one in inside.split(",") if package.startswith("hyperband") or one not in extras]
    assert wrong == []
