"""Decodes a dump of the events to an Arrow file in memory: decode.py polars|duckdb FILE; prints {"rows", "seconds", "cpuSeconds"}."""
import io
import json
import sys
import time

engine, path = sys.argv[1:3]
FLOATS = ["f0", "f1", "f2", "f3", "f4", "f5", "label"]
if engine == "polars":
    import polars as pl
else:
    import duckdb
    import pyarrow as pa
started, cpu = time.perf_counter(), time.process_time()
if engine == "polars":
    schema = {"id": pl.String, "ts": pl.Int64, **{name: pl.Float64 for name in FLOATS}, "category": pl.String}
    frame = pl.read_ndjson(path, schema=schema)
    frame.with_columns(pl.col("category").cast(pl.Categorical)).write_ipc(io.BytesIO())
    rows = frame.height
else:
    columns = {"id": "VARCHAR", "ts": "BIGINT", **{name: "DOUBLE" for name in FLOATS}, "category": "VARCHAR"}
    table = duckdb.read_json(path, format="newline_delimited", columns=columns).to_arrow_table()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    rows = table.num_rows
print(json.dumps({"rows": rows, "seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - cpu}))
