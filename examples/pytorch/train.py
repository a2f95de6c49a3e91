"""python train.py DIRECTORY EPOCHS: tell two spirals apart, resuming from a checkpoint if there is one.

A network that was interrupted or promoted ends up the same as one that was trained in one go: whatever is
random depends on the seed and on the number of the epoch.
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn

directory, epochs = Path(sys.argv[1]), int(sys.argv[2])
config = json.loads((directory / "config").read_text(encoding="utf-8"))
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)


def spirals(number: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw points of two spirals, and which spiral each belongs to."""
    source = torch.Generator().manual_seed(seed)
    turn = 4.5 * torch.rand(number, generator=source)
    arm = torch.randint(2, (number,), generator=source)
    angle = turn + torch.pi * arm
    points = turn[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
    return points + 0.2 * torch.randn(number, 2, generator=source), arm


def build() -> nn.Sequential:
    """Make a network that has learned nothing."""
    torch.manual_seed(config["seed"])
    layers: list[nn.Module] = []
    for before in [2] + [config["width"]] * (config["layers"] - 1):
        layers += [nn.Linear(before, config["width"]), getattr(nn, config["activation"])()]
        layers.append(nn.Dropout(config["dropout"]))
    return nn.Sequential(*layers, nn.Linear(config["width"], 2))


x, y = spirals(512, seed=1)
x_valid, y_valid = spirals(512, seed=2)
model = build()
optimizer = torch.optim.AdamW(model.parameters(), lr=config["lr"], weight_decay=config["weight_decay"])
checkpoint, start = directory / "checkpoint.pt", 0
if checkpoint.exists():  # left by an interrupted attempt, or carried from the stage below
    state = torch.load(checkpoint)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    start = state["epoch"]
    print(f"resuming after epoch {start}")

for epoch in range(start, epochs):
    torch.manual_seed(config["seed"] + epoch + 1)  # order and dropout of this epoch, wherever training began
    model.train()
    for batch in torch.randperm(len(x)).split(config["batch_size"]):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
        optimizer.step()
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch + 1}
    torch.save(state, checkpoint.with_suffix(".tmp"))
    checkpoint.with_suffix(".tmp").replace(checkpoint)  # never half a checkpoint

model.eval()
with torch.no_grad():
    loss = nn.functional.cross_entropy(model(x_valid), y_valid).item()
print(f"epoch {epochs}: validation loss {loss:.4f}")
(directory / "result").write_text(f"{loss}\n", encoding="utf-8")
