"""What is mended of Snakemake from within."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from hyperband_snakemake.core.run.scheduler import end_at_sigterm


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
    end_at_sigterm()
    with lock:
        os.kill(os.getpid(), signal.SIGTERM)
        assert not handled.is_set()
    assert handled.wait(60)


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL, signal.default_int_handler])
def test_others_stay(handler: signal.Handlers) -> None:
    signal.signal(signal.SIGTERM, handler)
    end_at_sigterm()
    assert signal.getsignal(signal.SIGTERM) == handler
