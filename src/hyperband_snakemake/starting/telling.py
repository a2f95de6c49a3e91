"""What `hyband init` says and asks about a command: each value's role and the reason for it, and what to do next."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..core.training.starting import quoted
from ..errors import UsageError
from .begin import Told, option_for, suggested
from .roles import BUDGET, CONSTANT, FOLDER, PARAMETER, SEED, Place, whole_number
from .score import parse_score
from .spaces import parse_space, suggestion
from .templates import Start

Question = Callable[[str], str]
_GPU_VARIABLES = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ZE_AFFINITY_MASK")
_MOST = 8  # constant values that are listed by name


def reading(start: Start) -> Iterator[str]:
    """Yield a line for each value with a role, and one for the constants."""
    roles = {PARAMETER: "parameter", BUDGET: "budget", FOLDER: "directory", SEED: "seed"}
    told = [place for place in start.places if place.role in roles]
    width = max((len(place.shown) for place in told), default=0)
    yield "This is how the command is read:\n"
    for place in told:
        yield f"  {place.shown:<{width}}  {roles[place.role]:<9}  {_becomes(place)}"
    if start.activation.lines:
        yield f"  {'environment':<{width}}  {'':<9}  {start.activation.lines[-1]}, since {start.activation.why}"
    yield from _staying(start)


def _becomes(place: Place) -> str:
    what = {
        PARAMETER: place.space.expression(place.name) if place.space else "",
        BUDGET: "$2",
        FOLDER: f"$out{f'/{place.file_name}' if place.file_name else ''}",
        SEED: "seed()",
    }[place.role]
    return f"{what}, {place.why}" if place.why else what


def _is_yes_or_no(place: Place) -> bool:
    """Whether it is a flag that was not in the command, and is drawn from true and false."""
    options = place.space.arguments if place.space else ""
    return place.label.startswith("--") and place.value == "" and options in ("[true, false]", "[false, true]")


def _staying(start: Start) -> Iterator[str]:
    may_vary = suggested(start)
    fixed = [place for place in start.places if place.role == CONSTANT and place not in may_vary]
    stays = [place for place in fixed if not place.in_file and place.value is not None]
    if may_vary or stays:
        shown = [place.shown for place in [*may_vary, *stays]]
        more = f" and {len(shown) - _MOST} more" if len(shown) > _MOST else ""
        yield f"\n  Constant: {', '.join(shown[:_MOST])}{more}."
    if not start.having(FOLDER) and not start.in_directory:
        yield (
            "\n  No value says where the program writes, so files that it writes are shared by all training runs. To "
            "part them: --directory NAME, or --in-directory if it writes where it is started."
        )
    for flag in [place.label for place in start.places if _is_yes_or_no(place)]:
        yield (
            f"\n  {flag} is given as {flag}=True or {flag}=False. If it takes no value, write {flag} in the command: "
            "then it is there or not."
        )
    for word in start.words:
        if word.name in _GPU_VARIABLES:
            yield (
                f"  {word.shown} stays, so all training runs use the same GPU, whatever hyband run --gpus says. "
                "Leave it out to give each its own."
            )
    if may_vary:
        first = next((place for place in may_vary if place.value and place.value[0].isdigit()), may_vary[0])
        yield f"  To search over one of them, give it a space: {option_for(first)}"


def next_commands(start: Start, directory: Path, *, maximize: bool | None) -> Sequence[str]:
    """Give the commands to run next, with the command's budget as the largest one."""
    budget = next((whole_number(place.value) for place in start.having(BUDGET)), None)
    size = f"--max-budget {budget}" if budget is not None and budget > 1 else "3 3"
    better = " --maximize" if maximize else ""
    return [
        f"hyband generate {size}{better} --template-dir {quoted(directory)} --output-dir my-search",
        "hyband try my-search",
        "hyband run my-search",
    ]


def direction(start: Start, *, said: bool | None) -> str:
    """Say whether higher or lower is assumed to be better, and why; empty if the user has said so."""
    if said is not None:
        return ""
    guess = start.score.is_higher_better
    what = start.score.key or start.score.file or "the score"
    if guess:
        return f"Higher is better for {what}, by its name, hence --maximize below; if not: --minimize."
    if guess is False:
        return f"Lower is better for {what}, by its name; if not: --maximize."
    return "Lower is better, unless you say otherwise: --maximize."


def ask(start: Start, told: Told, question: Question) -> Told:
    """Ask for spaces if there are none, and for the budget, the score and the directory if they are unknown.

    Args:
        start: the command as understood so far.
        told: what the user has said.
        question: asks a question and returns the stripped answer; empty: no answer.
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
    found, places = list[tuple[str, str]](), suggested(start)
    if len(places) > _MOST:
        names = question(f"Which values to search over, by name ({', '.join(place.name for place in places)})?")
        places = [place for place in places if place.name in names.replace(",", " ").split()]
    for place in places:
        while True:
            answer = question(
                f"Search over {place.shown}? A space, such as {suggestion(place.value, place.name)}; Enter: no"
            )
            try:
                if answer:
                    parse_space(place.label, answer)
                    found.append((place.name, answer))
            except UsageError as error:
                print(error)
                continue
            break
    return found
