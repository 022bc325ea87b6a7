"""Events in JSON → Avro by fastavro: encode.py SCHEMA NDJSON FRAMES DUMP; prints {"rows", "seconds", "cpuSeconds"}.
FRAMES: for fill.py, each value behind its length in 4 bytes. DUMP: an Avro object container file without compression."""
import io
import json
import struct
import sys
import time

import fastavro

schema = fastavro.parse_schema(json.loads(sys.argv[1]))
source, frames, dump = sys.argv[2:5]
started, cpu = time.perf_counter(), time.process_time()
events = [json.loads(line) for line in open(source, "rb")]
with open(frames, "wb") as file:
    for event in events:
        value = io.BytesIO()
        fastavro.schemaless_writer(value, schema, event)
        file.write(struct.pack("<I", value.tell()) + value.getvalue())
with open(dump, "wb") as file:
    fastavro.writer(file, schema, events, codec="null")
print(json.dumps({"rows": len(events), "seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - cpu}))
