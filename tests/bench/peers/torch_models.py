"""PyTorch models of the benchmarks, from sluice's words for a network."""
import torch
from torch import nn
from torch.nn import functional


def model_of(a):
    return BUILDERS[a["kind"]](a)


def mlp(a):
    units = [a["inputs"], *a["hidden"], a["outputs"]]
    parts = []
    for before, after in zip(units, units[1:]):
        parts += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


def convolutional(a):
    height, width, channels = a["image"]
    parts = [nn.Unflatten(1, (channels, height, width))]  # one channel: no order to change
    for filters in a["filters"]:
        parts += [nn.Conv2d(channels, filters, a["kernel"], padding="same"), nn.ReLU(), nn.MaxPool2d(a["pool"])]
        channels, height, width = filters, height // a["pool"], width // a["pool"]
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(channels * height * width, a["outputs"]))


class Recurrent(nn.Module):
    def __init__(self, a):
        super().__init__()
        cell = {"gru": nn.GRU, "lstm": nn.LSTM}[a["cell"]]
        self.embedding = nn.Embedding(a["tokens"], a["embedding"])
        self.cell = cell(a["embedding"], a["units"], batch_first=True)
        self.output = nn.Linear(a["units"], a["tokens"])
        if a["cell"] == "lstm":  # its second bias is only added to the first: others have one
            nn.init.zeros_(self.cell.bias_hh_l0)
            self.cell.bias_hh_l0.requires_grad_(False)

    def forward(self, ids):
        return self.output(self.cell(self.embedding(ids))[0])


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.attention_norm, self.norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.expand, self.contract = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, h):
        rows, context, width = h.shape
        parts = self.attention(self.attention_norm(h)).view(rows, context, 3 * self.heads, -1).transpose(1, 2)
        joined = functional.scaled_dot_product_attention(*parts.chunk(3, 1), is_causal=True)
        h = h + self.join(joined.transpose(1, 2).reshape(rows, context, width))
        return h + self.contract(functional.gelu(self.expand(self.norm(h)), approximate="tanh"))


class Transformer(nn.Module):
    def __init__(self, a):
        super().__init__()
        width = a["width"]
        self.embedding = nn.Embedding(a["tokens"], width)
        self.positions = nn.Parameter(0.02 * torch.randn(a["inputs"] - 1, width))
        self.blocks = nn.Sequential(*[Block(width, a["heads"]) for _ in range(a["layers"])])
        self.norm = nn.LayerNorm(width)

    def forward(self, ids):
        return self.norm(self.blocks(self.embedding(ids) + self.positions)) @ self.embedding.weight.T


class TextClassifier(nn.Module):
    """The mean of the embeddings of all tokens but padding (id 0), then dense layers."""

    def __init__(self, a):
        super().__init__()
        self.embedding = nn.Embedding(a["tokens"], a["embedding"])
        self.dense = mlp({"inputs": a["embedding"], "hidden": a["hidden"], "outputs": a["outputs"]})

    def forward(self, ids):
        present = (ids != 0).float().unsqueeze(2)
        return self.dense((self.embedding(ids) * present).sum(1) / present.sum(1).clamp(min=1))


BUILDERS = {
    "mlp": mlp,
    "convolutional": convolutional,
    "recurrent": Recurrent,
    "transformer": Transformer,
    "textClassifier": TextClassifier,
}
