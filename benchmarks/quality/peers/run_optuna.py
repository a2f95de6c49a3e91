"""Optuna: TPE (and random) + HyperbandPruner. Reports at every step 1..81 would be the API's normal use; the loss is
reported at each rung-relevant step only (1,3,9,27,81), which is where HyperbandPruner can act."""
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import optuna; optuna.logging.set_verbosity(optuna.logging.ERROR)
import problems as P


def run(prob, seed, budget, algo):
    log = P.Log(prob, budget)
    if algo == "optuna_tpe_hb":   s = optuna.samplers.TPESampler(seed=seed, multivariate=False)
    elif algo == "optuna_tpe_mv_hb": s = optuna.samplers.TPESampler(seed=seed, multivariate=True)
    elif algo == "optuna_random_hb": s = optuna.samplers.RandomSampler(seed=seed)
    elif algo == "optuna_tpe_full": s = optuna.samplers.TPESampler(seed=seed)
    pr = optuna.pruners.NopPruner() if algo == "optuna_tpe_full" else optuna.pruners.HyperbandPruner(min_resource=1, max_resource=P.R, reduction_factor=3)
    st = optuna.create_study(direction="minimize", sampler=s, pruner=pr, study_name=f"s{seed}")
    def obj(t):
        c = {}
        for k, v in prob.space.items():
            c[k] = t.suggest_float(k, v[1], v[2]) if v[0] == "float" else (t.suggest_int(k, 0, v[1] - 1) if v[0] == "ord" else t.suggest_categorical(k, list(range(v[1]))))
        if algo == "optuna_tpe_full":
            return log(c, P.R, native_resume=True, inst=t.number)
        for r in (1, 3, 9, 27, 81):
            l = log(c, r, native_resume=True, inst=t.number)
            t.report(l, r)
            if r < 81 and t.should_prune():
                raise optuna.TrialPruned()
        return l
    try:
        st.optimize(obj, n_trials=None)
    except P.Stop: pass
    return log.rows
if __name__ == "__main__":
    names, seeds, budget, algos = sys.argv[1].split(","), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4].split(",")
    for n in names:
        for a in algos:
            t0 = time.time(); runs = [run(P.get(n, s), s, budget, a) for s in range(seeds)]
            json.dump(dict(problem=n, algo=a, runs=runs, secs=time.time() - t0), open(f"out/{n}__{a}.json", "w"))
            print(n, a, round(time.time() - t0, 1), flush=True)
