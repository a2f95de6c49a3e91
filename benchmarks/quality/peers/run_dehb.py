import json
import shutil
import sys
import tempfile
import time
import warnings

warnings.filterwarnings("ignore")
import ConfigSpace as CS
import problems as P
from dehb import DEHB


def space(prob, seed):
    cs = CS.ConfigurationSpace(seed=seed)
    for k, v in prob.space.items():
        cs.add(CS.UniformFloatHyperparameter(k, v[1], v[2]) if v[0] == "float" else (CS.UniformIntegerHyperparameter(k, 0, v[1] - 1) if v[0] == "ord" else CS.CategoricalHyperparameter(k, list(range(v[1])))))
    return cs
def run(prob, seed, budget):
    log = P.Log(prob, budget); d = tempfile.mkdtemp(); cs = space(prob, seed)
    o = DEHB(f=None, cs=cs, dimensions=len(prob.space), min_fidelity=1, max_fidelity=P.R, eta=3, n_workers=1, output_path=d, seed=seed, log_level="ERROR")
    try:
        while True:
            j = o.ask(); c = dict(j["config"]); r = int(round(j["fidelity"]))
            l = log(c, r, inst=j["config_id"])
            o.tell(j, {"fitness": l, "cost": float(r), "info": {}})
    except P.Stop: pass
    shutil.rmtree(d, ignore_errors=True)
    return log.rows
if __name__ == "__main__":
    names, seeds, budget = sys.argv[1].split(","), int(sys.argv[2]), float(sys.argv[3])
    for n in names:
        t0 = time.time(); runs = [run(P.get(n, s), s, budget) for s in range(seeds)]
        json.dump(dict(problem=n, algo="dehb", runs=runs, secs=time.time() - t0), open(f"out/{n}__dehb.json", "w"))
        print(n, "dehb", round(time.time() - t0, 1), flush=True)
