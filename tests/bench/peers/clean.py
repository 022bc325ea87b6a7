"""The same cleaning with Polars, DuckDB or pandas, as it is usually written: rules, first of equal ids, splits, Arrow files, float32 matrix.
clean.py polars|duckdb|pandas FOLDER THREADS; prints {"rows", "seconds", "cpuSeconds", "maxRssBytes"}."""
import glob
import json
import os
import resource
import shutil
import sys
import time

engine, folder, threads = sys.argv[1], sys.argv[2], sys.argv[3]
os.environ["POLARS_MAX_THREADS"] = os.environ["OMP_NUM_THREADS"] = os.environ["ARROW_NUM_THREADS"] = threads
import numpy as np
import pyarrow as pa
import pyarrow.feather as feather

FLOATS = ["f0", "f1", "f2", "f3", "f4", "f5"]
SHOPS = ["aachen", "berlin", "chemnitz", "dresden", "essen", "fulda", "gera", "hamm"]
files = sorted(glob.glob(os.path.join(folder, "segments", "**", "*.arrow"), recursive=True))
out = os.path.join(folder, "peer")
shutil.rmtree(out, ignore_errors=True)
os.makedirs(out)
at = lambda name: os.path.join(out, f"{name}.arrow")


def with_polars():
    import polars as pl

    began()
    rows = pl.read_ipc(files)
    plausible = pl.col("f0").is_between(-60, 60).fill_null(False)  # a missing value lies between no bounds
    rows.filter(~plausible).write_ipc(at("quarantine"))
    clean = rows.filter(plausible & pl.col("label").is_not_null()).unique("id", keep="first", maintain_order=True)
    share = pl.col("id").hash(0) % 10
    train = clean.filter(share < 8)
    for name, part in [("train", train), ("validate", clean.filter(share == 8)), ("test", clean.filter(share == 9))]:
        part.write_ipc(at(name))
    medians = train.select(pl.col(FLOATS).median()).row(0)
    filled = [pl.col(name).fill_null(median) for name, median in zip(FLOATS, medians)]
    scaled = [((each - each.mean()) / each.std(ddof=0)).cast(pl.Float32) for each in filled]
    hot = [(pl.col("shop").cast(pl.String) == shop).cast(pl.Float32).alias(shop) for shop in SHOPS]
    matrix = train.select(*scaled, *hot).to_numpy(order="c")
    return clean.height, matrix


def with_duckdb():
    import duckdb

    began()
    base = duckdb.connect(config={"threads": threads, "preserve_insertion_order": True})
    base.register("segments", pa.concat_tables(feather.read_table(file, memory_map=True) for file in files))
    plausible = "coalesce(f0 between -60 and 60, false)"
    write = lambda query, name: feather.write_feather(base.sql(query).to_arrow_table(), at(name), "uncompressed")
    write(f"select * from segments where not {plausible}", "quarantine")
    base.sql(
        f"""create temp table clean as select * exclude (nth), hash(id) % 10 as share from (
            select *, row_number() over (partition by id order by _partition, _offset) as nth
            from segments where {plausible} and label is not null) where nth = 1 order by _partition, _offset"""
    )
    for name, which in [("train", "< 8"), ("validate", "= 8"), ("test", "= 9")]:
        write(f"select * exclude (share) from clean where share {which}", name)
    fill = lambda name: f"coalesce({name}, (select median({name}) from clean where share < 8))"
    base.sql("create temp table filled as select shop, " + ", ".join(f"{fill(n)} as {n}" for n in FLOATS) + " from clean where share < 8")
    stats = base.sql("select " + ", ".join(f"avg({n}), stddev_pop({n})" for n in FLOATS) + " from filled").fetchall()[0]
    scaled = [f"cast(({n} - {stats[2 * i]}) / {stats[2 * i + 1]} as float) as {n}" for i, n in enumerate(FLOATS)]
    hot = [f"cast(shop = '{shop}' as float) as {shop}" for shop in SHOPS]
    columns = base.sql(f"select {', '.join(scaled + hot)} from filled").fetchnumpy()
    matrix = np.column_stack([np.asarray(each) for each in columns.values()])
    return base.sql("select count(*) from clean").fetchall()[0][0], matrix


def with_pandas():
    import pandas as pd

    began()
    rows = pd.concat([feather.read_table(file).to_pandas() for file in files], ignore_index=True)
    plausible = rows.f0.between(-60, 60)
    write = lambda frame, name: feather.write_feather(pa.Table.from_pandas(frame, preserve_index=False), at(name), "uncompressed")
    write(rows[~plausible], "quarantine")
    clean = rows[plausible & rows.label.notna()].drop_duplicates("id", keep="first")
    share = pd.util.hash_array(clean.id.to_numpy(), categorize=False) % 10
    train = clean[share < 8]
    for name, part in [("train", train), ("validate", clean[share == 8]), ("test", clean[share == 9])]:
        write(part, name)
    filled = train[FLOATS].fillna(train[FLOATS].median())
    scaled = ((filled - filled.mean()) / filled.std(ddof=0)).to_numpy(np.float32)
    hot = np.column_stack([(train.shop == shop).to_numpy(np.float32) for shop in SHOPS])
    return len(clean), np.hstack([scaled, hot])


start = {}


def began():
    """Seconds begin after start-up."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    start.update(at=time.perf_counter(), cpu=used.ru_utime + used.ru_stime)


rows, matrix = {"polars": with_polars, "duckdb": with_duckdb, "pandas": with_pandas}[engine]()
assert matrix.dtype == np.float32 and matrix.shape[1] == len(FLOATS) + len(SHOPS), (matrix.dtype, matrix.shape)
used = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "rows": rows,
            "seconds": time.perf_counter() - start["at"],
            "cpuSeconds": used.ru_utime + used.ru_stime - start["cpu"],
            "maxRssBytes": used.ru_maxrss * 1024,
        }
    )
)
