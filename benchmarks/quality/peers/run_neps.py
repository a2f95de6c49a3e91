import json
import logging
import os
import sys
import time
import warnings

warnings.filterwarnings("ignore"); logging.disable(logging.CRITICAL)
os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np; import random; import torch; torch.set_num_threads(1)
import neps
import problems as P


def space(prob, prior=False):
    d = {}
    for k, v in prob.space.items():
        if v[0] == "float": d[k] = neps.Float(v[1], v[2])
        elif v[0] == "ord": d[k] = neps.Integer(0, v[1] - 1)
        else: d[k] = neps.Categorical(list(range(v[1])))
    d["epoch"] = neps.IntegerFidelity(1, P.R)
    return type("S", (neps.PipelineSpace,), d)()
def make(prob, algo):
    s = space(prob); A = neps.algorithms
    if algo == "neps_hyperband": return A.hyperband(s, eta=3)
    if algo == "neps_asha": return A.asha(s, eta=3)
    if algo == "neps_async_hb": return A.async_hb(s, eta=3)
    if algo == "neps_hyperband_bo": return A.hyperband(s, eta=3, sampler="uniform")
    if algo == "neps_priorband": return A.priorband(s, eta=3)
    if algo == "neps_priorband_bo": return A.priorband(s, eta=3, bayesian_optimization_kick_in_point=5)
    if algo == "neps_ifbo": return A.ifbo(s)
def run(prob, seed, budget, algo):
    log = P.Log(prob, budget); np.random.seed(seed); random.seed(seed); torch.manual_seed(seed)
    o = neps.AskAndTell(optimizer=make(prob, algo))
    try:
        while True:
            t = o.ask(); c = dict(t.config); r = int(c["epoch"])
            l = log(c, r, inst=t.metadata.id.split("_")[0])
            o.tell(t.metadata.id, l)
    except P.Stop: pass
    return log.rows
if __name__ == "__main__":
    names, seeds, budget, algos = sys.argv[1].split(","), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4].split(",")
    for n in names:
        for a in algos:
            try:
                t0 = time.time(); runs = []
                for s in range(seeds):
                    runs.append(run(P.get(n, s), s, budget, a)); json.dump(dict(problem=n, algo=a, runs=runs, secs=time.time() - t0), open(f"out/{n}__{a}.json", "w"))
                print(n, a, round(time.time() - t0, 1), len(runs[0]), flush=True)
            except Exception as e:
                import traceback; traceback.print_exc(limit=-3); print(n, a, "FAILED", type(e).__name__, str(e)[:300], flush=True)
