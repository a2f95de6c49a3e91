"""What was drawn for a configuration stays beside it."""

import json

from ..conftest import FIXTURE, Shell, write_tree

SPACE = """\
lr: {{ uniform('lr', 1e-5, 1e-1, log=true) }}
solver: {{ choice('solver', ['no', 'saga']) | toyaml }}
seed: {{ seed() }}
"""


def generate(shell: Shell) -> None:
    write_tree(shell.cwd / "T", {"config": SPACE, "run.sh": (FIXTURE / "run.sh").read_text()})
    shell.generate(1, 2, template=shell.cwd / "T")


def test_it_is_promoted_and_restored_with_the_configuration(shell: Shell) -> None:
    generate(shell)
    assert {slot["status"] for slot in shell.status()["slots"]} == {"pending"}
    shell.snakemake()
    slot = shell.cwd / "S/bracket-0/stage-1/config-0"
    origin = shell.cwd / "S" / shell.slots()[0, 1, 0]["origin"]
    assert (slot / "parameters.json").read_bytes() == (origin / "parameters.json").read_bytes()
    values = json.loads((slot / "parameters.json").read_text())["values"]
    assert f"lr: {values['lr']}\n" in (slot / "config").read_text().replace(".0e-", "e-")
    (slot / "config").unlink()
    (slot / "parameters.json").unlink()
    shell.run("hyband", "check", "S", "--fix", check=False)
    assert (slot / "parameters.json").read_bytes() == (origin / "parameters.json").read_bytes()


def test_the_size_of_a_small_space_is_told(shell: Shell) -> None:
    write_tree(shell.cwd / "T", {"config": "{{ integer('a', 1, 6) }}\n", "run.sh": (FIXTURE / "run.sh").read_text()})
    command = ["hyband", "generate", "1", "2", "--template-dir", "T", "--output-dir", "S"]
    assert "Its space has 6 distinct configurations; all brackets together draw 4." in shell.run(*command)
    write_tree(shell.cwd / "T", {"config": "{{ integer('a', 1, 3) }}\n"})
    done = shell.try_run(*command, "--overwrite")
    assert (done.returncode, "yields 3 different configurations, but the search needs 4" in done.stdout) == (1, True)
    assert (shell.cwd / "S/bracket-0/stage-0/config-0/config").exists()
