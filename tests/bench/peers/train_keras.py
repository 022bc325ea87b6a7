"""Measures Keras' fit and a hand-written tf.function step. One JSON request a line in, one answer out."""
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
import train_pace as pace
from json_lines import serve
from keras_models import forget_models, model_of


def data_of(request):
    a, random = request["architecture"], np.random.default_rng(1)
    rows = request["steps"] * request["batch"]
    if "tokens" in a:
        ids = random.integers(2, a["tokens"], (rows, a["inputs"])).astype(np.int32)
        return np.ascontiguousarray(ids[:, :-1]), np.ascontiguousarray(ids[:, 1:])
    return random.random((rows, a["inputs"]), np.float32), random.integers(0, a["outputs"], rows).astype(np.int32)


class Watch(keras.callbacks.Callback):
    """Counts whole epochs after the first, and stops."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds, self.epochs = seconds, 0

    def on_train_begin(self, logs=None):
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        now = time.perf_counter()
        if epoch == 0:
            self.since = now
            return
        self.epochs, self.took = epoch, now - self.since
        self.model.stop_training = self.took >= self.seconds


def fit(request, model, x, y):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss=loss)
    watch = Watch(request["seconds"])
    model.fit(x, y, batch_size=request["batch"], epochs=1_000_000, verbose=0, callbacks=[watch])
    per_epoch = watch.took / watch.epochs
    return len(x) / per_epoch, max(0, watch.since - watch.began - per_epoch)


def function(request, model, x, y, jit=False):
    optimizer = keras.optimizers.Adam(0.001)
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=jit)
    def step(x, y):
        with tf.GradientTape() as tape:
            logits = model(x, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    return pace.measure(request, len(x), lambda rows: step(tf.constant(x[rows]), tf.constant(y[rows])))


VARIANTS = {"fit": fit, "function": function, "jit": lambda *args: function(*args, jit=True)}


def measure(request):
    keras.utils.set_random_seed(1)
    x, y = data_of(request)
    model = model_of(request["architecture"])
    model(x[:1])
    parameters = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    rate, prepared = VARIANTS[request["variant"]](request, model, x, y)
    peak = pace.peak_megabytes()
    return {"examplesPerSecond": rate, "parameters": parameters, "prepareSeconds": prepared, "peakMegabytes": peak}


serve(measure, forget_models)
