import datetime
import json
import logging
import sys
import time
import warnings

warnings.filterwarnings("ignore"); logging.disable(logging.CRITICAL)
import numpy as np
import problems as P
from syne_tune.backend.trial_status import Trial
from syne_tune.config_space import choice, randint, uniform
from syne_tune.optimizer import baselines as B
from syne_tune.optimizer.scheduler import SchedulerDecision


def space(prob):
    return {k: (uniform(v[1], v[2]) if v[0] == "float" else (randint(0, v[1] - 1) if v[0] == "ord" else choice(list(range(v[1]))))) for k, v in prob.space.items()}
ALG = {"syne_asha": B.ASHA, "syne_bohb": B.BOHB, "syne_ashabore": B.ASHABORE, "syne_ashacqr": B.ASHACQR}
def run(prob, seed, budget, algo, brackets):
    np.random.seed(seed)
    log = P.Log(prob, budget)
    s = ALG[algo](space(prob), metric="loss", time_attr="epoch", max_t=P.R, do_minimize=True, random_seed=seed, grace_period=1, reduction_factor=3, brackets=brackets)
    i = 0
    try:
        while True:
            c = s.suggest().config
            t = Trial(trial_id=i, config=c, creation_time=datetime.datetime.now())
            s.on_trial_add(t)
            for r in (1, 3, 9, 27, 81):
                l = log(c, r, native_resume=True, inst=i); res = {"loss": l, "epoch": r}
                if r == 81:
                    s.on_trial_result(t, res); s.on_trial_complete(t, res); break
                if s.on_trial_result(t, res) == SchedulerDecision.STOP:
                    s.on_trial_remove(t) if hasattr(s, "on_trial_remove") else None
                    break
            i += 1
    except P.Stop: pass
    return log.rows
if __name__ == "__main__":
    names, seeds, budget, algos = sys.argv[1].split(","), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4].split(",")
    for n in names:
        for a in algos:
            for br in (1,):
                nm = a + ("" if br == 1 else f"_b{br}")
                try:
                    t0 = time.time(); runs = []
                    for s in range(seeds):
                        runs.append(run(P.get(n, s), s, budget, a, br)); json.dump(dict(problem=n, algo=nm, runs=runs, secs=time.time() - t0), open(f"out/{n}__{nm}.json", "w"))
                    print(n, nm, round(time.time() - t0, 1), len(runs[0]), flush=True)
                except Exception as e:
                    import traceback; traceback.print_exc(limit=-3); print(n, nm, "FAILED", type(e).__name__, e, flush=True)
