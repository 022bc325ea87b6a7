"""Requests of a benchmark: one JSON line in, one answer out."""
import gc
import json
import sys


def serve(answer, clean=gc.collect):
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
        print(json.dumps(reply), flush=True)
        clean()
