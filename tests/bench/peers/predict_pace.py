"""Rows and times of the prediction benchmark."""
import time

import numpy as np

WARM_UP = 2


def rows_of(a, rows):
    """Token ids without the last of each row, which is only a target, or values."""
    random = np.random.default_rng(1)
    if "tokens" not in a:
        return random.random((rows, a["inputs"]), np.float32)
    ids = random.integers(2, a["tokens"], (rows, a["inputs"])).astype(np.int32)
    return ids if a["kind"] == "textClassifier" else np.ascontiguousarray(ids[:, :-1])


def measure(seconds, call):
    """-> milliseconds of the first call and the median of those after the warm-up"""
    times, began = [], None
    while began is None or time.perf_counter() - began < seconds or len(times) < WARM_UP + 3:
        since = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - since))
        if len(times) == WARM_UP:
            began = time.perf_counter()
    return {"firstMs": times[0], "ms": float(np.median(times[WARM_UP:]))}
