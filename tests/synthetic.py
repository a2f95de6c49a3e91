"""A search as it would be on disk after a run, made without training anything: ``python -m tests.synthetic DIR SMAX ETA``.

Scores come from a function of the parameters, with noise that shrinks as the budget grows; a few training runs fail, more
of them where the learning rate is large. Times are those of a number of workers that take one training after another.
"""

import argparse
import heapq
import json
import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from hyperband_snakemake.core.halving.ranking import promote
from hyperband_snakemake.core.plan import Plan, Settings, make_plan
from hyperband_snakemake.core.tree import layout
from hyperband_snakemake.core.tree.layout import Slot, stage_path
from hyperband_snakemake.core.tree.outcome import PENDING, Outcome, completed, failed, verdict_text
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.core.tree.promotion import origin_text, table_text

Config = tuple[str, dict[str, float | str]]
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
REASONS = ("run.sh was killed (status 137, signal 9): out of memory, or by the scheduler", "result: it holds 'nan': not a number")


def config_text(rng: random.Random) -> Config:
    solver = rng.choice(["adam", "sgd", "lion"])
    values: dict[str, float | str] = {
        "learning_rate": float(f"{10 ** rng.uniform(-5, -0.5):.3g}"), "batch_size": rng.choice([16, 32, 64, 128]),
        "dropout": round(rng.uniform(0, 0.6), 3), "layers": rng.randint(1, 6), "solver": solver}
    if solver == "sgd":
        values["momentum"] = round(rng.uniform(0.5, 0.99), 3)
    head = "folds: 5\nseed: " + str(rng.randrange(10**9)) + "\n"
    return head + "".join(f"{name}: {value}\n" for name, value in values.items()), values


def odd_config_text(rng: random.Random) -> Config:
    """A conditional space with names and values that a page may stumble over, 30 parameters."""
    values: dict[str, float | str] = {"learning_rate": float(f"{10 ** rng.uniform(-5, -0.5):.3g}"), "dropout": round(rng.uniform(0, 0.6), 3),
                                      "layers": rng.randint(1, 6), "solver": rng.choice(["adam", "sgd", "lion"])}
    if values["solver"] == "sgd":
        values["momentum"] = round(rng.uniform(0.5, 0.99), 3)
    choices = {"größe": [1, 2, 3, 4, 5], "net[0]": [2, 4, 8], "result": ["a", "b"], "status": ["on", "off"], "bos": ["<s>", "</s>", "<b>", "&amp;"],
               "model": [f"meta-llama/Llama-{name}-hf" for name in ("2-7b", "2-13b", "3-8b")], "max_depth": [None, None, 2, 3, 4], "mode": ["Fast", "slow"],
               "ver": ["1.1", "1.10"], "<b>bold</b>": [True, False], "prompt": ["Be kind.\nAnswer.", "Answer.\nBe kind.", "Answer.\tBe brief."]}
    odd = {name: rng.choice(options) for name, options in choices.items()}
    numbers = ("learning rate", "C", "model.encoder.attention.dropout_of_the_key", "model.encoder.attention.dropout_of_the_value")
    numbers += tuple(f"extra.{i}" for i in range(9))
    odd |= {name: round(rng.random(), 4) for name in numbers} | {"c": round(5 + rng.random(), 3)}
    return yaml.safe_dump(values | odd, allow_unicode=True, sort_keys=False), values


def score(values: dict[str, float | str], budget: float, rng: random.Random) -> float:
    off = abs(math.log10(float(values["learning_rate"])) + 3) ** 1.5 * 0.05
    off += abs(float(values["dropout"]) - 0.2) * 0.12 + abs(int(values["layers"]) - 4) * 0.012
    off += {"adam": 0.0, "sgd": 0.03, "lion": 0.015}[str(values["solver"])]
    if "momentum" in values:
        off += abs(float(values["momentum"]) - 0.9) * 0.1
    return -0.95 + off + 0.35 / math.sqrt(1 + budget) + rng.gauss(0, 0.05 / math.sqrt(budget))


