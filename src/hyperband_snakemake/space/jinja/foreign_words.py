"""Names of draw functions in other libraries, and how to write them here: for messages about such a name."""

import re
from difflib import get_close_matches

_WHOLE_LOG = "write integer(NAME, LOW, HIGH, log=true), with step=STEP if it has one"
_LOG = "write uniform(NAME, LOW, HIGH, log=true), with the limits themselves, not their logarithms"
_STEPS = "write uniform(NAME, LOW, HIGH, step=STEP)"
_CHOICE = "write choice(NAME, [A, B, ...])"
_INTEGER = "write integer(NAME, LOW, HIGH), where HIGH can be drawn, too"
_RANDINT = "write integer(NAME, LOW, HIGH - 1): here HIGH can be drawn, too"
_FIXED = "write the value itself: what is fixed needs no function"
_NORMAL = "write normal(NAME, MEAN, SIGMA)"
_UNIFORM = "write uniform(NAME, LOW, HIGH)"
_LOG_NORMAL = "there is no such distribution here; write uniform(NAME, LOW, HIGH, log=true, prior=MEDIAN)"
WORDS = {
    "suggest_float": "write uniform(NAME, LOW, HIGH), with log=true or step=STEP",
    "suggest_int": "write integer(NAME, LOW, HIGH), with log=true or step=STEP",
    "suggest_categorical": _CHOICE,
    "suggest_uniform": _UNIFORM,
    "suggest_loguniform": _LOG,
    "suggest_discrete_uniform": _STEPS,
    "categorical": _CHOICE,
    "Categorical": _CHOICE,
    "CategoricalHyperparameter": _CHOICE,
    "OrdinalHyperparameter": "write ordinal(NAME, [A, B, ...])",
    "Constant": _FIXED,
    "constant": _FIXED,
    "Float": "write uniform(NAME, LOW, HIGH), with log=true",
    "Real": "write uniform(NAME, LOW, HIGH), with log=true",
    "Integer": "write integer(NAME, LOW, HIGH), with log=true",
    "UniformFloatHyperparameter": _UNIFORM,
    "UniformIntegerHyperparameter": _INTEGER,
    "sample_from": "write the expression itself, such as {{ 2 * units }}",
    "grid_search": f"{_CHOICE}; a space that is as large as the search is drawn from until it is exhausted",
    "int": _INTEGER,
    "int_uniform": _INTEGER,
    "randint": _RANDINT,
    "random_int": _RANDINT,
    "lograndint": _WHOLE_LOG,
    "qrandint": "write integer(NAME, LOW, HIGH, step=STEP)",
    "qlograndint": _WHOLE_LOG,
    "quniform": _STEPS,
    "q_uniform": _STEPS,
    "uniformint": _INTEGER,
    "quniformint": "write integer(NAME, LOW, HIGH, step=STEP)",
    "log": _LOG,
    "logint": _WHOLE_LOG,
    "loguniform": _LOG,
    "log_uniform": _LOG,
    "log_uniform_values": _LOG,
    "inv_log_uniform_values": "write 1 - uniform(NAME, LOW, HIGH, log=true)",
    "qloguniform": _WHOLE_LOG,
    "q_log_uniform": _WHOLE_LOG,
    "q_log_uniform_values": _WHOLE_LOG,
    "randn": _NORMAL,
    "gauss": _NORMAL,
    "gaussian": _NORMAL,
    "qrandn": f"{_NORMAL}, and round it: {{{{ (normal(...) / STEP) | round * STEP }}}}",
    "qnormal": f"{_NORMAL}, and round it: {{{{ (normal(...) / STEP) | round * STEP }}}}",
    "q_normal": f"{_NORMAL}, and round it: {{{{ (normal(...) / STEP) | round * STEP }}}}",
    "lognormal": _LOG_NORMAL,
    "qlognormal": _LOG_NORMAL,
    "log_normal": _LOG_NORMAL,
    "interval": "write uniform(NAME, LOW, HIGH), with log=true for tag(log, ...)",
    "pchoice": "write choice(NAME, [A, B, ...], weights=[...])",
    "shuffle": "write permutation(NAME, [A, B, ...])",
    "sample": "write subset(NAME, [A, B, ...], min_size=N, max_size=N)",
    "trial": "write the draw function alone, without trial",
    "tune": "write the draw function alone, without tune",
    "hp": "write the draw function alone, without hp",
    "np": "write the draw function alone: uniform, integer, normal or choice, with the name first",
    "random": "write the draw function alone: uniform, integer, normal or choice, with the name first",
}
_KEYWORDS = {
    "probabilities": "weights=[...]",
    "probs": "weights=[...]",
    "p": "weights=[...]",
    "q": "step=STEP",
    "quantization": "step=STEP",
    "loc": "mu",
    "mean": "mu",
    "scale": "sigma",
    "std": "sigma",
    "min": "low",
    "max": "high",
    "lower": "low",
    "upper": "high",
    "base": "log=true",
    "values": "options",
    "choices": "options",
    "items": "options",
}


def advice(word: str) -> str:
    """Give a sentence on how to write this here; empty if the word is not known.

    >>> advice("randint")
    'Instead of randint, write integer(NAME, LOW, HIGH - 1): here HIGH can be drawn, too.'
    """
    return f"Instead of {word}, {WORDS[word]}." if word in WORDS else ""


def hint_at_words(message: str, functions: tuple[str, ...]) -> str:
    """Give a hint to append to an error message if a template uses a foreign word; empty if there is none.

    >>> hint_at_words("'loguniform' is undefined", ("uniform",)).startswith("Instead of loguniform, write uniform(")
    True
    """
    if match := re.search(r"'(\w+)' is undefined", message):
        near = get_close_matches(match[1], functions, 1)
        return advice(match[1]) or (f"Did you mean {near[0]}?" if near else "")
    if match := re.search(r"unexpected keyword argument '(\w+)'", message):
        name = match[1]
        return f"Instead of {name}, write {_KEYWORDS[name]}." if name in _KEYWORDS else ""
    if "low, high and step must be whole numbers" in message:
        return "For other numbers, write uniform(NAME, LOW, HIGH, step=STEP)."
    return ""
