"""Decodes a dump of the events to an Arrow file in memory: decode.py ENGINE FILE; prints {"rows", "seconds", "cpuSeconds"}.
ENGINE: polars or duckdb (JSON, one event per line), polars-avro or fastavro (an Avro object container file)."""
import io
import json
import sys
import time

engine, path = sys.argv[1:3]
FLOATS = ["f0", "f1", "f2", "f3", "f4", "f5", "label"]
if engine.startswith("polars"):
    import polars as pl
else:
    import pyarrow as pa
if engine == "duckdb":
    import duckdb
if engine == "fastavro":
    import fastavro


def written(table):
    with pa.ipc.new_file(pa.BufferOutputStream(), table.schema) as writer:
        writer.write_table(table)
    return table.num_rows


def with_polars():
    schema = {"id": pl.String, "ts": pl.Int64, **{name: pl.Float64 for name in FLOATS}, "category": pl.String}
    frame = pl.read_avro(path) if engine == "polars-avro" else pl.read_ndjson(path, schema=schema)
    frame.with_columns(pl.col("category").cast(pl.Categorical)).write_ipc(io.BytesIO())
    return frame.height


def with_duckdb():
    columns = {"id": "VARCHAR", "ts": "BIGINT", **{name: "DOUBLE" for name in FLOATS}, "category": "VARCHAR"}
    return written(duckdb.read_json(path, format="newline_delimited", columns=columns).to_arrow_table())


def with_fastavro():
    with open(path, "rb") as file:
        table = pa.Table.from_pylist(list(fastavro.reader(file)))
    return written(table.set_column(table.schema.get_field_index("category"), "category", table["category"].dictionary_encode()))


started, cpu = time.perf_counter(), time.process_time()
rows = {"polars": with_polars, "polars-avro": with_polars, "duckdb": with_duckdb, "fastavro": with_fastavro}[engine]()
print(json.dumps({"rows": rows, "seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - cpu}))
