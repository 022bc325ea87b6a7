"""Measures Keras' fit and a hand-written tf.function step. One JSON request a line in, one answer out."""
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf

STEPS = 100  # per epoch, in all programs


def model_of(units):
    hidden = [keras.layers.Dense(n, activation="relu") for n in units[1:-1]]
    return keras.Sequential([keras.Input((units[0],)), *hidden, keras.layers.Dense(units[-1])])


def data_of(units, batch):
    random = np.random.default_rng(1)
    x = random.random((STEPS * batch, units[0]), np.float32)
    return x, random.integers(0, units[-1], len(x)).astype(np.int32)


class Watch(keras.callbacks.Callback):
    """Counts whole epochs after the first, and stops."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds, self.epochs = seconds, 0

    def on_epoch_end(self, epoch, logs=None):
        now = time.perf_counter()
        if epoch == 0:
            self.since = now
            return
        self.epochs, self.took = epoch, now - self.since
        self.model.stop_training = self.took >= self.seconds


def fit(units, batch, seconds):
    model = model_of(units)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss=loss)
    watch = Watch(seconds)
    x, y = data_of(units, batch)
    model.fit(x, y, batch_size=batch, epochs=1_000_000, verbose=0, callbacks=[watch])
    return watch.epochs * len(x) / watch.took


def function(units, batch, seconds):
    model, optimizer = model_of(units), keras.optimizers.Adam(0.001)
    x, y = data_of(units, batch)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            logits = model(x, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    def epoch():
        order = np.random.permutation(len(x))
        losses = []
        for i in range(STEPS):
            rows = order[i * batch : (i + 1) * batch]
            losses.append(step(tf.constant(x[rows]), tf.constant(y[rows])))
            if len(losses) == 20:
                [float(loss) for loss in losses]
                losses = []

    epoch()
    since, epochs = time.perf_counter(), 0
    while time.perf_counter() - since < seconds:
        epoch()
        epochs += 1
    return epochs * len(x) / (time.perf_counter() - since)


VARIANTS = {"fit": fit, "function": function}
for line in sys.stdin:
    request = json.loads(line)
    keras.utils.set_random_seed(1)
    rate = VARIANTS[request["variant"]](request["units"], request["batch"], request["seconds"])
    print(json.dumps({"examplesPerSecond": rate}), flush=True)
    keras.backend.clear_session()
