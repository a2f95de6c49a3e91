"""In-process: Hyperband with random sampling, three bracket rules, and random search."""
import json
import math
import sys
import time

import numpy as np
import problems as P


def sampler(space, rng):
    return {k: (rng.uniform(v[1], v[2]) if v[0] == "float" else int(rng.integers(v[1]))) for k, v in space.items()}

def brackets(rule, eta=3, R=81, smax=4):
    if rule == "upstream":      # ceil((smax+1) eta^s/(s+1)), floor(n/eta^i): the paper's Algorithm 1 and upstream
        return [[(math.ceil((smax + 1) * eta**s / (s + 1)) // eta**i, R // eta**(s - i)) for i in range(s + 1)] for s in range(smax, -1, -1)]
    if rule == "table1":        # floor((smax+1)/(s+1)) eta^s: the paper's Table 1 (HpBandSter, DEHB, NePS)
        return [[((smax + 1) // (s + 1) * eta**s // eta**i, R // eta**(s - i)) for i in range(s + 1)] for s in range(smax, -1, -1)]

def hb(log, rng, rule, unique=True):
    used = set()
    inst = 0
    while True:
        for b in brackets(rule):
            cs = []
            for _ in range(b[0][0]):
                for _ in range(27):
                    c = sampler(log.p.space, rng)
                    if not unique or log.p.key(c) not in used: break
                used.add(log.p.key(c)); inst += 1; cs.append((c, inst))
            for (n, r) in b:
                cs = cs[:n]
                ls = [log(c, r, inst=i) for c, i in cs]
                o = np.argsort(ls, kind="stable"); cs = [cs[j] for j in o]

def sh(log, rng):               # only the most exploratory bracket, repeated
    inst = 0
    while True:
        b = brackets("upstream")[0]
        cs = []
        for _ in range(b[0][0]):
            inst += 1; cs.append((sampler(log.p.space, rng), inst))
        for (n, r) in b:
            cs = cs[:n]; ls = [log(c, r, inst=i) for c, i in cs]
            o = np.argsort(ls, kind="stable"); cs = [cs[j] for j in o]

def rs(log, rng):
    i = 0
    while True:
        i += 1; log(sampler(log.p.space, rng), P.R, inst=i)

ALGOS = {"random_search": rs, "hb_upstream": lambda l, r: hb(l, r, "upstream"), "hb_table1": lambda l, r: hb(l, r, "table1"), "sh_most_exploratory": sh}
if __name__ == "__main__":
    names, seeds, budget = sys.argv[1].split(","), int(sys.argv[2]), float(sys.argv[3])
    for name in names:
        for a, f in ALGOS.items():
            runs, t0 = [], time.time()
            for s in range(seeds):
                log = P.Log(P.get(name, s), budget)
                try: f(log, np.random.default_rng(s))
                except P.Stop: pass
                runs.append(log.rows)
            json.dump(dict(problem=name, algo=a, runs=runs, secs=time.time() - t0), open(f"out/{name}__{a}.json", "w"))
            print(name, a, round(time.time() - t0, 1), flush=True)
