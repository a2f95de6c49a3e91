"""Which line of a log says what went wrong: the one that a person would point at.

Programs report errors in many ways, and often print something else afterwards: a launcher that its child has ended, R
that execution is halted, a logger where its files are. This is a guess; if nothing looks like an error, it is the last
line.
"""

import re
from collections.abc import Iterator, Sequence

ERROR, WORDS = 2, 1  # how telling a line is: it looks like an error, or is just the last one
_FAR = 400  # lines searched, from the end
_LONGEST = 300  # characters of the line
_PREFIX = re.compile(  # what launchers and loggers put in front of a program's lines
    r"^(?:\[?(?:default|rank) ?\d+\]?:\s?|\(\w[^()]* pid=\d+[^()]*\)\s|\d{1,4}: |\s*\| ?|\[\w+-\d+\]\s)+"
)
_KINDS = "Error|Exception|Interrupt|Failure|Fault|Exit|Timeout"
_NAME = rf"(?:[A-Za-z_][\w$]*(?:\.|::))*(?:[A-Z][\w$]*)?(?:{_KINDS})(?:[A-Z][\w$]*)?"
_RAISED = re.compile(  # not a number, as in "Error: 0.31"
    rf"^(?:Exception in thread \S+ |Caused by: |Uncaught |Unhandled exception\S* )?{_NAME}"
    r"(?:$|:(?!:)(?! [-+.\d]+%?$)| \(|\[)"
)
_SAID = re.compile(
    r"^Error in\b(?!.*\(line \d+\)$)|^Error using\b|^! |^panic: |^Caused by error|^thread '.*' panicked at"
    r"|^\s*what\(\): |\b(?i:error|fatal|fatal error): (?![-+.\d]+\b)|\b(?:FATAL|CRITICAL|SEVERE|ERROR)\b"
    r"|\[(?i:error|fatal)\] |: (?:command )?not found$|No such file or directory|[Pp]ermission denied|cannot execute"
    r"|unbound variable|Segmentation fault|Bus error|Illegal instruction|Floating point exception|\bKilled\b"
    r"|(?i:out of memory\b)|\bOOM\b|No space left on device|Disk quota exceeded|Assertion .*failed|CUDA error"
    r"| at \S+ line \d+\.?$"
)
_ECHO = re.compile(  # what other programs print once the program has failed
    r"^Execution halted|^Aborted|Aborted +\(core dumped\)|ChildFailedError|CalledProcessError|^SystemExit|^srun: "
    r"|^slurmstepd|^make(?:\[\d+\])?: \*\*\*|^exit status \d+|^wandb: |Process finished with exit code"
    r"|^\[ERROR\] (?:\[Help|->|$)|^Traceback \(most recent|^(?:Stack trace|Stacktrace|Backtrace|Calls|Call stack):"
    r"|^goroutine \d+|HYDRA_FULL_ERROR|^note: run with|CUDA_LAUNCH_BLOCKING|TORCH_USE_CUDA_DSA|^Node\.js v\d"
    r"|^CUDA kernel errors might|in expression starting at|^Error executing job with overrides"
    r"|^During handling of the above|^The above exception was|removed its internal frames|resource_tracker"
    r"|^There appear to be \d+ leaked|ERROR conda\.cli|^--+$|^==+$|^\.\.\. \("
)
_BAR = re.compile(r"\d+%\|| \[=*>?[.=]*\]|it/s|s/it|\bETA\b|[━█▏▎▍▌▋▊▉]{2}|\d+/\d+ .*\ds")
_TRACEBACK = "Traceback (most recent call last)"
_IGNORED = ("Exception ignored in", "Exception ignored on", "Error in atexit")


def find_telling(lines: Sequence[str]) -> tuple[str, int]:
    """Give the most telling line, and how telling it is: `ERROR`, `WORDS`, or 0 if no line says anything.

    >>> find_telling(["Traceback (most recent call last):", '  File "a.py"', "ValueError: no such lr", "wandb: bye"])
    ('ValueError: no such lr', 2)
    >>> find_telling(["epoch 1: loss 3.2", "epoch 2: loss nan"]), find_telling(["---"])
    (('epoch 2: loss nan', 1), ('', 0))
    """
    near = [_PREFIX.sub("", line) for line in lines[-_FAR:]]
    ends = dict(_tracebacks(near))
    candidates = [at for at, line in enumerate(near) if ends.get(at, _is_error(line))]
    own = [at for at in candidates if not _ECHO.search(near[at])]
    if own or candidates:
        return _whole(near, (own or candidates)[-1]), ERROR
    words = [line for line in near if re.search(r"[^\W\d_]{2}", line) and not _ECHO.search(line)]
    last = next(reversed([line for line in words if not _BAR.search(line)] or words), "")
    return last.strip()[:_LONGEST], WORDS if last else 0


def _is_error(line: str) -> bool:
    return bool(_RAISED.search(line) or (_SAID.search(line) and not _BAR.search(line)))


def _tracebacks(lines: Sequence[str]) -> Iterator[tuple[int, bool]]:
    """Yield where each Python traceback ends (with the exception, whatever its name), and whether it was an error."""
    for at, line in enumerate(lines):
        if _TRACEBACK in line:
            after = (n for n in range(at + 1, len(lines)) if not lines[n].startswith((" ", "│", "╭", "╰", "|")))
            minded = not (at and lines[at - 1].startswith(_IGNORED))
            yield from [(n, minded) for n in after if _TRACEBACK not in lines[n]][:1]


def _whole(lines: Sequence[str], at: int) -> str:
    """A line, with the next one if that has the message, or the previous one if that has the failed assertion."""
    text = lines[at].strip()
    following = next((line.strip() for line in lines[at + 1 :] if line.strip()), "")
    is_cut = text.endswith(":") or "Exception encountered when calling" in text  # Keras puts its message below
    if is_cut and following and not _ECHO.search(following):
        text = f"{text} {following}"
    elif text == "AssertionError" and (source := [line for line in lines[max(0, at - 2) : at] if "assert " in line]):
        text = f"{text}: {source[0].partition('assert ')[2]}"
    return text[:_LONGEST]
