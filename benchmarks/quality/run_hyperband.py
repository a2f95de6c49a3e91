"""The baselines: Hyperband with random sampling, two rules for its brackets, and random search at R, in plain numpy.

    python run_hyperband.py mfh3_good,digits 100 4050
"""

import json
import math
import sys
import time

import numpy as np
import problems as P


def sample(space, rng):
    return {
        name: rng.uniform(*ends) if kind == "float" else int(rng.integers(ends[0]))
        for name, (kind, *ends) in space.items()
    }


def brackets(first, eta=3, smax=4):
    """All stages of all brackets as (configurations, budget); ``first`` gives how many a bracket starts with."""
    return [
        [(first(s, eta, smax) // eta**i, P.R // eta ** (s - i)) for i in range(s + 1)] for s in range(smax, -1, -1)
    ]


RULES = {
    "hb_upstream": lambda s, eta, smax: math.ceil((smax + 1) * eta**s / (s + 1)),
    "hb_table1": lambda s, eta, smax: (smax + 1) // (s + 1) * eta**s,
}


def hyperband(log, rng, rule):
    number, used = 0, set()
    while True:
        for bracket in brackets(RULES[rule]):
            live = []
            for _ in range(bracket[0][0]):
                for _ in range(27):
                    config = sample(log.p.space, rng)
                    if log.p.key(config) not in used:
                        break
                used.add(log.p.key(config))
                number += 1
                live.append((config, number))
            for count, budget in bracket:
                live = live[:count]
                losses = [log(config, budget, inst=inst) for config, inst in live]
                live = [live[i] for i in np.argsort(losses, kind="stable")]


def random_search(log, rng, _):
    number = 0
    while True:
        number += 1
        log(sample(log.p.space, rng), P.R, inst=number)


def run(name, seed, budget, method):
    log = P.Log(P.get(name, seed), budget)
    try:
        (hyperband if method in RULES else random_search)(log, np.random.default_rng(seed), method)
    except P.Stop:
        return log.rows


if __name__ == "__main__":
    for name in sys.argv[1].split(","):
        for method in (*RULES, "random_search"):
            begin = time.time()
            runs = [run(name, seed, float(sys.argv[3]), method) for seed in range(int(sys.argv[2]))]
            with open(f"out/{name}__{method}.json", "w") as file:
                json.dump({"problem": name, "algo": method, "runs": runs, "secs": time.time() - begin}, file)
            print(name, method, round(time.time() - begin, 1), flush=True)
