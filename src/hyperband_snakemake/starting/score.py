"""Where the score is: the code after the training command in run.sh, visible to the user, standard library only."""

import re
import shlex
from dataclasses import dataclass

from ..errors import UsageError
from .scores.programs import FIND, program

FORMS = (
    "metrics.json:val_acc (a key of a JSON file), metrics.csv:val_acc (a column, last row; or max(val_acc), min, "
    "mean), score.txt (the last number in a file), 'log:/val_acc=([0-9.]+)/' (the last match in what is printed), "
    "last-line (the last number in the last line that is printed), or own (the program writes its number to the file "
    "result in the directory)"
)
OUTPUT = "output.log"  # the program's output, if the score is in it
_HIGHER = re.compile(
    r"acc|accuracy|top\d|auc|auroc|f1|fscore|r2|score|reward|return|bleu|rouge|map|miou|iou|dice|precision|recall|psnr|ssim|mcc|"
    r"likelihood|elbo|balancedaccuracy"
)
_LOWER = re.compile(
    r"loss|err|error|mse|rmse|mae|perplexity|ppl|nll|wer|cer|fid|cost|time|regret|deviance|logloss|bits"
)
_HEAD = '"${HYBAND_PYTHON:-python3}" -I -'


@dataclass(frozen=True)
class Score:
    """Where the score is.

    Args:
        kind: json, jsonl, csv, text, log, last-line or own.
        file: the file that the program writes, relative to the directory unless absolute; may contain ``*``.
        key: key, column or regular expression.
        of_many: which of several numbers in the file is the score: last, mean, min or max.
    """

    kind: str
    file: str = ""
    key: str = ""
    of_many: str = "last"

    @property
    def in_file(self) -> bool:
        """Whether it is in a file that the program writes in the directory."""
        return bool(self.file) and not self.file.startswith("/")

    @property
    def in_output(self) -> bool:
        """Whether it is in what the program prints."""
        return self.kind in ("log", "last-line")

    @property
    def is_higher_better(self) -> bool | None:
        """Whether higher is better, according to its name; None if the name does not say."""
        parts = [part for part in re.split(r"[^a-z0-9]+", self.key.lower() or self.file.lower()) if part]
        if any(_LOWER.fullmatch(part) for part in parts):
            return False
        return True if any(_HIGHER.fullmatch(part) for part in parts) else None


def parse_score(text: str) -> Score:
    """Read the value of ``--result``.

    Raises:
        UsageError: it is not valid.

    >>> parse_score("metrics.csv:max(acc)"), parse_score("log:/acc=(.*)/").key
    (Score(kind='csv', file='metrics.csv', key='acc', of_many='max'), 'acc=(.*)')
    """
    if text in ("last-line", "log:last", "own"):
        return Score("own" if text == "own" else "last-line")
    if text.startswith("log:"):
        pattern = text.removeprefix("log:")
        pattern = pattern[1:-1] if re.fullmatch(r"/.*/", pattern, re.DOTALL) else pattern
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise UsageError(f"--result: {pattern!r} is not a regular expression: {error}.") from None
        if not pattern or compiled.groups > 1:
            raise UsageError(
                f"--result: {pattern!r} has {compiled.groups} groups; expected one, such as log:/acc=([0-9.]+)/."
            )
        return Score("log", "", pattern)
    file, colon, key = text.partition(":")
    kind = {"json": "json", "jsonl": "jsonl", "ndjson": "jsonl", "csv": "csv", "tsv": "csv"}.get(
        file.rpartition(".")[2], "text"
    )
    if not file or (colon and not key) or (kind == "text") == bool(key):
        raise UsageError(f"--result is {text!r}; expected {FORMS}.")
    call = re.fullmatch(r"(mean|min|max)\((.*)\)", key) if kind != "text" else None
    return Score(kind, file, call[2], call[1]) if call else Score(kind, file, key)


def score_lines(score: Score) -> list[str]:
    """Write the lines of run.sh that extract the number; ``out`` is the absolute path of the directory there."""
    if score.kind == "own":
        return ['# The program writes its score to "$out/result" itself.']
    many = "*" in score.file
    where = f'"$out/{OUTPUT}"' if score.in_output else _path(score, apart=many)
    key = f" {shlex.quote(score.key)}" if score.key else ""
    return [
        f"# The score: {_words(score)}. Without a number there, the training run has failed, and says so.",
        f"{_HEAD} {where}{key} <<'END' > \"$out/result\"",
        *(FIND.strip().splitlines() if many else []),
        *program(score.kind, score.of_many).splitlines(),
        "END",
    ]


def _path(score: Score, *, apart: bool) -> str:
    """Write its path; ``apart`` from its directory, which may have brackets, where it is a pattern."""
    if apart:
        return f'"$out" {shlex.quote(score.file)}'
    return shlex.quote(score.file) if score.file.startswith("/") else f'"$out"/{shlex.quote(score.file)}'


def _words(score: Score) -> str:
    return {
        "json": f"{score.key} in {score.file} ({score.of_many} if it is a list)",
        "jsonl": f"{score.of_many} of {score.key} in the lines of {score.file}",
        "csv": f"{score.of_many} of {score.key} in {score.file}",
        "text": f"the last number in {score.file}",
        "log": "the last match in what was printed",
        "last-line": "the last number in the last line that was printed",
    }[score.kind]
