"""`hyband limits`, and the limits that `hyband generate` writes."""

import re

import pytest

from ..conftest import FIXTURE, Shell, copy_case, read_tree


def rows(text: str) -> list[list[str]]:
    """Time and memory of each stage, as the table shows them."""
    return [re.split(r"  +", line.strip())[3:] for line in text.splitlines() if re.match(r" *\d", line)]


def test_at_once_or_later(shell: Shell) -> None:
    """Both commands write the same, and nothing else."""
    options = ["--time", "2h", "--time", "stage>=1: 12:00:00", "--mem", "16G"]
    one, two, plain = shell.generate(1, 2, *options, output="a/S"), shell.generate(1, 2, output="b/S"), shell.generate(1, 2, output="c/S")
    table = shell.run("hyband", "limits", two, *options)
    assert rows(table) == [["2 h", "16G"], ["12 h", "16G"], ["2 h", "16G"]]
    first, second, third = (read_tree(search) for search in (one, two, plain))
    for tree in (first, second, third):
        tree.pop("plan.json")  # its command, and what was there when it was generated
    assert first == second == third | {"limits.toml": first["limits.toml"]}
    assert shell.run("hyband", "limits", one) == table
    shell.snakemake("a/S")


def test_only_what_is_given_changes(shell: Shell) -> None:
    """Also beside what was edited by hand."""
    search = shell.generate(1, 2, "--time", "2h", "--mem", "1G")
    file = search / "limits.toml"
    file.write_text(file.read_text().replace('mem = "1G"', 'mem = ["1G", "stage>=1: 3G"]'))
    assert rows(shell.run("hyband", "limits", "S", "--time", "90s")) == [["1 min 30 s", "1G"], ["1 min 30 s", "3G"], ["1 min 30 s", "1G"]]
    assert rows(shell.run("hyband", "limits", "S", "--time", "", "--cost-unit", "hours")) == [["3 h", "1G"], ["6 h", "3G"], ["6 h", "1G"]]
    assert rows(shell.run("hyband", "limits", "S", "--time-factor", "2", "--mem", "")) == [["2 h", "-"], ["4 h", "-"], ["4 h", "-"]]


def test_without_limits(shell: Shell) -> None:
    search = shell.generate(1, 2, "-t", "1")  # a cost alone is no limit
    assert shell.run("hyband", "limits", "S") == "There are no limits.\n"
    assert not (search / "limits.toml").exists()
    shell.run("hyband", "limits", "S", "--time", "1h")
    assert shell.run("hyband", "limits", "S", "--off") == "There are no limits.\n"
    assert not (search / "limits.toml").exists()


def test_time_from_the_cost(shell: Shell) -> None:
    """In hours, as on Slurm, if the plan has costs and the limits are asked for."""
    shell.generate(1, 2, "-t", "1", "--time-factor", "2")
    assert rows(shell.run("hyband", "limits", "S")) == [["2 h", "-"], ["4 h", "-"], ["4 h", "-"]]
    shell.generate(1, 2, "--overwrite", "--cost-unit", "minutes", "-t", "100")
    assert rows(shell.run("hyband", "limits", "S")) == [["5 h", "-"], ["10 h", "-"], ["10 h", "-"]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--mem", "much"], "Error: --mem: 'much' is not a valid amount of memory"),
        (["--time", "stage>>3: 5"], "is not a valid condition"),
        (["--time", "step>=2: 1h"], "a condition is on stage, bracket or budget"),
        (["--time-factor", "2"], "--time-factor needs --cost-unit"),
    ],
)
def test_mistakes(shell: Shell, options: list[str], said: str) -> None:
    done = shell.try_run("hyband", "generate", "1", "2", "-o", "S", *options)
    assert (done.returncode, said in done.stdout, "Traceback" in done.stdout) == (2, True, False), done.stdout
    assert not (shell.cwd / "S").exists()
    search = shell.generate(1, 2)
    done = shell.try_run("hyband", "limits", "S", *options)
    assert (done.returncode, said in done.stdout) == (2, True)
    assert not (search / "limits.toml").exists()


def test_a_broken_file(shell: Shell) -> None:
    """It is shown what is wrong; a new one is put in its place, and it is kept."""
    search = shell.generate(1, 2)
    (search / "limits.toml").write_text("memory is short")
    done = shell.try_run("hyband", "limits", "S")
    assert (done.returncode, "Traceback" in done.stdout) == (1, False)
    assert "limits.toml: " in done.stdout
    assert "limits.toml" in shell.run("hyband", "slurm", "S", "jobs")
    shell.run("hyband", "slurm", "S", "off")
    assert "limits.toml.old" in shell.run("hyband", "limits", "S", "--mem", "1G")
    assert (search / "limits.toml.old").read_text() == "memory is short"
    assert rows(shell.run("hyband", "limits", "S"))[0] == ["-", "1G"]


def test_with_slurm_as_well(shell: Shell) -> None:
    said = "limits.toml has no effect: the limits are those in slurm.toml."
    search = shell.generate(1, 2, "--time", "1h")
    assert shell.run("hyband", "slurm", "S", "jobs").count(said) == 1
    assert shell.run("hyband", "limits", "S").count(said) == 1
    assert said not in shell.run("hyband", "slurm", "S", "off")
    shell.generate(1, 2, "--overwrite", "--slurm", "jobs", "--time", "1h")
    assert not (search / "limits.toml").exists()


def test_limits_of_the_template_directory(shell: Shell) -> None:
    """They are those of each search; a foreign file of that name is refused."""
    template = copy_case("00", shell.cwd / "T")
    (template / "limits.toml").write_text('format = 1\nmem = "2G"\n')
    shell.generate(1, 2, "--time", "1h", template=template)
    assert rows(shell.run("hyband", "limits", "S"))[0] == ["1 h", "2G"]
    (template / "limits.toml").write_text("[speed]\nlimit = 130\n")
    done = shell.try_run("hyband", "generate", "1", "2", "-o", "S2", "--template-dir", template)
    assert (done.returncode, "give yours another name" in done.stdout) == (1, True), done.stdout
    assert not (shell.cwd / "S2").exists()


def test_a_search_of_an_earlier_version(shell: Shell) -> None:
    search = shell.generate(1, 2, template=FIXTURE)
    (search / "hyperband/training/limits.py").unlink()
    done = shell.try_run("hyband", "limits", "S", "--time", "1h")
    assert (done.returncode, "have no limits" in done.stdout) == (1, True)
    assert not (search / "limits.toml").exists()
