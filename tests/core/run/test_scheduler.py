"""What is fixed of Snakemake from within: all of it or nothing, and said if it does not fit."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from hyperband_snakemake.core.run import scheduler
from hyperband_snakemake.core.run.scheduler import (
    START_LIMIT,
    SUBSAMPLE,
    end_at_sigterm,
    give_each_job_a_thread,
    let_as_many_run_as_have_a_place,
    lift_start_limit,
    start_as_many_as_may_run,
)

from ...conftest import Shell


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_sigterm_while_the_main_thread_holds_the_lock_of_the_handler() -> None:
    lock, handled = threading.Lock(), threading.Event()

    def gracefully(*_: object) -> None:
        with lock:
            handled.set()

    signal.signal(signal.SIGTERM, gracefully)
    told = threading.Event()
    end_at_sigterm(told.set)
    with lock:
        os.kill(os.getpid(), signal.SIGTERM)
        assert not handled.is_set()
    assert handled.wait(60)
    assert told.is_set()


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL, signal.default_int_handler])
def test_others_stay(handler: signal.Handlers) -> None:
    signal.signal(signal.SIGTERM, handler)
    end_at_sigterm(lambda: None)
    assert signal.getsignal(signal.SIGTERM) == handler


class Job:
    """Like one that need not run: it is there, but nobody has worked out its priority."""

    @property
    def priority(self) -> int:
        raise KeyError


def workflow_of(limit: tuple[int, int] = START_LIMIT, subsample: int | None = SUBSAMPLE) -> Any:
    """What is used of Snakemake's workflow."""
    executor = SimpleNamespace(workers=7, pool=ThreadPoolExecutor(7))
    limiter = SimpleNamespace(max_jobs=limit[0], timespan=limit[1])
    scheduler = SimpleNamespace(job_rate_limiter=limiter, subsample=subsample, job_selector=set, _executor=executor)
    return SimpleNamespace(scheduler=scheduler, register_resource=lambda *_: None, resource_settings=SimpleNamespace(nodes=100, cores=2),
                           dag=SimpleNamespace(jobs=[Job()]))


def seen(workflow: Any) -> tuple[object, ...]:
    """All that a fix may change."""
    scheduler = workflow.scheduler
    executor = getattr(scheduler, "_executor", None)
    return (getattr(scheduler, "job_rate_limiter", None), getattr(scheduler, "subsample", None),
            getattr(scheduler, "job_selector", None), getattr(executor, "workers", None), getattr(executor, "pool", None))


def let_four_have_a_place(workflow: Any) -> None:
    let_as_many_run_as_have_a_place(workflow, 4)


NEEDED: list[tuple[Callable[[Any], None], str]] = [
    (lift_start_limit, "scheduler.job_rate_limiter"),
    (lift_start_limit, "scheduler.job_rate_limiter.max_jobs"),
    (lift_start_limit, "scheduler.job_rate_limiter.timespan"),
    (give_each_job_a_thread, "resource_settings.nodes"),
    (give_each_job_a_thread, "scheduler._executor"),
    (give_each_job_a_thread, "scheduler._executor.workers"),
    (give_each_job_a_thread, "scheduler._executor.pool"),
    (start_as_many_as_may_run, "scheduler.subsample"),
    (start_as_many_as_may_run, "scheduler.job_selector"),
    (start_as_many_as_may_run, "resource_settings.nodes"),
    (start_as_many_as_may_run, "resource_settings.cores"),
    (start_as_many_as_may_run, "dag.jobs"),
    (let_four_have_a_place, "register_resource"),
    (let_four_have_a_place, "resource_settings.cores"),
]


@pytest.mark.parametrize("kind", ["gone", "another"])
@pytest.mark.parametrize(("fix", "path"), NEEDED, ids=lambda value: getattr(value, "__name__", value))
def test_what_does_not_fit_is_said_and_nothing_is_changed(
    fix: Callable[[Any], None], path: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow = workflow_of()
    owner, name = workflow, path.rsplit(".", maxsplit=1)[-1]
    for part in path.split(".")[:-1]:
        owner = getattr(owner, part)
    if kind == "gone":
        delattr(owner, name)
    elif path != "dag.jobs":
        setattr(owner, name, "text")
    else:
        workflow.dag.jobs = [object()]
    before = seen(workflow)
    fix(workflow)
    said = capsys.readouterr()
    assert seen(workflow) == before
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("Note: this Snakemake has ")
    assert name in said.err


@pytest.mark.parametrize("fix", [lift_start_limit, give_each_job_a_thread, start_as_many_as_may_run])
def test_what_fits_is_fixed_without_a_word(fix: Callable[[Any], None], capsys: pytest.CaptureFixture[str]) -> None:
    workflow = workflow_of()
    before = seen(workflow)
    fix(workflow)
    assert seen(workflow) != before
    assert capsys.readouterr() == ("", "")


def test_what_the_user_gives_stays(capsys: pytest.CaptureFixture[str]) -> None:
    workflow = workflow_of(limit=(3, 60), subsample=5)
    before = seen(workflow)
    lift_start_limit(workflow)
    start_as_many_as_may_run(workflow)
    assert seen(workflow) == before
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("cores", "places", "expected"), [(8, 4, 8), (8, 20, 20), (3, 4, 3)])
def test_as_many_as_have_a_place(monkeypatch: pytest.MonkeyPatch, cores: int, places: int, expected: int) -> None:
    """Also with fewer cores than that, unless the user gives their number."""
    monkeypatch.setattr(scheduler, "available_cores", lambda: 8)
    given: dict[str, int] = {}
    workflow = SimpleNamespace(register_resource=given.__setitem__, resource_settings=SimpleNamespace(cores=cores))
    let_as_many_run_as_have_a_place(workflow, places)
    assert workflow.resource_settings.cores == expected
    assert given == {"place": places} | ({"_cores": expected} if expected != cores else {})


def probed(shell: Shell, *options: str) -> str:
    """Run a real Snakemake, and say how its scheduler is once the run has started."""
    run = shell.cwd / "S/hyperband/workflow.py"
    text = run.read_text().replace(
        "        executor = getattr(workflow.scheduler",
        "        limiter, pool = workflow.scheduler.job_rate_limiter, workflow.scheduler._executor.pool\n"
        "        print('FOUND', limiter and limiter.max_jobs, workflow.scheduler.subsample, pool._max_workers, file=sys.stderr)\n"
        "        executor = getattr(workflow.scheduler")
    run.write_text(text)
    out = shell.snakemake("S", *options)
    assert "Note: this Snakemake" not in out, "all that is needed of the installed Snakemake is there"
    return next(line for line in out.splitlines() if line.startswith("FOUND"))


def test_the_installed_snakemake_fits(shell: Shell) -> None:
    """Without options, both limits are lifted and 50 jobs have 50 threads; what the user gives stays."""
    shell.generate(0, 2)
    assert probed(shell, "-j", "50") == "FOUND None None 50"


def test_options_on_the_command_line_stay(shell: Shell) -> None:
    shell.generate(0, 2)
    found = probed(shell, "--max-jobs-per-timespan", "7/2s", "--scheduler-subsample", "9", "-j", "50")
    assert found == "FOUND 7 9 50"
