"""Keras models of the training benchmark, from sluice's words for a network."""
import gc

import keras
from keras import layers, ops


def forget_models():
    keras.backend.clear_session()
    gc.collect()


def model_of(architecture):
    return BUILDERS[architecture["kind"]](architecture)


def mlp(a):
    hidden = [layers.Dense(n, activation="relu") for n in a["hidden"]]
    return keras.Sequential([keras.Input((a["inputs"],)), *hidden, layers.Dense(a["outputs"])])


def convolutional(a):
    parts = [keras.Input((a["inputs"],)), layers.Reshape(a["image"])]
    for filters in a["filters"]:
        parts.append(layers.Conv2D(filters, a["kernel"], padding="same", activation="relu"))
        parts.append(layers.MaxPooling2D(a["pool"]))
    return keras.Sequential([*parts, layers.Flatten(), layers.Dense(a["outputs"])])


def recurrent(a):
    cell = {"gru": layers.GRU, "lstm": layers.LSTM}[a["cell"]]
    return keras.Sequential(
        [
            keras.Input((a["inputs"] - 1,), dtype="int32"),
            layers.Embedding(a["tokens"], a["embedding"]),
            cell(a["units"], return_sequences=True),
            layers.Dense(a["tokens"]),
        ]
    )


class Attention(layers.Layer):
    """Causal attention with one product for query, key and value, as in GPT-2."""

    def __init__(self, heads, width, context):
        super().__init__()
        self.heads, self.width, self.context = heads, width, context
        self.expand, self.join = layers.Dense(3 * width), layers.Dense(width)

    def build(self, shape):
        self.expand.build(shape)
        self.join.build(shape)

    def call(self, x):
        parts = ops.reshape(self.expand(x), (-1, self.context, 3 * self.heads, self.width // self.heads))
        query, key, value = ops.split(ops.transpose(parts, (0, 2, 1, 3)), 3, axis=1)
        scores = ops.matmul(query / (self.width / self.heads) ** 0.5, ops.transpose(key, (0, 1, 3, 2)))
        hidden = (1 - ops.tril(ops.ones((self.context, self.context)))) * -1e9
        joined = ops.transpose(ops.matmul(ops.softmax(scores + hidden), value), (0, 2, 1, 3))
        return self.join(ops.reshape(joined, (-1, self.context, self.width)))


class Positions(layers.Layer):
    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], initializer=keras.initializers.RandomNormal(0.0, 0.02))

    def call(self, x):
        return x + self.table


class Transformer(keras.Model):
    def __init__(self, a):
        super().__init__()
        width, context = a["width"], a["inputs"] - 1
        norm = lambda: layers.LayerNormalization(epsilon=1e-5)
        self.embedding, self.positions = layers.Embedding(a["tokens"], width), Positions()
        self.blocks = [
            (
                norm(),
                Attention(a["heads"], width, context),
                norm(),
                layers.Dense(4 * width, activation=lambda x: keras.activations.gelu(x, approximate=True)),
                layers.Dense(width),
            )
            for _ in range(a["layers"])
        ]
        self.parts = [part for block in self.blocks for part in block]  # so that Keras tracks them
        self.norm = norm()

    def call(self, ids):
        h = self.positions(self.embedding(ids))
        for attention_norm, attention, norm, expand, contract in self.blocks:
            h = h + attention(attention_norm(h))
            h = h + contract(expand(norm(h)))
        return ops.matmul(self.norm(h), ops.transpose(self.embedding.embeddings))


class Mean(layers.Layer):
    """Of the embeddings of all tokens but padding, id 0."""

    def call(self, embedded, ids):
        present = ops.expand_dims(ops.cast(ops.not_equal(ids, 0), "float32"), 2)
        return ops.sum(embedded * present, 1) / ops.maximum(ops.sum(present, 1), 1)


def text_classifier(a):
    ids = keras.Input((a["inputs"],), dtype="int32")
    h = Mean()(layers.Embedding(a["tokens"], a["embedding"])(ids), ids)
    for units in a["hidden"]:
        h = layers.Dense(units, activation="relu")(h)
    return keras.Model(ids, layers.Dense(a["outputs"])(h))


BUILDERS = {
    "mlp": mlp,
    "convolutional": convolutional,
    "recurrent": recurrent,
    "transformer": Transformer,
    "textClassifier": text_classifier,
}
