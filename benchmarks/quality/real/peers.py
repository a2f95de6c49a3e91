"""Other libraries on the problems made of real training runs, at the costs of run.py; each in its own environment.

    pip install torch==2.13.0 optuna==5.0.0 optunahub==0.5.0 scipy cmaes     # optuna-tpe, -gp, -hb, -auto (downloads)
    pip install smac==2.4.1                                                  # smac, smac-hpo, smac-bb
    pip install 'syne-tune[gpsearchers]==0.14.2' statsmodels                 # syne-asha, -bohb, -mobster, -hypertune
    pip install torch==2.13.0 neural-pipeline-search==0.16.0                 # neps-priorband, neps-bo
    pip install dehb==0.1.2                                                  # dehb

Optuna (by asking only for what exists), SMAC3 and DEHB (by ConfigSpace) know the conditions of a space. Syne Tune and
NePS get a flat space: they propose all parameters, and those that do not exist are ignored.

Rows in measured.csv are of optuna-tpe, -hb, -gp, dehb, syne-asha, smac-hpo, and of smac on boosting2 and network2 only.
Not executed so far are the methods of NePS and syne-hypertune; syne-mobster was begun, and stopped after 50 seconds of
processor time. Of optuna-auto, smac-bb and syne-bohb no search is stored.
"""

import datetime as dt
import importlib
import itertools
import random
import tempfile
from pathlib import Path

import programs

R = programs.BUDGETS[-1]


def existing(problem, config):
    """Keep the parameters that exist, as numbers and texts of Python; a flat space has values for all of them."""
    made, kept = {"choice": str, "int": int, "float": float}, {}
    for name, (kind, *_) in problem.space.items():
        if name in config and problem.exists(name, kept):
            kept[name] = made[kind](config[name])
    return kept


def optuna_at(sampler, pruned=False):
    def run(problem, seed, log):
        optuna = importlib.import_module("optuna")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        pruners = optuna.pruners
        pruner = pruners.HyperbandPruner(1, R, 3) if pruned else pruners.NopPruner()
        study = optuna.create_study(sampler=sampler(seed), pruner=pruner, study_name=f"s{seed}")

        def objective(trial):
            config = {}
            for name, (kind, *spec) in problem.space.items():
                if problem.exists(name, config):
                    if kind == "choice":
                        config[name] = trial.suggest_categorical(name, spec[0])
                    else:
                        suggest = trial.suggest_float if kind == "float" else trial.suggest_int
                        config[name] = suggest(name, spec[0], spec[1], log=spec[2])
            for budget in programs.BUDGETS if pruned else [R]:
                loss = log(config, budget, native_resume=True, inst=trial.number)
                trial.report(loss, budget)
                if budget < R and trial.should_prune():
                    raise optuna.TrialPruned
            return loss

        study.optimize(objective)

    return run


def tpe(seed):
    return importlib.import_module("optuna").samplers.TPESampler(seed=seed)


def gp(seed):
    return importlib.import_module("optuna").samplers.GPSampler(seed=seed)


def auto(seed):
    """OptunaHub's; optunahub downloads it."""
    return importlib.import_module("optunahub").load_module("samplers/auto_sampler").AutoSampler(seed=seed)


def config_space(problem, seed):
    """Give the space to ConfigSpace, with its conditions."""
    cs = importlib.import_module("ConfigSpace")
    space, made = cs.ConfigurationSpace(seed=seed), {}
    for name, (kind, *spec) in problem.space.items():
        if kind == "choice":
            made[name] = cs.CategoricalHyperparameter(name, spec[0])
        else:
            number = cs.UniformFloatHyperparameter if kind == "float" else cs.UniformIntegerHyperparameter
            made[name] = number(name, spec[0], spec[1], log=spec[2])
    space.add(list(made.values()))
    space.add([cs.InCondition(made[n], made[parent], values) for n, (parent, values) in problem.conditions.items()])
    return space


def _trained(config, seed=0, budget=0):
    raise NotImplementedError


def smac_at(facade, trials, **budgets):
    """SMAC3 makes at most a quarter of the expected number of trials at random, before its model."""

    def run(problem, seed, log):
        module, runs = importlib.import_module("smac"), importlib.import_module("smac.runhistory.dataclasses")
        logging = importlib.import_module("logging")
        logging.disable(logging.CRITICAL)
        made = getattr(module, facade)
        with tempfile.TemporaryDirectory() as directory:
            scenario = module.Scenario(
                config_space(problem, seed), deterministic=True, n_trials=trials, seed=seed,
                output_directory=Path(directory), **budgets,
            )  # fmt: skip
            options = {"intensifier": made.get_intensifier(scenario, eta=3)} if budgets else {}
            found = made(scenario, _trained, overwrite=True, logging_level=50, **options)
            while True:
                asked = found.ask()
                loss = log(existing(problem, dict(asked.config)), asked.budget or R)
                found.tell(asked, runs.TrialValue(cost=loss, time=0.0), save=False)

    return run


