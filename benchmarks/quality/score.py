import collections
import glob
import json

import numpy as np
import problems as P

GRID = [g * P.R for g in (5, 10, 25, 50)]
def table(cost_col):
    T = collections.defaultdict(dict)
    for f in sorted(glob.glob("out/*.json")):
        d = json.load(open(f)); fopt = P.get(d["problem"]).fopt
        tr = np.array([P.trace(r, cost_col, GRID) for r in d["runs"]]) - fopt
        T[d["problem"]][d["algo"]] = (tr, len(d["runs"]), d["secs"], [r[-1][cost_col] for r in d["runs"]])
    return T
if __name__ == "__main__":
    for col, nm in ((1, "RESUME accounting (a promoted config pays only the extra epochs)"), (0, "RESTART accounting (every evaluation pays its full budget; native pausers pay increments)")):
        print("\n## " + nm)
        for p, A in table(col).items():
            print(f"\n### {p}   regret of the incumbent at cost 5R, 10R, 25R, 50R: mean +- s.e. (n seeds)")
            for a, (tr, n, secs, last) in sorted(A.items(), key=lambda kv: kv[1][0][:, -1].mean()):
                m, se = tr.mean(0), tr.std(0, ddof=1) / np.sqrt(n)
                ok = min(last) >= GRID[-1] * .98
                print(f"{a:28s} " + "  ".join(f"{x:.4f}+-{y:.4f}" for x, y in zip(m, se)) + f"  n={n} {secs/n:.2f}s/run" + ("" if ok else f"  [stopped at {min(last)/P.R:.0f}R]"))
