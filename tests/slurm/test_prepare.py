"""What `hyband slurm` and `generate --slurm` write, without a Slurm."""

import os
from pathlib import Path

import pytest

from ..conftest import Shell, copy_case, read_tree
from ..helpers import make_command


@pytest.mark.parametrize(("mode", "files"), [("steps", {"submit.sh"}), ("jobs", {"job.sh"}), ("executor", set())])
def test_at_once_or_later(shell: Shell, mode: str, files: set[str]) -> None:
    """Both commands write the same."""
    options = ["--mem", "4G", "--mem", "budget>=2: 8G", "--cpus", "2"]
    one = shell.generate(1, 2, "--slurm", mode, *options, output="a/S")
    two = shell.generate(1, 2, output="b/S")
    shell.run("hyband", "slurm", two, mode, *options)
    first, second = read_tree(one), read_tree(two)
    second.pop("run.lock")
    first.pop("plan.json"), second.pop("plan.json")  # what was there when it was generated
    assert first == second
    assert files | {"slurm.toml"} <= set(first)
    assert b'mem = ["4G", "budget>=2: 8G"]' in first["slurm.toml"]
    assert (b"hyband slurm" in first["run.sh"]) == (mode == "steps")
    assert os.access(one / "run.sh", os.X_OK) == os.access(two / "run.sh", os.X_OK)


def test_there_and_back(shell: Shell) -> None:
    """Each mode takes away what another has needed; `off` leaves a search as it was, with what may be adapted."""
    search = shell.generate(1, 2)
    before = read_tree(search)
    for mode in ("steps", "jobs", "executor", "steps", "off"):
        shell.run("hyband", "slurm", search, mode)
    after = read_tree(search)
    assert {name for name in after if name not in before} == {"run.lock", "submit.sh", "job.sh", "slurm.toml.off"}
    assert {name: after[name] for name in before} == before
    shell.snakemake()
    assert shell.status()["complete"]


def test_what_the_user_has_changed_is_kept(shell: Shell) -> None:
    search = shell.generate(1, 2, "--slurm", "jobs")
    profile, script = search / "profiles/default/config.yaml", search / "job.sh"
    profile.write_text(profile.read_text() + "quiet: true\n")
    script.write_text('#!/bin/bash\nmodule load cuda\nexec bash hyperband/pack.sh "$@"\n')
    shell.run("hyband", "slurm", search, "jobs", "--mem", "1G")
    assert "quiet" not in profile.read_text()
    assert "quiet" in (search / "profiles/default/config.yaml.before-slurm").read_text()
    assert "cuda" in script.read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--mem", "much"], "not a valid amount of memory"),
        (["--time", "stage>>3: 5"], "is not a valid condition"),
        (["--min-job-time", "soon"], "Error: --min-job-time: 'soon' is not a valid time"),
        (["--slurm", "steps", "--allocation-time", "abc"], "'--allocation-time': 'abc' is not a valid time; expected for example"),
        (["--min-job-time", "10min"], "cost-unit is empty"),
        (["--min-job-time", "10min", "--array", "100"], "cost-unit is empty"),
        (["--slurm", "steps", "--array", "5"], "for modes that submit jobs"),
        (["--slurm", "executor", "--array", "5"], "is for the mode jobs"),
        (["--slurm", "pbs"], "'pbs' is not one of"),
    ],
)
def test_mistakes(shell: Shell, options: list[str], said: str) -> None:
    done = shell.try_run("hyband", "generate", "1", "2", "-o", "S", *(["--slurm", "jobs"] if "--slurm" not in options else []), *options)
    assert (done.returncode, "Traceback" in done.stdout) == (2, False), done.stdout
    assert said in done.stdout
    assert not (shell.cwd / "S").exists()