def dehb(problem, seed, log):
    module = importlib.import_module("dehb")
    with tempfile.TemporaryDirectory() as directory:
        found = module.DEHB(
            f=None, cs=config_space(problem, seed), dimensions=len(problem.space), min_fidelity=1, max_fidelity=R,
            eta=3, n_workers=1, output_path=directory, seed=seed, log_level="ERROR",
        )  # fmt: skip
        while True:
            job = found.ask()
            budget = round(job["fidelity"])
            loss = log(existing(problem, dict(job["config"])), budget, inst=job["config_id"])
            found.tell(job, {"fitness": loss, "cost": float(budget), "info": {}})


def syne_at(scheduler, **options):
    """Syne Tune, which has no conditions: a flat space. It decides as each rung is reached, one trial after another."""

    def run(problem, seed, log):
        spaces = importlib.import_module("syne_tune.config_space")
        baselines = importlib.import_module("syne_tune.optimizer.legacy_baselines")
        trials = importlib.import_module("syne_tune.backend.trial_status")
        importlib.import_module("logging").disable(50)
        space, numbers = {}, {"float": "uniform", "int": "randint"}
        for name, (kind, *spec) in problem.space.items():
            if kind == "choice":
                space[name] = spaces.choice(list(spec[0]))
            else:
                space[name] = getattr(spaces, ("log" if spec[2] else "") + numbers[kind])(*spec[:2])
        found = getattr(baselines, scheduler)(
            space, metric="loss", mode="min", resource_attr="epoch", max_t=R, grace_period=1, reduction_factor=3,
            random_seed=seed, **options,
        )  # fmt: skip
        for number in itertools.count():
            trial = trials.Trial(number, found.suggest(number).config, dt.datetime.now(dt.UTC))
            found.on_trial_add(trial)
            for budget in programs.BUDGETS:
                result = {"loss": log(existing(problem, trial.config), budget, inst=number), "epoch": budget}
                decision = found.on_trial_result(trial, result)
                if budget == R:
                    found.on_trial_complete(trial, result)
                elif decision != "CONTINUE":
                    found.on_trial_remove(trial)
                    break

    return run


def neps_at(algorithm, **options):
    """NePS, with a flat space: its conditions are those of nested operations."""

    def run(problem, seed, log):
        neps, torch = importlib.import_module("neps"), importlib.import_module("torch")
        importlib.import_module("logging").disable(50)
        random.seed(seed)
        importlib.import_module("numpy").random.seed(seed)
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        space = {"epoch": neps.IntegerFidelity(1, R)}
        for name, (kind, *spec) in problem.space.items():
            number = neps.Float if kind == "float" else neps.Integer
            space[name] = neps.Categorical(tuple(spec[0])) if kind == "choice" else number(*spec[:2], log=spec[2])
        made = getattr(neps.algorithms, algorithm)(type("Space", (neps.PipelineSpace,), space)(), eta=3, **options)
        found = neps.AskAndTell(optimizer=made)
        while True:
            trial = found.ask()
            name, config = trial.metadata.id, dict(trial.config)
            found.tell(name, log(existing(problem, config), config["epoch"], inst=name.split("_")[0]))

    return run


PEERS = {
    "optuna-tpe": optuna_at(tpe),
    "optuna-gp": optuna_at(gp),
    "optuna-auto": optuna_at(auto),
    "optuna-hb": optuna_at(tpe, pruned=True),
    "smac": smac_at("MultiFidelityFacade", 250, min_budget=1, max_budget=R),
    "smac-hpo": smac_at("HyperparameterOptimizationFacade", 25),
    "smac-bb": smac_at("BlackBoxFacade", 25),
    "dehb": dehb,
    "neps-priorband": neps_at("priorband"),
    "neps-bo": neps_at("priorband", bayesian_optimization_kick_in_point=5),
    "syne-asha": syne_at("ASHA"),
    "syne-mobster": syne_at("MOBSTER", search_options={"debug_log": False}),
    "syne-hypertune": syne_at("HyperTune", search_options={"debug_log": False}),
    "syne-bohb": syne_at("BOHB", search_options={"debug_log": False}),
}
