"""The names of samplers, and which of them learn."""

OPTUNA = ("tpe", "gp", "cmaes")
JOINT = "joint"  # ours
MODELS = (*OPTUNA, JOINT)  # these learn, so they propose while the search runs


SAMPLERS = ("random", "sobol", *MODELS)


def learns(sampler: str) -> bool:
    """Whether a sampler proposes while the search runs: those in `MODELS`, and all imported ones.

    >>> learns("sobol"), learns("tpe"), learns("optuna.samplers.NSGAIISampler")
    (False, True, True)
    """
    return sampler in MODELS or "." in sampler
