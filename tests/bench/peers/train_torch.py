"""Measures a PyTorch training step. One JSON request a line in, one answer out."""
import torch
import train_pace as pace
from json_lines import serve
from torch.nn import functional
from torch_models import model_of


def data_of(request):
    a, rows = request["architecture"], request["steps"] * request["batch"]
    if "tokens" in a:
        ids = torch.randint(2, a["tokens"], (rows, a["inputs"]))
        return ids[:, :-1].contiguous(), ids[:, 1:].contiguous()
    return torch.rand(rows, a["inputs"]), torch.randint(0, a["outputs"], (rows,))


def measure(request):
    torch.manual_seed(1)
    model = model_of(request["architecture"])
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=0.001, eps=1e-7)
    x, y = data_of(request)

    def step(rows):
        optimizer.zero_grad()
        logits = model(x[rows])
        loss = functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), y[rows].reshape(-1))
        loss.backward()
        optimizer.step()
        return loss.detach()

    rate, prepared = pace.measure(request, len(x), lambda rows: step(torch.from_numpy(rows)))
    return {
        "examplesPerSecond": rate,
        "parameters": sum(p.numel() for p in trained),
        "prepareSeconds": prepared,
        "peakMegabytes": pace.peak_megabytes(),
    }


serve(measure)
