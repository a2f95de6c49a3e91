"""Real training runs: programs that are trained for 1, 3, 9, 27 and 81 units of budget, with their search spaces.

Ten problems of five kinds, each kind on two sets of data. A training run continues from one budget to the next, so that
one of them has all five scores. All are losses, lower is better, on rows that took no part in training.

    boosting   gradient boosting, budget = trees; 7 parameters, all numbers
    network    a small network by numpy, budget = epochs; 8 parameters, one of them a choice
    linear     a linear model by SGD, budget = epochs; 11 parameters with choices and conditions
    pipeline   scaling, selection, projection, features and one of three models; 17 parameters, most of them conditional
    mislead    few noisy rows: what learns fastest is worst in the end; a network (1) and boosting (2)

A space is a mapping from name to (kind, ...), in the order of drawing: ("float" or "int", low, high, log) or
("choice", options). Conditions map a name to (parent, values of the parent with which it exists).
"""

import zlib

import numpy as np

BUDGETS = (1, 3, 9, 27, 81)
NAMES = [f"{kind}{number}" for number in (1, 2) for kind in ("boosting", "network", "linear", "pipeline", "mislead")]
WORST = 2.0  # losses are capped at this multiple of the loss of a constant prediction


def made(seed, rows, columns, useful, flipped, classes=2):  # noqa: PLR0917
    """Make rows of classes that are separated by a curved surface, some of them labelled wrongly."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns)) @ (np.eye(columns) + 0.3 * rng.normal(size=(columns, columns)) / columns**0.5)
    hidden = np.tanh(x[:, :useful] @ rng.normal(size=(useful, 12)) / useful**0.5 * 1.6 + rng.normal(size=12))
    score = hidden @ rng.normal(size=(12, classes))
    score += 0.4 * x[:, :useful] @ rng.normal(size=(useful, classes)) / useful**0.5
    y = (score - score.mean(0)).argmax(1)
    wrong = rng.random(rows) < flipped
    y[wrong] = rng.integers(classes, size=wrong.sum())
    return x * np.exp(rng.normal(size=columns)), y  # columns of different scales


def from_sklearn(name, seed):
    from sklearn import datasets  # noqa: PLC0415 (not needed to use the tables)

    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(x))
    return x[order].astype(float), y[order]


def data_of(name):
    """Rows of a problem: those to train with, and those to score with."""
    makers = {
        "boosting1": (lambda: made(1, 1100, 15, 8, 0.1), 500),
        "boosting2": (lambda: from_sklearn("breast_cancer", 2), 300),
        "network1": (lambda: made(3, 1300, 12, 8, 0.05, 3), 500),
        "network2": (lambda: from_sklearn("digits", 4), 400),
        "linear1": (lambda: made(5, 1600, 20, 10, 0.1), 600),
        "linear2": (lambda: from_sklearn("breast_cancer", 6), 280),
        "pipeline1": (lambda: made(7, 1400, 25, 10, 0.08), 500),
        "pipeline2": (lambda: made(8, 1500, 40, 8, 0.12), 500),
        "mislead1": (lambda: made(9, 1200, 12, 6, 0.2), 120),
        "mislead2": (lambda: made(10, 1200, 15, 8, 0.2), 160),
    }
    make, first = makers[name]
    x, y = make()
    return x[:first], y[:first], x[first:], y[first:]


BOOSTING = {
    "learning_rate": ("float", 0.005, 1.0, True),
    "max_leaf_nodes": ("int", 2, 64, True),
    "max_depth": ("int", 1, 10, False),
    "min_samples_leaf": ("int", 2, 100, True),
    "l2": ("float", 1e-5, 100.0, True),
    "max_features": ("float", 0.1, 1.0, False),
    "max_bins": ("int", 4, 255, True),
}
NETWORK = {
    "lr": ("float", 1e-3, 3.0, True),
    "momentum": ("float", 0.0, 0.98, False),
    "hidden": ("int", 4, 96, True),
    "batch": ("int", 16, 256, True),
    "decay": ("float", 1e-6, 0.1, True),
    "dropout": ("float", 0.0, 0.7, False),
    "init": ("float", 0.05, 5.0, True),
    "activation": ("choice", ["relu", "tanh"]),
}
LINEAR = {
    "features": ("choice", ["raw", "squares", "fourier"]),
    "gamma": ("float", 1e-3, 1.0, True),
    "components": ("int", 10, 150, True),
    "scaler": ("choice", ["none", "standard", "rank"]),
    "loss": ("choice", ["log_loss", "modified_huber", "hinge", "squared_error"]),
    "penalty": ("choice", ["l2", "l1", "elasticnet"]),
    "l1_ratio": ("float", 0.0, 1.0, False),
    "alpha": ("float", 1e-7, 1.0, True),
    "schedule": ("choice", ["optimal", "constant", "invscaling"]),
    "eta0": ("float", 1e-5, 1.0, True),
    "power_t": ("float", 0.05, 0.9, False),
}
PIPELINE = {
    "scaler": ("choice", ["none", "standard", "rank"]),
    "select": ("choice", ["all", "best"]),
    "share": ("float", 0.1, 1.0, False),
    "project": ("choice", ["none", "pca"]),
    "kept": ("float", 0.2, 1.0, False),
    "model": ("choice", ["boosting", "network", "linear"]),
    "learning_rate": ("float", 0.01, 1.0, True),
    "max_leaf_nodes": ("int", 2, 64, True),
    "min_samples_leaf": ("int", 2, 100, True),
    "l2": ("float", 1e-5, 100.0, True),
    "lr": ("float", 1e-3, 3.0, True),
    "hidden": ("int", 4, 64, True),
    "decay": ("float", 1e-6, 0.1, True),
    "dropout": ("float", 0.0, 0.7, False),
    "fourier": ("choice", ["no", "yes"]),
    "gamma": ("float", 1e-3, 1.0, True),
    "alpha": ("float", 1e-6, 1.0, True),
    "eta0": ("float", 1e-4, 1.0, True),
}
MISLEAD = {
    "lr": ("float", 3e-3, 3.0, True),
    "momentum": ("float", 0.0, 0.98, False),
    "hidden": ("int", 4, 96, True),
    "batch": ("int", 16, 120, True),
    "decay": ("float", 1e-6, 0.3, True),
    "dropout": ("float", 0.0, 0.8, False),
    "activation": ("choice", ["relu", "tanh"]),
}
WITH_LINEAR = {
    "gamma": ("features", ["fourier"]),
    "components": ("features", ["fourier"]),
    "l1_ratio": ("penalty", ["elasticnet"]),
    "eta0": ("schedule", ["constant", "invscaling"]),
    "power_t": ("schedule", ["invscaling"]),
}
WITH_PIPELINE = {
    "share": ("select", ["best"]),
    "kept": ("project", ["pca"]),
    **dict.fromkeys(("learning_rate", "max_leaf_nodes", "min_samples_leaf", "l2"), ("model", ["boosting"])),
    **dict.fromkeys(("lr", "hidden", "decay", "dropout"), ("model", ["network"])),
    **dict.fromkeys(("fourier", "alpha", "eta0"), ("model", ["linear"])),
    "gamma": ("fourier", ["yes"]),
}


def space_of(name):
    """Give the parameters of a problem in the order of drawing, and their conditions."""
    kind = name[:-1]
    if kind == "mislead":
        return (MISLEAD, {}) if name == "mislead1" else (BOOSTING, {})
    return {
        "boosting": (BOOSTING, {}),
        "network": (NETWORK, {}),
        "linear": (LINEAR, WITH_LINEAR),
        "pipeline": (PIPELINE, WITH_PIPELINE),
    }[kind]


def train(name, config, data):
    """Train with a configuration; the loss at each of `BUDGETS`."""
    xt, yt, xv, yv = data
    kind = name[:-1]
    seed = zlib.crc32(repr(sorted(config.items())).encode())
    if kind == "mislead":
        kind = "network" if name == "mislead1" else "boosting"
    if kind in ("network", "linear", "pipeline"):
        xt, xv = prepared(config, xt, yt, xv, "standard" if kind == "network" else config["scaler"])
    kind = config["model"] if kind == "pipeline" else kind
    with np.errstate(all="ignore"):
        losses = {"boosting": boosting, "network": network, "linear": linear}[kind](config, seed, xt, yt, xv, yv)
    shares = np.bincount(yv) / len(yv)
    worst = WORST * float(-(shares * np.log(shares)).sum())
    return np.minimum(np.where(np.isfinite(losses), losses, worst), worst)


def prepared(config, xt, yt, xv, scaler):
    """Scale, select and project."""
    if scaler == "standard":
        middle, width = xt.mean(0), xt.std(0) + 1e-9
        xt, xv = (xt - middle) / width, (xv - middle) / width
    elif scaler == "rank":
        ordered = np.sort(xt, axis=0)
        xt, xv = (
            np.stack([np.searchsorted(ordered[:, i], x[:, i]) / len(ordered) for i in range(x.shape[1])], 1) * 3 - 1.5
            for x in (xt, xv)
        )
    if config.get("select") == "best":
        target = yt - yt.mean()
        strength = np.abs((xt - xt.mean(0)).T @ target) / (xt.std(0) + 1e-9)
        kept = np.argsort(-strength)[: max(1, round(config["share"] * xt.shape[1]))]
        xt, xv = xt[:, kept], xv[:, kept]
    if config.get("project") == "pca":
        middle = xt.mean(0)
        axes = np.linalg.svd(xt - middle, full_matrices=False)[2][: max(1, round(config["kept"] * xt.shape[1]))]
        xt, xv = (xt - middle) @ axes.T, (xv - middle) @ axes.T
    return xt, xv


def log_loss(p, y):
    return float(-np.log(np.clip(p[np.arange(len(y)), y], 1e-6, 1)).mean())


def boosting(config, seed, xt, yt, xv, yv):  # noqa: PLR0917
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    model = HistGradientBoostingClassifier(
        learning_rate=config["learning_rate"],
        max_leaf_nodes=config["max_leaf_nodes"],
        max_depth=config.get("max_depth"),
        min_samples_leaf=config["min_samples_leaf"],
        l2_regularization=config["l2"],
        max_features=config.get("max_features", 1.0),
        max_bins=config.get("max_bins", 64),
        max_iter=BUDGETS[-1],
        early_stopping=False,
        random_state=seed,
    ).fit(xt, yt)
    losses = [log_loss(p, yv) for p in model.staged_predict_proba(xv)]
    return np.array([losses[min(budget, len(losses)) - 1] for budget in BUDGETS])


def softmax(z):
    z = np.exp(z - z.max(1, keepdims=True))
    return z / z.sum(1, keepdims=True)


def network(config, seed, xt, yt, xv, yv):  # noqa: PLR0917
    """One hidden layer, by stochastic gradient descent with momentum."""
    rng = np.random.default_rng(seed)
    classes, hidden = int(yt.max()) + 1, config["hidden"]
    targets = np.eye(classes)[yt]
    scale = config.get("init", 1.0)
    weights = [
        rng.normal(size=(xt.shape[1], hidden)) * scale / xt.shape[1] ** 0.5,
        np.zeros(hidden),
        rng.normal(size=(hidden, classes)) * scale / hidden**0.5,
        np.zeros(classes),
    ]
    speed = [np.zeros_like(w) for w in weights]
    relu = config.get("activation", "relu") == "relu"
    drop, lr, momentum, decay = config["dropout"], config["lr"], config.get("momentum", 0.9), config["decay"]
    batch, losses = config.get("batch", 64), []

    def layer(x):
        z = x @ weights[0] + weights[1]
        return np.maximum(z, 0) if relu else np.tanh(z)

    for epoch in range(1, BUDGETS[-1] + 1):
        order = rng.permutation(len(xt))
        for at in range(0, len(xt), batch):
            rows = order[at : at + batch]
            x, h = xt[rows], layer(xt[rows])
            mask = (rng.random(h.shape) >= drop) / (1 - drop)
            hd = h * mask
            d2 = (softmax(hd @ weights[2] + weights[3]) - targets[rows]) / len(rows)
            d1 = d2 @ weights[2].T * mask * ((h > 0) if relu else 1 - h * h)
            slopes = [x.T @ d1 + decay * weights[0], d1.sum(0), hd.T @ d2 + decay * weights[2], d2.sum(0)]
            for i in range(4):
                speed[i] = momentum * speed[i] - lr * (1 - momentum) * slopes[i]
                weights[i] += speed[i]
        if epoch in BUDGETS:
            losses.append(log_loss(softmax(layer(xv) @ weights[2] + weights[3]), yv))
            if not np.isfinite(weights[0]).all():
                return np.array(losses + [np.nan] * (len(BUDGETS) - len(losses)))
    return np.array(losses)


def linear(config, seed, xt, yt, xv, yv):  # noqa: PLR0917
    """Scikit-learn's SGD, one pass for a unit of budget; its scores become probabilities by their signs and sizes."""
    from sklearn.linear_model import SGDClassifier  # noqa: PLC0415

    rng = np.random.default_rng(seed)
    kind = config.get("features", "fourier" if config.get("fourier") == "yes" else "raw")
    if kind == "squares":
        xt, xv = (np.hstack([x, x * x]) for x in (xt, xv))
    elif kind == "fourier":
        number = config.get("components", 60)
        turned = rng.normal(size=(xt.shape[1], number)) * (2 * config["gamma"]) ** 0.5
        shift = rng.random(number) * 2 * np.pi
        xt, xv = (np.cos(x @ turned + shift) * (2 / number) ** 0.5 * 3 for x in (xt, xv))
    model = SGDClassifier(
        loss=config.get("loss", "log_loss"),
        penalty=config.get("penalty", "l2"),
        l1_ratio=config.get("l1_ratio", 0.15),
        alpha=config["alpha"],
        learning_rate=config.get("schedule", "constant"),
        eta0=config.get("eta0", 0.01),
        power_t=config.get("power_t", 0.5),
        random_state=seed,
    )
    losses = []
    for epoch in range(1, BUDGETS[-1] + 1):
        order = rng.permutation(len(xt))
        try:
            model.partial_fit(xt[order], yt[order], classes=[0, 1])
        except ValueError:  # its weights are no numbers any more
            return np.array(losses + [np.nan] * (len(BUDGETS) - len(losses)))
        if epoch in BUDGETS:
            z = np.clip(model.decision_function(xv), -30, 30)
            p = 1 / (1 + np.exp(-z))
            losses.append(log_loss(np.stack([1 - p, p], 1), yv))
    return np.array(losses)
