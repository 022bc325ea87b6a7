"""The loop around a hand-written training step: shuffled batches, losses read every 20 steps as in sluice."""
import resource
import time

import numpy as np

READ_EVERY = 20


def measure(request, rows, step):
    """step(indices) takes a step and returns its loss, readable by float. → rows per second, seconds of the first step."""
    batch, block = request["batch"], min(READ_EVERY, request["steps"])
    random = np.random.default_rng(1)
    order, at = random.permutation(rows), 0

    def steps(count):
        nonlocal order, at
        losses = []
        for _ in range(count):
            if at == rows:
                order, at = random.permutation(rows), 0
            losses.append(step(order[at : at + batch]))
            at += batch
        [float(loss) for loss in losses]

    began = time.perf_counter()
    steps(1)
    prepared = time.perf_counter() - began
    steps(block - 1)  # warm-up; epochs are multiples of a block
    since, taken = time.perf_counter(), 0
    while taken == 0 or time.perf_counter() - since < request["seconds"]:
        steps(block)
        taken += block
    return taken * batch / (time.perf_counter() - since), prepared


def peak_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