def test_a_snakefile_of_the_users(shell: Shell) -> None:
    search = shell.generate(1, 2)
    snakefile = search / "Snakefile"
    snakefile.write_text("rule all:\n")
    before = read_tree(search)
    done = shell.try_run("hyband", "slurm", search, "jobs")
    assert done.returncode == 1
    assert "does not support Slurm" in done.stdout
    after = read_tree(search)
    after.pop("run.lock")
    assert after == before


def test_a_broken_slurm_toml_is_said_by_snakemake(shell: Shell) -> None:
    search = shell.generate(1, 2, "--slurm", "jobs")
    (search / "slurm.toml").write_text('format = 1\nmode = "jobs"\nmem = "much"\n')
    out = shell.snakemake(check=False)
    assert "slurm.toml: mem: 'much' is not a valid amount of memory" in out
    assert "Traceback" not in out


def test_without_slurm_here(shell: Shell) -> None:
    """Said once, before anything is started."""
    shell.generate(1, 2, "--slurm", "jobs")
    tools = [Path(shell.env["PATH"].split(":")[0]), shell.cwd / "bin"]
    tools[1].mkdir()
    for name in ("bash", "uname", "which", "flock"):
        found = next(p for p in (Path("/usr/bin") / name, Path("/bin") / name) if p.exists())
        (tools[1] / name).symlink_to(found)
    out = shell.snakemake(check=False, env={"PATH": ":".join(map(str, tools))})
    assert out.count("sbatch cannot be started") == 1
    assert shell.status()["done"] == 0


@pytest.mark.parametrize(("mode", "name"), [("jobs", "job.sh"), ("steps", "submit.sh")])
def test_a_script_of_the_users_with_our_name(shell: Shell, mode: str, name: str) -> None:
    template = copy_case("00", shell.cwd / "T")
    (template / name).write_text("#!/bin/bash\necho mine\n")
    done = shell.try_run("hyband", "generate", "1", "2", "--template-dir", template, "-o", "S", "--slurm", mode)
    assert (done.returncode, f"{name} is your own file" in done.stdout) == (1, True)
    assert not (shell.cwd / "S").exists()
    search = shell.generate(1, 2, template=template)
    assert shell.try_run("hyband", "slurm", search, mode).returncode == 1
    assert (search / name).read_text() == "#!/bin/bash\necho mine\n"
    assert not (search / "slurm.toml").exists()


def test_what_is_not_given_stays(shell: Shell) -> None:
    """Also what was edited by hand; what does not fit the new mode is left out."""
    search = shell.generate(1, 2, "--slurm", "jobs", "--mem", "4G", "--partition", "long", "--array", "5", "--poll-seconds", "7")
    toml = search / "slurm.toml"
    toml.write_text(toml.read_text().replace('mem = "4G"', 'mem = ["4G", "budget>=2: 8G"]').replace("cpus = 1", "cpus = 3"))
    shell.run("hyband", "slurm", search, "steps", "--partition", "short")
    text = toml.read_text()
    for line in ('mem = ["4G", "budget>=2: 8G"]', "cpus = 3", 'partition = "short"', "poll-seconds = 7", "array = 0"):
        assert f"\n{line}" in text


