"""Which line of a log is the one that a person would name, and what is left of bars and escape sequences."""

from pathlib import Path

import pytest

from hyperband_snakemake.core.disk.printed import alike, drawn, folded, read_printed
from hyperband_snakemake.core.disk.telling import ERROR, WORDS, find_telling

TRACE = 'Traceback (most recent call last):\n  File "/x/train.py", line 3, in main\n    step(x)\n'
BAR = "".join(f"\r\x1b[32m{n:3}%|{'█' * (n // 10):10}| {n}/100 [00:01<00:02, 33.0it/s]\x1b[0m" for n in range(100))
LOGS = {
    "python": (TRACE + "ValueError: no such lr\n", "ValueError: no such lr"),
    "any name": (TRACE + "Diverged: loss is nan\n", "Diverged: loss is nan"),
    "bare assertion": (TRACE.replace("step(x)", "assert x[0] == 4") + "AssertionError\n", "AssertionError: x[0] == 4"),
    "chained": (TRACE + "KeyError: 'x'\n\nThe above exception was the direct cause of the following exception:\n\n" + TRACE + "RuntimeError: bad\n",
                "RuntimeError: bad"),
    "at the end of Python": (TRACE + "OSError: the reason\nException ignored in: <function A.__del__ at 0x7f>\n" + TRACE + "AttributeError: gone\n",
                             "OSError: the reason"),
    "after a bar": (BAR + "\n" + TRACE + "KeyError: 'momentum'\n", "KeyError: 'momentum'"),
    "before a bar": ("ValueError: the reason\n" + BAR, "ValueError: the reason"),
    "before a bar in lines": ("ValueError: the reason\n" + "".join(f"epoch {n}\n" for n in range(300)), "ValueError: the reason"),
    "cuda": (TRACE + "RuntimeError: CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously reported.\n"
             "For debugging consider passing CUDA_LAUNCH_BLOCKING=1.\n", "RuntimeError: CUDA error: device-side assert triggered"),
    "torchrun": ("".join(f"[rank0]: {line}\n" for line in TRACE.splitlines()) + "[rank0]: torch.OutOfMemoryError: CUDA out of memory.\n"
                 + TRACE + "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n====\n/x/t.py FAILED\n",
                 "torch.OutOfMemoryError: CUDA out of memory."),
    "keras": (TRACE + "ValueError: Exception encountered when calling Dense.call().\n\n\x1b[1mDimensions must be equal\x1b[0m\n\nArguments received:\n",
              "ValueError: Exception encountered when calling Dense.call(). Dimensions must be equal"),
    "sklearn": (TRACE + "ValueError: \nAll the 60 fits failed.\nIt is very likely that\n", "ValueError: All the 60 fits failed."),
    "hydra": ("Error executing job with overrides: []\n" + TRACE + "ZeroDivisionError: division by zero\n\nSet the environment variable HYDRA_FULL_ERROR=1\n",
              "ZeroDivisionError: division by zero"),
    "wandb": (TRACE + "FileNotFoundError: [Errno 2] No such file or directory: 'x'\n" + "wandb: Find logs at: y\n" * 20,
              "FileNotFoundError: [Errno 2] No such file or directory: 'x'"),
    "java": ('Exception in thread "main" java.lang.IllegalStateException: cannot load\n\tat X.main(X.java:1)\n'  # noqa: ISC004
             "Caused by: java.io.FileNotFoundException: data.csv\n\t... 12 more\n", "Caused by: java.io.FileNotFoundException: data.csv"),
    "r": ("Error in solve.default(X) : \n  system is computationally singular\nCalls: fit -> solve\nExecution halted\n",
          "Error in solve.default(X) : system is computationally singular"),
    "julia": ("ERROR: LoadError: UndefVarError: `x` not defined\nStacktrace:\n [1] top-level scope\nin expression starting at /x.jl:3\n",
              "ERROR: LoadError: UndefVarError: `x` not defined"),
    "c++": ("terminate called after throwing an instance of 'std::runtime_error'\n  what():  boom\nAborted (core dumped)\n", "what():  boom"),
    "rust": ("thread 'main' panicked at src/main.rs:2:5:\nboom\nnote: run with `RUST_BACKTRACE=1`\n", "thread 'main' panicked at src/main.rs:2:5: boom"),
    "go": ("panic: boom\n\ngoroutine 1 [running]:\nmain.main()\nexit status 2\n", "panic: boom"),
    "argparse": ("usage: t.py [-h]\nt.py: error: argument --epochs: invalid int value: '3.3'\n", "t.py: error: argument --epochs: invalid int value: '3.3'"),
    "bash": ("start\nrun.sh: line 3: no-such: command not found\n", "run.sh: line 3: no-such: command not found"),
    "logging": ("2026-11-27 11:04:34,623 ERROR cannot reach it\n2026-11-27 11:04:35,1 INFO bye\n", "2026-11-27 11:04:34,623 ERROR cannot reach it"),
    "slurm": ("0: " + TRACE.replace("\n", "\n0: ") + "ValueError: nope\nsrun: error: node03: task 0: Exited with exit code 1\n", "ValueError: nope"),
}


