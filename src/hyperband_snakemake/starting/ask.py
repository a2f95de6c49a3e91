"""Asking for what a command line does not tell, on a terminal."""

from collections.abc import Callable
from dataclasses import replace

from ..errors import UsageError
from .begin import Told, suggested
from .roles import BUDGET, FOLDER, PARAMETER
from .score import parse_score
from .spaces import parse_space, suggestion
from .templates import Start

Question = Callable[[str], str]


def ask(start: Start, told: Told, question: Question) -> Told:
    """Ask for spaces if there are none, and for the budget, the score and the directory where they are not known.

    Args:
        start: the command as it is read so far.
        told: what the user has said.
        question: puts a question and gives the answer, without blanks around it; empty: none.
    """
    names = ", ".join(dict.fromkeys(place.name for place in start.places))
    if not start.having(PARAMETER):
        told = replace(told, spaces=[*told.spaces, *_spaces(start, question)])
    if not start.having(BUDGET):
        told = replace(told, budget=question(f"Which value says how long a training run takes ({names})?"))
    while told.score is None:
        answer = question(
            "Where is the score? FILE.json:KEY, FILE.csv:COLUMN, log:/REGEX/, last-line, or own if the program writes "
            "it to a file called result"
        )
        try:
            told = replace(told, score=parse_score(answer)) if answer else told
        except UsageError as error:
            print(error)
        if not answer:
            return told
    if (told.score.in_file or told.score.kind == "own") and not start.having(FOLDER) and not start.in_directory:
        answer = question(f"Which value says where the program writes ({names})? Enter: it writes where it is started")
        told = replace(told, folder=answer) if answer else replace(told, in_directory=True)
    return told


def _spaces(start: Start, question: Question) -> list[tuple[str, str]]:
    found = []
    for place in suggested(start):
        while True:
            answer = question(f"Search over {place.shown}? A space, such as {suggestion(place.value)}; Enter: no")
            try:
                if answer:
                    parse_space(place.label, answer)
                    found.append((place.name, answer))
            except UsageError as error:
                print(error)
                continue
            break
    return found