def test_the_allocation_that_is_not_given_stays(shell: Shell) -> None:
    """As it was given, or edited by hand, also on a way through other modes; an untouched script is not put aside."""
    search = shell.generate(1, 2, "--slurm", "steps", "--workers", "3", "--allocation-time", "2h")
    script = search / "submit.sh"
    for mode, options, lines in (
        ("steps", ["--mem", "8G"], ["--ntasks=3", "--time=02:00:00", "--mem-per-cpu=8192M"]),
        ("steps", ["--workers", "5"], ["--ntasks=5", "--time=02:00:00", "--mem-per-cpu=8192M"]),
        ("jobs", [], ["--ntasks=5"]),
        ("off", [], ["--ntasks=5"]),
        ("steps", ["--allocation-time", ""], ["--ntasks=5"]),
    ):
        shell.run("hyband", "slurm", search, mode, *options)
        assert all(f"\n#SBATCH {line}\n" in script.read_text() for line in lines), (mode, options)
    assert "--time=" not in script.read_text()
    script.write_text(script.read_text().replace("--ntasks=5", "--ntasks=7"))
    shell.run("hyband", "slurm", search, "steps", "--cpus", "2")
    assert "\n#SBATCH --ntasks=7\n#SBATCH --cpus-per-task=2\n" in script.read_text()
    assert not list(search.glob("submit.sh.*"))
    script.write_text(script.read_text().replace("--ntasks=7", "--ntasks=9  # many"))
    shell.run("hyband", "slurm", search, "steps", "--cpus", "3")
    assert "\n#SBATCH --ntasks=9\n#SBATCH --cpus-per-task=3\n" in script.read_text()
    assert "# many" in (search / "submit.sh.old").read_text()


def test_an_adapted_submit_script_is_not_lost(shell: Shell) -> None:
    """It stays where it asks Slurm for the same; else it is put aside, each time under a name of its own."""
    search = shell.generate(1, 2, "--slurm", "steps")
    script = search / "submit.sh"
    place = "#     source ~/my-env/bin/activate\n"
    for number, edit in enumerate([place + "module load cuda\n", place + "source env/activate\n"]):
        adapted = script.read_text().replace(place, edit)
        script.write_text(adapted)
        assert "submit.sh" not in shell.run("hyband", "slurm", search, "steps", "--poll-seconds", "9").partition("To run")[0]
        assert script.read_text() == adapted
        said = shell.run("hyband", "slurm", search, "steps", "--mem", f"{8 + number}G")
        aside = search / ["submit.sh.old", "submit.sh.old2"][number]
        assert said.count(f"the previous one is {aside}.") == 1
        assert aside.read_text() == adapted
        assert edit not in script.read_text()
    script.write_text(script.read_text().replace("#SBATCH --ntasks", "#SBATCH --nodes=2\n#SBATCH --ntasks"))
    assert "submit.sh.old3" in shell.run("hyband", "slurm", search, "steps")


def test_off_and_back(shell: Shell) -> None:
    """What slurm.toml says comes back, also what was edited by hand, and also after `off` twice."""
    search = shell.generate(1, 2, "--slurm", "jobs", "--mem", "4G", "--array", "5")
    toml, off = search / "slurm.toml", search / "slurm.toml.off"
    toml.write_text(edited := toml.read_text().replace("cpus = 1", "cpus = 3"))
    for _ in range(2):
        assert str(off) in shell.run("hyband", "slurm", search, "off")
        assert (toml.exists(), off.read_text()) == (False, edited)
    shell.run("hyband", "slurm", search, "jobs", "--partition", "long")
    assert (toml.read_text(), off.exists()) == (edited.replace('partition = ""', 'partition = "long"'), False)
    shell.run("hyband", "slurm", search, "off")
    shell.generate(1, 2, "--overwrite")
    assert not {"slurm.toml.off", "job.sh"} & set(read_tree(search))


@pytest.mark.parametrize(
    ("given", "written"),
    [("2h", "02:00:00"), ("1.5h", "01:30:00"), ("90min", "01:30:00"), ("1-6", "1-06:00:00"), ("12:00:00", "12:00:00"), ("30", "00:30:00"),
     ("0", "UNLIMITED"), ("unlimited", "UNLIMITED")],
)
def test_the_time_of_the_allocation_is_as_sbatch_takes_it(shell: Shell, given: str, written: str) -> None:
    search = shell.generate(0, 2, "--slurm", "steps", "--allocation-time", given)
    assert f"\n#SBATCH --time={written}\n" in (search / "submit.sh").read_text()


