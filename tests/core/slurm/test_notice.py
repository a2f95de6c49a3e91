"""A signal ahead of the end: as users write it, and what Slurm is asked for instead."""

import pytest

from hyperband_snakemake.core.plan.units import OptionError
from hyperband_snakemake.core.slurm.notice import Notice, carried, notice_of


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--signal=SIGUSR2@120"], Notice("USR2", 120)),
        (["--signal", "usr1"], Notice("USR1", 60)),
        (["--signal=R:TERM@30"], Notice("TERM", 30)),
        (["--signal=USR1@30", "--signal=USR2@40"], Notice("USR2", 40)),
        (["--signal=B:TERM@30"], None),
        (["--nice"], None),
    ],
)
def test_what_is_asked_for(options: list[str], expected: Notice | None) -> None:
    assert notice_of(options) == expected


@pytest.mark.parametrize("value", ["USR3", "99", "USR1@soon", ""])
def test_what_is_no_signal(value: str) -> None:
    with pytest.raises(OptionError, match="--signal"):
        notice_of([f"--signal={value}"])


def test_slurm_is_asked_for_one_that_ends_nobody() -> None:
    options = ["--nice", "--signal=TERM@90", "--mail-type=END"]
    assert carried(options, to_the_script=False) == ["--nice", "--mail-type=END", "--signal=URG@90"]
