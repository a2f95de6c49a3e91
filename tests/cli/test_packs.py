"""--pack of `hyband generate` and `hyband run`: what is written, said and refused."""

import shutil

import pytest

from ..conftest import FIXTURE, Shell


def test_it_stays_with_the_search(shell: Shell) -> None:
    search = shell.generate(0, 2, "--pack", "auto")
    assert 'pack = "auto"\n' in (search / "packs.toml").read_text()
    assert "Packs - as many training runs as take two seconds share a job of Snakemake (packs.toml)" in shell.run("hyband", "status", "S")
    shell.run("hyband", "run", "S", "--pack", "16")
    assert "pack = 16\n" in (search / "packs.toml").read_text()
    assert "Packs - " not in shell.run("hyband", "status", "S")  # it is complete
    shell.run("hyband", "run", "S", "--pack", "1")
    assert not (search / "packs.toml").exists()


@pytest.mark.parametrize("wanted", ["0", "many", "1001"])
def test_what_means_nothing_is_refused(shell: Shell, wanted: str) -> None:
    done = shell.try_run("hyband", "generate", "0", "2", "-o", "S", "--pack", wanted)
    assert (done.returncode, f"--pack: '{wanted}' means nothing here; expected 1 to 1000 or 'auto'" in done.stdout) == (2, True)
    assert not (shell.cwd / "S").exists()


def test_slurm_packs_in_its_own_way(shell: Shell) -> None:
    out = shell.run("hyband", "generate", "0", "2", "-o", "S", "--pack", "8", "--slurm", "jobs", "--time", "1h")
    assert "Without effect: --pack (on Slurm, --min-job-time and --array pack)." in out
    assert not (shell.cwd / "S/packs.toml").exists()
    done = shell.try_run("hyband", "run", "S", "--pack", "8")
    assert (done.returncode, "--pack is for this machine; on Slurm, --min-job-time or --array" in done.stdout) == (2, True)


def test_programs_of_an_earlier_version_know_no_packs(shell: Shell) -> None:
    search = shell.generate(0, 2)
    (search / "hyperband/pack.py").unlink()
    done = shell.try_run("hyband", "run", "S", "--pack", "8")
    assert (done.returncode, "know no packs on this machine" in done.stdout) == (1, True)
    assert not (search / "packs.toml").exists()


def test_a_file_with_a_mistake_is_refused_early(shell: Shell) -> None:
    template = shutil.copytree(FIXTURE, shell.cwd / "T")
    (template / "packs.toml").write_text("format = 1\npack = 0\n")
    done = shell.try_run("hyband", "generate", "0", "2", "--template-dir", "T", "-o", "S")
    assert (done.returncode, "T/packs.toml: pack: 0 means nothing here" in done.stdout) == (1, True)
    (template / "packs.toml").unlink()
    search = shell.generate(0, 2, template=template)
    (search / "packs.toml").write_text("format = 1\npack = 0\n")
    done = shell.try_run("snakemake", "--snakefile", "S/Snakefile")
    assert (done.returncode, "hyband run" in done.stdout, "Traceback" in done.stdout) == (1, True, False)
