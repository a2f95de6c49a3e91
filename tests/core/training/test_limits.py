"""limits.toml, and when a run.sh is ended because of it."""

import json
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.plan.rules import Limit
from hyperband_snakemake.core.plan.units import OptionError
from hyperband_snakemake.core.training import limits
from hyperband_snakemake.core.training.limits import await_end, limit_of, limits_from_toml, read_limits, without_effect
from hyperband_snakemake.core.tree.layout import Slot
from hyperband_snakemake.core.tree.planfile import plan_to_json

from ...conftest import write_tree

HEAD = "format = 1\n"
SLOT = Slot(0, 1, 0)  # budget 2, cost 2


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_tree(tmp_path, {"plan.json": plan_to_json(make_plan(Settings(1, 2))), "limits.toml": HEAD + 'time = "1h"\nmem = "2G"'})


def note(search: Path, **more: str) -> None:
    record = search / "bracket-0/stage-1/attempts/config-0"
    record.parent.mkdir(parents=True, exist_ok=True)
    with record.open("a") as file:
        file.write(json.dumps({"attempt": 1, "exit": 143, "reason": "x"} | more) + "\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('mem = "4G"', "expected format = 1"),
        ("format = 2", "expected format = 1"),
        (HEAD + 'mem = "much"', "not a valid amount of memory"),
        (HEAD + 'time = ["1h", "step>=2: 2h"]', "is not a valid time"),
        (HEAD + 'time = "stage>=2 or bracket=1: 2h"', "is not a valid condition"),
        (HEAD + 'cost-unit = "weeks"', "not one of seconds, minutes, hours, days"),
        (HEAD + 'time-factor = "big"', "time-factor"),
        (HEAD + "cpus = 4", "'cpus' is not an option; expected one of time, mem, cost-unit, time-factor"),
        (HEAD + "time = [", "limits.toml: "),
    ],
)
def test_mistakes(search: Path, text: str, said: str) -> None:
    (search / "limits.toml").write_text(text)
    with pytest.raises(OptionError, match=said) as error:
        read_limits(search)
    assert str(search / "limits.toml") in str(error.value)


def test_no_file_is_no_limit(search: Path) -> None:
    (search / "limits.toml").unlink()
    assert read_limits(search) is None
    assert limit_of(SLOT) == Limit()


@pytest.mark.parametrize("none", ['""', '"0"', "0", "[]"])
def test_no_limit(search: Path, none: str) -> None:
    (search / "limits.toml").write_text(f"{HEAD}time = {none}\nmem = {none}")
    assert limit_of(SLOT) == Limit()


def test_rules_of_a_stage(search: Path) -> None:
    (search / "limits.toml").write_text(HEAD + 'time = ["1h", "stage>=1: 2h", "budget>2: 3h"]\nmem = "stage=0: 1G"')
    assert (limit_of(SLOT), limit_of(Slot(0, 0, 1))) == (Limit(7200, None), Limit(3600, 1024))


def test_time_from_the_cost(search: Path) -> None:
    (search / "limits.toml").write_text(HEAD + 'cost-unit = "hours"\ntime-factor = 1.5\nmem = "1G"')
    assert limit_of(SLOT) == Limit(2 * 3600 * 3 // 2, 1024)
    assert limits_from_toml(HEAD + "time-factor = 0.1").time_factor == Fraction(1, 10)


def test_more_after_too_little(search: Path) -> None:
    """Twice as much after each attempt that ran out of it, here or on Slurm, but for those before `hyband retry`."""
    note(search, limit="memory")
    note(search, retry="2025-03-01T13:00:00Z")
    for more in ({"limit": "time"}, {"slurm": "TIMEOUT"}, {}, {"limit": "memory"}):
        note(search, **more)
    assert limit_of(SLOT) == Limit(4 * 3600, 2 * 2048)


def test_on_slurm_the_limits_are_slurms(search: Path) -> None:
    assert list(without_effect(search)) == []
    (search / "slurm.toml").touch()
    assert limit_of(SLOT) == Limit()
    assert list(without_effect(search)) == ["limits.toml has no effect: the limits are those in slurm.toml."]


class Clock:
    """A clock, and a run.sh that works on for `work` seconds of it; some of its waits take longer than was asked."""

    def __init__(self, work: float, late: dict[int, float]) -> None:
        self.now, self.work, self.late, self.waits = 50.0, work, late, 0
        self.pid, self.ended = 0, False

    def wait(self, seconds: float) -> None:
        self.waits += 1
        gap = self.late.get(self.waits, 0)
        self.work -= seconds
        self.now += seconds + gap
        if self.work > 0 and not self.ended:
            raise subprocess.TimeoutExpired("run.sh", seconds)


def watched(monkeypatch: pytest.MonkeyPatch, limit: Limit, clock: Clock, over: tuple[bool, ...] = ()) -> Any:
    looks = iter(over)
    monkeypatch.setattr(limits.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(limits.Family, "members", lambda _: [])
    monkeypatch.setattr(limits, "takes_more", lambda *_: next(looks, False))
    monkeypatch.setattr(limits, "_end", lambda *of: of[2])
    return await_end(clock, limit, Path())  # type: ignore[arg-type]


def test_the_time_that_it_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(work=100, late={})
    overrun = watched(monkeypatch, Limit(7), clock)
    assert (overrun.reason, clock.now) == ("time limit: it ran longer than 7 s (limits.toml)", 57)
    assert watched(monkeypatch, Limit(7), Clock(work=6.5, late={})) is None


def test_a_pause_of_everything_is_no_time_that_it_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-Z for an hour, or a computer that slept."""
    assert watched(monkeypatch, Limit(100), Clock(work=60, late={3: 3600})) is None
    assert watched(monkeypatch, Limit(100), Clock(work=60, late=dict.fromkeys(range(1, 60), 2))) is not None  # just slow


def test_too_much_memory_for_a_moment_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that starts another one looks like two of them until that is a program of its own."""
    limit = Limit(None, 1024)
    assert watched(monkeypatch, limit, Clock(60, {}), over=(False, True, False, True)) is None
    overrun = watched(monkeypatch, limit, Clock(60, {}), over=(False, True, True))
    assert overrun.reason == "memory limit: it used more memory than 1G (limits.toml)"
