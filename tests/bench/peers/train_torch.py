"""Measures a PyTorch training step. One JSON request a line in, one answer out."""
import json
import sys
import time

import torch
from torch import nn

STEPS = 100  # per epoch, in all programs


def measure(units, batch, seconds):
    layers = []
    for before, after in zip(units, units[1:]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    x = torch.rand(STEPS * batch, units[0])
    y = torch.randint(0, units[-1], (len(x),))

    def epoch():
        order = torch.randperm(len(x))
        losses = []
        for i in range(STEPS):
            rows = order[i * batch : (i + 1) * batch]
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
            if len(losses) == 20:
                [loss.item() for loss in losses]
                losses = []

    epoch()
    since, epochs = time.perf_counter(), 0
    while time.perf_counter() - since < seconds:
        epoch()
        epochs += 1
    return epochs * len(x) / (time.perf_counter() - since)


for line in sys.stdin:
    request = json.loads(line)
    torch.manual_seed(1)
    rate = measure(request["units"], request["batch"], request["seconds"])
    print(json.dumps({"examplesPerSecond": rate}), flush=True)
