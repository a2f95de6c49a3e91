"""Problems shared by every runner: same space, same fidelity 1..81, same loss for every optimiser.
numpy only, so that it imports in every peer's own venv."""
import importlib.util
import os
import sys

import numpy as np

R = 81
# generators.py of the package mf-prior-bench 1.10.0, loaded alone so that its other dependencies are not needed:
# pip download --no-deps mf-prior-bench==1.10.0, unzip, and name mfpbench/synthetic/hartmann/generators.py here
_GEN = os.environ.get("MFH_GENERATORS", "generators.py")

def _gen():
    spec = importlib.util.spec_from_file_location("mfh_generators", _GEN)
    m = importlib.util.module_from_spec(spec); sys.modules["mfh_generators"] = m
    spec.loader.exec_module(m)
    return m

class MFH:
    """MFHartmann of mf-prior-bench 1.10.0 (generators.py, unchanged), n_fidelities=81."""
    def __init__(self, dim, bias, noise, noise_seed):
        g = _gen(); cls = g.MFHartmann3 if dim == 3 else g.MFHartmann6
        self.g = cls(n_fidelities=R, fidelity_bias=bias, fidelity_noise=noise, seed=noise_seed)
        self.space = {f"X_{i}": ("float", 0.0, 1.0) for i in range(dim)}
        self.fopt = {3: -3.86278, 6: -3.32237}[dim]
    def loss(self, cfg, r):
        return self.g(int(r), tuple(float(cfg[k]) for k in self.space))
    def true(self, cfg):
        return self.g(R, tuple(float(cfg[k]) for k in self.space))
    def key(self, cfg):
        return tuple(round(float(cfg[k]), 12) for k in self.space)

class Digits:
    """Table: 2304 MLP configs x 81 epochs on sklearn digits (make_digits_table.py). loss = validation log loss."""
    def __init__(self):
        self.T = np.load(os.path.join(os.path.dirname(__file__), "data/digits_mlp.npz"))["T"][..., 0]
        self.levels = dict(lr=9, alpha=4, hidden=4, batch=4, solver=2, act=2)
        self.space = {k: (("ord", n) if n > 2 else ("cat", n)) for k, n in self.levels.items()}
        self.fopt = float(self.T[..., R - 1].min())
    def _ix(self, cfg):
        return tuple(int(cfg[k]) for k in self.levels)
    def loss(self, cfg, r):
        return float(self.T[self._ix(cfg) + (int(r) - 1,)])
    def true(self, cfg):
        return float(self.T[self._ix(cfg) + (R - 1,)])
    def key(self, cfg):
        return self._ix(cfg)

NAMES = ["mfh3_good", "mfh6_good", "mfh6_terrible", "digits"]

def get(name, seed=0):
    if name == "digits":
        return Digits()
    dim = int(name[3]); b, n = {"good": (2.5, 2.0), "moderate": (3.0, 3.0), "bad": (3.5, 4.0), "terrible": (4.0, 5.0)}[name.split("_")[1]]
    return MFH(dim, b, n, seed + 1)

class Stop(Exception):
    pass

class Log:
    """Every evaluation goes through here. Stops once the *resumed* cost (only the extra epochs of a config
    that was already trained to a lower budget are paid) reaches the budget; the restart cost is kept too."""
    def __init__(self, prob, budget):
        self.p, self.budget = prob, budget
        self.rows, self.seen = [], {}
        self.c_restart = self.c_resume = 0.0
    def done(self):
        return self.c_resume >= self.budget
    def __call__(self, cfg, r, native_resume=False, inst=None):
        """inst: identity of the trial (two trials of equal config do not share training)."""
        if self.done():
            raise Stop
        r = int(round(float(r)))
        r = max(1, min(R, r))
        k = (self.p.key(cfg), inst)
        prev = self.seen.get(k, 0)
        self.c_resume += max(0, r - prev)
        self.c_restart += max(0, r - prev) if native_resume else r
        self.seen[k] = max(prev, r)
        l = self.p.loss(cfg, r)
        self.rows.append((self.c_restart, self.c_resume, r, l, self.p.true(cfg)))
        return l

def trace(rows, cost_col, grid):
    """Incumbent = lowest observed loss among the evaluations at the highest budget reached so far;
    value = its noise-free loss at R. Returned on a grid of costs (inf before the first evaluation)."""
    out, j, best, br, bv = [], 0, np.inf, 0, np.inf
    for g in grid:
        while j < len(rows) and rows[j][cost_col] <= g:
            _, _, r, l, t = rows[j]
            if r > br:
                br, best, bv = r, l, t
            elif r == br and l < best:
                best, bv = l, t
            j += 1
        out.append(bv)
    return np.array(out)
