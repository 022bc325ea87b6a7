"""Measures Keras' predict and a tf.function, and generation by a stateful cell. One JSON request a line in, one answer out."""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import predict_pace as pace
import tensorflow as tf
from json_lines import serve
from keras_models import forget_models, model_of


def answers_of(a, model, x):
    """What follows the last token, where tokens are predicted."""
    logits = model(x, training=False)
    return tf.nn.softmax(logits[:, -1] if a["kind"] in ("recurrent", "transformer") else logits)


def predict(request, model, x):
    size = min(len(x), request["chunk"])
    return pace.measure(request["seconds"], lambda: model.predict(x, batch_size=size, verbose=0))


def function(request, model, x):
    a, size = request["architecture"], request["chunk"]
    call = tf.function(lambda rows: answers_of(a, model, rows), reduce_retracing=True)
    chunks = [x[start : start + size] for start in range(0, len(x), size)]
    return pace.measure(request["seconds"], lambda: [call(tf.constant(chunk)).numpy() for chunk in chunks])


def generate(request, model):
    """Milliseconds a token: one step of the cell as a tf.function, its state handed in and out."""
    a = request["architecture"]
    if a["kind"] != "recurrent":
        raise ValueError("no cache of keys and values here")
    embedding, recurrent, dense = model.layers
    parts = 2 if a["cell"] == "lstm" else 1

    @tf.function
    def step(token, state):
        h, state = recurrent.cell(embedding(token), state)
        return dense(h), state

    def text():
        state = [tf.zeros((1, a["units"])) for _ in range(parts)]
        for _ in range(request["tokens"]):
            scores, state = step(tf.constant([3]), state)
            scores.numpy()

    measured = pace.measure(request["seconds"], text)
    return {name: ms / request["tokens"] for name, ms in measured.items()}


def answer(request):
    keras.utils.set_random_seed(1)
    model = model_of(request["architecture"])
    model(pace.rows_of(request["architecture"], 1))
    if request["what"] == "generate":
        return generate(request, model)
    x = pace.rows_of(request["architecture"], request["rows"])
    return {"predict": predict, "function": function}[request["variant"]](request, model, x)


serve(answer, forget_models)
