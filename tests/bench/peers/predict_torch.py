"""Measures PyTorch's forward pass, and generation with a kept state. One JSON request a line in, one answer out."""
import predict_pace as pace
import torch
from json_lines import serve
from torch.nn import functional
from torch_models import model_of


def predict(request, model):
    a, size = request["architecture"], request["chunk"]
    x = pace.rows_of(a, request["rows"])
    chunks = [torch.from_numpy(x[start : start + size]) for start in range(0, len(x), size)]

    def answers(rows):
        logits = model(rows)
        return (logits[:, -1] if a["kind"] in ("recurrent", "transformer") else logits).softmax(-1).numpy()

    return pace.measure(request["seconds"], lambda: [answers(rows.long() if "tokens" in a else rows) for rows in chunks])


def recurrent_step(model, token, state):
    h, state = model.cell(model.embedding(token), state)
    return model.output(h), state


def transformer_step(model, token, state):
    """state: keys and values of each block, [1, heads, positions, perHead]"""
    caches = state or [None] * len(model.blocks)
    position = 0 if state is None else state[0][0].shape[2]
    h = model.embedding(token) + model.positions[position]
    after = []
    for block, cache in zip(model.blocks, caches):
        parts = block.attention(block.attention_norm(h)).view(1, 1, 3 * block.heads, -1).transpose(1, 2)
        query, key, value = parts.chunk(3, 1)
        if cache is not None:
            key, value = torch.cat((cache[0], key), 2), torch.cat((cache[1], value), 2)
        after.append((key, value))
        joined = functional.scaled_dot_product_attention(query, key, value)
        h = h + block.join(joined.transpose(1, 2).reshape(1, 1, -1))
        h = h + block.contract(functional.gelu(block.expand(block.norm(h)), approximate="tanh"))
    return model.norm(h) @ model.embedding.weight.T, after


def generate(request, model):
    """Milliseconds a token."""
    step = recurrent_step if request["architecture"]["kind"] == "recurrent" else transformer_step

    def text():
        state = None
        for _ in range(request["tokens"]):
            scores, state = step(model, torch.tensor([[3]]), state)
            scores.numpy()

    measured = pace.measure(request["seconds"], text)
    return {name: ms / request["tokens"] for name, ms in measured.items()}


def answer(request):
    torch.manual_seed(1)
    model = model_of(request["architecture"]).eval()
    with torch.inference_mode():
        return generate(request, model) if request["what"] == "generate" else predict(request, model)


serve(answer)