@pytest.mark.parametrize("options", [[], ["--slurm", "jobs"]])
def test_cancel_where_nothing_was_submitted(shell: Shell, options: list[str]) -> None:
    """Slurm is not asked, and nothing is left in the search."""
    search = shell.generate(1, 2, *options)
    before = sorted(path.name for path in search.iterdir())
    assert shell.run("hyband", "cancel", search) == "This search has no jobs in Slurm.\n"
    assert sorted({path.name for path in search.iterdir()} - {"run.lock"}) == before


def test_further_options_stay_together(shell: Shell) -> None:
    """An option and its value may be two words, which must not end up on two lines."""
    search = shell.generate(0, 2, "--slurm", "steps", "--sbatch-extra", "-N 2 --comment 'a b'", "--partition", "long")
    assert "\n#SBATCH --partition=long\n#SBATCH -N 2 --comment 'a b'\n" in (search / "submit.sh").read_text()


@pytest.mark.parametrize("line", ['time-factor = "x"', "cost-unit = 3", 'poll-seconds = "x"', 'array = "x"', "min-job-time = 5", "time-factor = true"])
def test_values_of_the_wrong_kind_are_left_out(shell: Shell, line: str) -> None:
    """`hyband slurm` writes again a slurm.toml that nobody can read, with the rest of it."""
    search = shell.generate(0, 2, "--slurm", "jobs", "--mem", "4G")
    toml = search / "slurm.toml"
    before, name = toml.read_text(), line.partition(" ")[0]
    toml.write_text("".join(f"{line}\n" if old.startswith(f"{name} =") else old for old in before.splitlines(keepends=True)))
    assert line in toml.read_text()
    shell.run("hyband", "slurm", search, "jobs")
    assert toml.read_text() == before


def test_each_profile_that_was_adapted_is_kept(shell: Shell) -> None:
    search = shell.generate(0, 2, "--slurm", "jobs")
    profile = search / "profiles/default/config.yaml"
    for number, mode in enumerate(["jobs", "executor", "off"]):
        profile.write_text(profile.read_text() + f"# {number}\n")
        aside = profile.with_name(f"config.yaml.before-slurm{number + 1 if number else ''}")
        assert shell.run("hyband", "slurm", search, mode).count(f"the previous one is {aside}.") == 1
        assert aside.read_text().endswith(f"# {number}\n")
    assert "the previous one" not in shell.run("hyband", "slurm", search, "steps")


def test_a_slurm_toml_that_cannot_be_read_is_kept(shell: Shell) -> None:
    search = shell.generate(1, 2, "--slurm", "jobs", "--mem", "4G")
    text = (search / "slurm.toml").read_text() + "mem = [broken  # mine\n"
    (search / "slurm.toml").write_text(text)
    assert "slurm.toml.old. Copy your changes from there." in shell.run("hyband", "slurm", "S", "executor")
    assert (search / "slurm.toml.old").read_text() == text


def test_the_end_of_an_allocation_is_read_whatever_the_user_likes_times_to_look_like(shell: Shell) -> None:
    """What follows SLURM_TIME_FORMAT would look like an end that is near, or no time at all."""
    shell.generate(0, 2, "--slurm", "steps")
    tools = shell.cwd / "tools"
    tools.mkdir()
    ends = "[[ ${SLURM_TIME_FORMAT-} == standard ]] && end=2999-01-01T00:00:00 || end=00:00"
    make_command(tools / "scontrol", f'{ends}\necho " StartTime=Unknown EndTime=$end Deadline=N/A"')
    make_command(tools / "sleep", f'touch {shell.cwd}/far; exec /bin/sleep "$@"')  # the end is not near
    make_command(tools / "snakemake", f"until [[ -e {shell.cwd}/far ]]; do /bin/sleep 0.05; done")
    env = {"PATH": f"{tools}:{shell.env['PATH']}", "SLURM_JOB_ID": "7", "SLURM_NTASKS": "1", "SLURM_TIME_FORMAT": "%H:%M"}
    assert shell.run("bash", "S/submit.sh", env=env) == ""