class Writer:
    def __init__(self, path: Path, workers: int, done: float, seed: int) -> None:
        self.path, self.rng, self.done = path, random.Random(seed), done
        self.free = [(0.0, w) for w in range(workers)]

    def write(self, name: Path | str, text: str) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def attempt(self, outcome: Outcome, budget: float) -> str:
        begin, worker = heapq.heappop(self.free)
        seconds = round(budget * self.rng.uniform(2, 4) + 1.5, 3)
        heapq.heappush(self.free, (begin + seconds, worker))
        times = [(START + timedelta(seconds=t)).strftime("%Y-%m-%dT%H:%M:%SZ") for t in (begin, begin + seconds)]
        data = {"attempt": 1, "start": times[0], "host": f"node{worker // 8 + 1:02}", "pid": 1, "run": "r", "end": times[1],
                "seconds": seconds, "exit": 0 if outcome.text else 137, "result": outcome.text, "reason": outcome.reason}
        return json.dumps(data) + "\n"

    def training(self, slot: Slot, values: dict[str, float | str], budget: float) -> Outcome:
        bad = self.rng.random() < (0.15 if float(values["learning_rate"]) > 0.05 else 0.01)
        outcome = failed(self.rng.choice(REASONS)) if bad else completed(f"{score(values, budget, self.rng):.6f}".encode())
        self.write(slot.path / layout.ATTEMPTS, self.attempt(outcome, budget))
        self.write(slot.path / layout.OUTCOME, verdict_text(outcome))
        if bad:
            self.write(slot.path / "attempt-1.log", "epoch 1: loss 12.31\nepoch 2: loss nan\n")
        return outcome


def make(path: Path, smax: int, eta: int, *, brackets: tuple[int, ...] = (), workers: int = 16, done: float = 1.0,
         seed: int = 1, plan: Plan | None = None, config: Callable[[random.Random], Config] = config_text) -> Path:
    """Write the search; ``done`` < 1 stops after that share of each bracket's training runs, in the order of stages.

    ``config`` draws a configuration: its text, and the values that decide about its results.
    """
    plan = plan or make_plan(Settings(smax, eta, cost_one_epoch_full_dataset=1)).select(brackets)
    writer = Writer(path, workers, done, seed)
    writer.write(layout.PLAN, plan_to_json(plan, generator="hyperband-snakemake 0.1.0", random_seed=seed))
    best: list[tuple[float, str]] = []
    for bracket in plan.brackets:
        left = int(done * sum(stage.configurations for stage in bracket.stages))
        known: list[tuple[str, dict[str, float | str]] | None] = [config(writer.rng) for _ in range(bracket.stages[0].configurations)]
        for stage in bracket.stages:
            outcomes = []
            for c, entry in enumerate(known):
                slot = Slot(bracket.index, stage.index, c)
                if entry is None:
                    continue
                writer.write(slot.path / layout.CONFIG, entry[0])
                outcomes.append(writer.training(slot, entry[1], float(stage.budget)) if left > 0 else PENDING)
                left -= 1
                if outcomes[-1].result is not None and stage is bracket.stages[-1]:
                    best.append((outcomes[-1].result, str(slot)))
            if PENDING in outcomes or stage is bracket.stages[-1]:
                break
            chosen = promote(outcomes, bracket.stages[stage.index + 1].configurations)
            table = [None if c is None else (c, outcomes[c].text) for c in chosen]
            writer.write(stage_path(bracket.index, stage.index) / layout.PROMOTION, table_text(table))
            for to, c in enumerate(chosen):
                if c is not None:
                    origin = origin_text(Slot(bracket.index, stage.index, c), outcomes[c].text, str(stage.budget))
                    writer.write(Slot(bracket.index, stage.index + 1, to).path / layout.ORIGIN, origin)
            known = [None if c is None else known[c] for c in chosen]
    if done >= 1 and best:
        writer.write(layout.BEST_CONFIG, (path / min(best)[1] / layout.CONFIG).read_text())
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("smax", type=int)
    parser.add_argument("eta", type=int)
    parser.add_argument("--bracket", type=int, action="append", default=[])
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--done", type=float, default=1.0)
    given = parser.parse_args()
    make(given.path, given.smax, given.eta, brackets=tuple(given.bracket), workers=given.workers, done=given.done)
