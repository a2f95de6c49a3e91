"""HpBandSter's BOHB and HyperBand, whole package (Pyro4 name server and worker on 127.0.0.1)."""
import json
import logging
import random
import sys
import time
import warnings

warnings.filterwarnings("ignore"); logging.disable(logging.CRITICAL)
import ConfigSpace as CS
import ConfigSpace.hyperparameters as H
import hpbandster.core.nameserver as hpns
import numpy as np
import problems as P
from hpbandster.core.worker import Worker
from hpbandster.optimizers import BOHB, HyperBand


def space(prob, seed):
    cs = CS.ConfigurationSpace(seed=seed)
    for k, v in prob.space.items():
        cs.add_hyperparameter(H.UniformFloatHyperparameter(k, v[1], v[2]) if v[0] == "float" else (H.UniformIntegerHyperparameter(k, 0, v[1] - 1) if v[0] == "ord" else H.CategoricalHyperparameter(k, list(range(v[1])))))
    return cs
class W(Worker):
    def __init__(self, log, **k):
        super().__init__(**k); self.log = log
    def compute(self, config_id, config, budget, **k):
        return {"loss": self.log(dict(config), budget, inst=tuple(config_id)), "info": 0}
def run(prob, seed, algo, iters=15):
    np.random.seed(seed); random.seed(seed)
    log = P.Log(prob, 1e18); rid = f"r{seed}{time.time()}"
    ns = hpns.NameServer(run_id=rid, host="127.0.0.1", port=0); h, p = ns.start()
    w = W(log, nameserver="127.0.0.1", nameserver_port=p, host="127.0.0.1", run_id=rid); w.run(background=True)
    o = (BOHB if algo == "hpbandster_bohb" else HyperBand)(configspace=space(prob, seed), run_id=rid, nameserver="127.0.0.1", nameserver_port=p, host="127.0.0.1", min_budget=1, max_budget=P.R, eta=3)
    o.run(n_iterations=iters); o.shutdown(shutdown_workers=True); ns.shutdown()
    return log.rows
if __name__ == "__main__":
    names, seeds, algos = sys.argv[1].split(","), int(sys.argv[2]), sys.argv[3].split(",")
    for n in names:
        for a in algos:
            try:
                t0 = time.time(); runs = []
                for s in range(seeds):
                    runs.append(run(P.get(n, s), s, a)); json.dump(dict(problem=n, algo=a, runs=runs, secs=time.time() - t0), open(f"out/{n}__{a}.json", "w"))
                print(n, a, round(time.time() - t0, 1), len(runs[0]), flush=True)
            except Exception as e:
                import traceback; traceback.print_exc(limit=-4); print(n, a, "FAILED", type(e).__name__, e, flush=True)
