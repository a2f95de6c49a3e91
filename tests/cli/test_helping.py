"""Help, completion, and what is said of a mistake on the command line."""

from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from hyperband_snakemake.cli import COMMANDS, SECTIONS, cli
from hyperband_snakemake.cli.common.helping import summary, usage_text

from ..conftest import Shell, write_tree


def help_of(*words: str, width: int) -> str:
    context = cli.make_context("hyband", list(words), resilient_parsing=True)
    context.formatter_settings = {**context.formatter_settings, "width": width}
    command = cli
    if words:
        command = cli.commands[words[0]]
        context = command.make_context(words[0], [], parent=context, resilient_parsing=True)
    return click.unstyle(command.get_help(context))


def test_hyband_alone_shows_every_command_in_its_section_with_a_whole_summary(shell: Shell) -> None:
    done = shell.try_run("hyband")
    assert (done.returncode, done.stdout) == (0, shell.run("hyband", "--help"))
    assert "Error" not in done.stdout
    assert "..." not in done.stdout.partition("\n")[2]
    assert "\x1b" not in done.stdout
    text = " ".join(done.stdout.split())
    for title, commands in SECTIONS.items():
        text = text.partition(f"{title}: ")[2]
        assert [one.name for one in commands if f"{one.name} {summary(one)}" not in text] == []
    assert len(COMMANDS) == len(set(COMMANDS)) == len(cli.commands)


@pytest.mark.parametrize("width", [45, 79, 100])
def test_help_fits_the_terminal(width: int) -> None:
    for name in ("", *cli.commands):
        lines = help_of(*filter(None, [name]), width=width).splitlines()
        verbatim = {line.strip() for line in ((cli.commands[name] if name else cli).help or "").splitlines()}
        wide = [line.strip() for line in lines if len(line) > width]
        assert [line for line in wide if line not in verbatim and not line.startswith("-")] == []  # but a long name
        assert [line for line in wide if width > 70 and not line.startswith(("hyband ", "python "))] == []


def test_options_of_generate_are_in_groups() -> None:
    text = help_of("generate", width=79)
    titles = [line for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert len(titles) > 6
    longest = max(len(part.split("\n")) for part in text.split("\n\n"))
    assert longest < 30


def completed(*words: str, incomplete: str = "") -> list[str]:
    return [item.value for item in ShellComplete(cli, {}, "hyband", "_HYBAND_COMPLETE").get_completions(list(words), incomplete)]


def test_slots_are_completed(tmp_path: Path) -> None:
    slots = [f"bracket-0/stage-0/config-{c}" for c in (0, 2, 10)]
    write_tree(tmp_path / "S", {f"{slot}/config": "x" for slot in slots} | {f"{slots[2]}/outcome": "failed: why\n"})
    search = str(tmp_path / "S")
    assert completed("show", search) == ["best", *slots]
    assert completed("show", search, incomplete="bracket-0/stage-0/config-1") == slots[2:]
    assert completed("retry", search) == slots[2:]
    assert completed("slurm", search) == ["steps", "jobs", "executor", "off"]
    assert completed("show", str(tmp_path / "nothing"), incomplete="br") == []


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_each_shell_is_given_its_completion(shell: Shell, kind: str) -> None:
    assert "_hyband_completion" in shell.run("hyband", env={"_HYBAND_COMPLETE": f"{kind}_source"})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("slurm S", "Missing argument 'MODE'; expected one of: steps, jobs, executor, off. See 'hyband slurm --help'."),
        ("generate 3 3 --trials 50", "No such option '--trials'. Here it is: --fit-configs NUMBER"),
        ("plan 3 3 --jobs 4", "Here it is: --workers NUMBER."),
        ("status", "Missing argument 'SEARCH'. See 'hyband status --help'."),
        ("extnd", "No such command 'extnd'."),
    ],
)
def test_a_mistake_is_told_in_one_line(words: str, said: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        cli.main(words.split(), prog_name="hyband", standalone_mode=False)
    text = usage_text(caught.value)
    assert said in text
    assert "\n" not in text
