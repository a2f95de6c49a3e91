import json
import logging
import os
import shutil
import sys
import tempfile
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore"); logging.disable(logging.CRITICAL)
from pathlib import Path

import ConfigSpace as CS
import problems as P
from smac import MultiFidelityFacade, Scenario
from smac.runhistory.dataclasses import TrialValue


def space(prob, seed):
    cs = CS.ConfigurationSpace(seed=seed)
    for k, v in prob.space.items():
        cs.add(CS.UniformFloatHyperparameter(k, v[1], v[2]) if v[0] == "float" else (CS.UniformIntegerHyperparameter(k, 0, v[1] - 1) if v[0] == "ord" else CS.CategoricalHyperparameter(k, list(range(v[1])))))
    return cs
def run(prob, seed, budget):
    log = P.Log(prob, budget); d = tempfile.mkdtemp()
    sc = Scenario(space(prob, seed), deterministic=True, n_trials=100000, min_budget=1, max_budget=P.R, seed=seed, output_directory=Path(d))
    f = MultiFidelityFacade(sc, lambda config, seed=0, budget=0: 0.0, intensifier=MultiFidelityFacade.get_intensifier(sc, eta=3), overwrite=True, logging_level=50)
    try:
        while True:
            i = f.ask(); c = dict(i.config)
            l = log(c, i.budget)
            f.tell(i, TrialValue(cost=l, time=0.0), save=False)
    except P.Stop: pass
    shutil.rmtree(d, ignore_errors=True)
    return log.rows
if __name__ == "__main__":
    names, seeds, budget = sys.argv[1].split(","), int(sys.argv[2]), float(sys.argv[3])
    for n in names:
        t0 = time.time(); runs = []
        for s in range(seeds):
            runs.append(run(P.get(n, s), s, budget)); json.dump(dict(problem=n, algo="smac_mf", runs=runs, secs=time.time() - t0), open(f"out/{n}__smac_mf.json", "w"))
        print(n, "smac_mf", round(time.time() - t0, 1), len(runs[0]), flush=True)