@pytest.mark.parametrize("name", LOGS)
def test_the_line_that_a_person_would_name(tmp_path: Path, name: str) -> None:
    text, expected = LOGS[name]
    (tmp_path / "log").write_text(text)
    assert find_telling(read_printed(tmp_path / "log", 10) or []) == (expected, ERROR)


@pytest.mark.parametrize("line", ["train error: 0.32", "Error: 0.31", "test error: 12%", "no errors", "Unable to register cuFFT factory"])
def test_numbers_that_are_called_errors_are_just_words(line: str) -> None:
    assert find_telling(["begin", line]) == (line, WORDS)


def test_a_screen_is_drawn_as_a_terminal_does_it() -> None:
    nested = "outer 1\n" + "".join(f"\rinner {n}" for n in range(9)) + "\n\x1b[2A\x1b[2Kouter 2\n"
    assert drawn(nested) == ["outer 2", "inner 8", ""]
    assert drawn("\b\b12" + "\b" * 2 + "34") == ["34"]
    assert drawn("\x1b]8;;http://x\x1b\\name\x1b]8;;\x1b\\ \x1b]0;title\x07end\x9b31m") == ["name end"]
    assert not set("".join(drawn("a\x1b[1;31mb\x1b(Bc\x07\x9b1md\x1b"))) & set("\x1b\x07\x9b")


def test_repetitions_in_turn_are_folded_and_few_lines_are_not() -> None:
    both = [line for n in range(50) for line in (f"train {n}", f"valid 0.{n}")]
    assert folded(both) == ["... (96 lines like the next one)", *both[-4:]]
    few = ["loss 12.1", "loss nan", "loss 3", "other 4", "x"]
    assert folded(few) == few


def test_a_bar_that_fills_the_end_of_a_log_does_not_hide_what_is_before_it(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("ValueError: the reason\n" + BAR * 30)
    assert read_printed(tmp_path / "log", 10) == ["ValueError: the reason", " 99%|█████████ | 99/100 [00:01<00:02, 33.0it/s]"]
    assert read_printed(tmp_path / "none", 10) is None


@pytest.mark.parametrize(
    ("one", "other", "are_alike"),
    [
        ("ValueError: 3 of /data/a/x.npy", "ValueError: 17 of /data/b/y.npz", True),
        ("node03: pid 7 at 0x7fab12", "node11: pid 9 at 0x7fab99", True),
        ("KeyError: 'lr'", "KeyError: 'momentum'", False),
        ("No such file: C:\\a\\b.txt", "No such file: D:\\c.txt", True),
        ("job 1f3a9c0de4 of 3 %", "job 77aa9c0de4 of 12 %", True),
    ],
)
def test_numbers_and_paths_make_no_difference(one: str, other: str, are_alike: bool) -> None:
    assert (alike(one) == alike(other)) is are_alike
