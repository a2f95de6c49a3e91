"""Precompute a table on sklearn's bundled digits data (no download): a one-hidden-layer MLP,
2304 configs x 81 epochs; validation log loss / validation error / test error after every epoch.
The training is a batched numpy re-implementation of sklearn's MLPClassifier update rules (SGD with
Nesterov momentum 0.9, Adam 0.9/0.999, L2 alpha, Glorot-uniform init), because 2304 sklearn fits take
over an hour on one shared core and this takes a few minutes: 36 (lr, alpha) settings are trained at once.
Grid (all ordinal/categorical, so that every optimiser can be run on it exactly):
  lr 9 (1e-4..1e0), alpha 4, hidden 4, batch 4, solver 2, act 2.
"""
import os

for v in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[v] = "1"
import itertools
import time
import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

warnings.filterwarnings("ignore")
np.seterr(all="ignore")

SPACE = {
    "lr": [float(10 ** e) for e in np.linspace(-4, 0, 9)],
    "alpha": [1e-6, 1e-4, 1e-2, 1e0],
    "hidden": [4, 16, 64, 128],
    "batch": [16, 32, 64, 128],
    "solver": ["sgd", "adam"],
    "act": ["relu", "tanh"],
}
R = 81
X, y = load_digits(return_X_y=True)
X = (X / 16.0).astype(np.float32)
Xtr, Xrest, ytr, yrest = train_test_split(X, y, train_size=500, random_state=0, stratify=y)
Xva, Xte, yva, yte = train_test_split(Xrest, yrest, train_size=600, random_state=0, stratify=yrest)
Y = np.eye(10, dtype=np.float32)[ytr]

def softmax(z):
    z = z - z.max(-1, keepdims=True)
    e = np.exp(z)
    return e / e.sum(-1, keepdims=True)

def group(hidden, batch, solver, act, seed=0):
    la = list(itertools.product(SPACE["lr"], SPACE["alpha"]))
    G = len(la)
    lr = np.array([a for a, _ in la], np.float32)[:, None, None]
    al = np.array([b for _, b in la], np.float32)[:, None, None]
    rng = np.random.RandomState(seed)
    f = (2.0 if act == "tanh" else 6.0)          # sklearn: sigmoid 2, others 6; kept as 6 for both below
    b1 = np.sqrt(6.0 / (64 + hidden)); b2 = np.sqrt(6.0 / (hidden + 10))
    P = [np.broadcast_to(rng.uniform(-b1, b1, (64, hidden)).astype(np.float32), (G, 64, hidden)).copy(),
         np.broadcast_to(rng.uniform(-b1, b1, (1, hidden)).astype(np.float32), (G, 1, hidden)).copy(),
         np.broadcast_to(rng.uniform(-b2, b2, (hidden, 10)).astype(np.float32), (G, hidden, 10)).copy(),
         np.broadcast_to(rng.uniform(-b2, b2, (1, 10)).astype(np.float32), (G, 1, 10)).copy()]
    M = [np.zeros_like(p) for p in P]; V = [np.zeros_like(p) for p in P]
    out = np.empty((G, R, 3), np.float32); t = 0
    fa = (lambda z: np.maximum(z, 0)) if act == "relu" else np.tanh
    for e in range(R):
        perm = rng.permutation(len(Xtr))
        for k in range(0, len(Xtr), batch):
            ix = perm[k:k + batch]; xb, yb = Xtr[ix], Y[ix]; n = len(ix)
            h = fa(np.matmul(xb[None], P[0]) + P[1])
            d2 = (softmax(np.matmul(h, P[2]) + P[3]) - yb) / n
            d1 = np.matmul(d2, P[2].transpose(0, 2, 1)) * ((h > 0) if act == "relu" else (1 - h * h))
            g = [np.matmul(xb.T[None], d1) + al * P[0] / n, d1.sum(1, keepdims=True),
                 np.matmul(h.transpose(0, 2, 1), d2) + al * P[2] / n, d2.sum(1, keepdims=True)]
            t += 1
            for i in range(4):
                if solver == "sgd":
                    M[i] = 0.9 * M[i] - lr * g[i]
                    P[i] += 0.9 * M[i] - lr * g[i]
                else:
                    M[i] = 0.9 * M[i] + 0.1 * g[i]; V[i] = 0.999 * V[i] + 0.001 * g[i] ** 2
                    P[i] -= lr * np.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t) * M[i] / (np.sqrt(V[i]) + 1e-8)
        pv = softmax(np.matmul(fa(np.matmul(Xva[None], P[0]) + P[1]), P[2]) + P[3])
        pt = np.matmul(fa(np.matmul(Xte[None], P[0]) + P[1]), P[2]) + P[3]
        ll = -np.log(np.clip(pv[:, np.arange(len(yva)), yva], 1e-12, 1)).mean(1)
        out[:, e, 0] = np.where(np.isfinite(ll), np.minimum(ll, 10), 10)
        out[:, e, 1] = np.where(np.isfinite(ll), 1 - (pv.argmax(-1) == yva).mean(1), 0.9)
        out[:, e, 2] = np.where(np.isfinite(ll), 1 - (pt.argmax(-1) == yte).mean(1), 0.9)
    return out.reshape(9, 4, R, 3)

if __name__ == "__main__":
    T = np.zeros([len(v) for v in SPACE.values()] + [R, 3], np.float32)
    t0 = time.time()
    for hi, h in enumerate(SPACE["hidden"]):
        for bi, b in enumerate(SPACE["batch"]):
            for si, s in enumerate(SPACE["solver"]):
                for ai, a in enumerate(SPACE["act"]):
                    T[:, :, hi, bi, si, ai] = group(h, b, s, a)
            print(h, b, round(time.time() - t0, 1), flush=True)
    np.savez_compressed(os.path.join(os.path.dirname(os.path.abspath(__file__)), "data/digits_mlp.npz"), T=T)
    print("done", time.time() - t0)
