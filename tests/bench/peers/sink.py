"""A usual Python sink: confluent-kafka → json or fastavro → pyarrow → boto3, one Arrow file per range; written as fast as it is usually written.
sink.py BROKERS TOPIC END ROWS_PER_SEGMENT S3_ENDPOINT BUCKET PREFIX [AVRO_SCHEMA]; prints {"rows", "seconds", "cpuSeconds"}."""
import hashlib
import io
import json
import os
import sys
import time

import boto3
import fastavro
import pyarrow as pa
from confluent_kafka import Consumer, TopicPartition

brokers, topic, end, per_segment, endpoint, bucket, prefix = sys.argv[1:8]
end, per_segment = int(end), int(per_segment)
schema = fastavro.parse_schema(json.loads(sys.argv[8])) if len(sys.argv) > 8 else None
decode = json.loads if schema is None else lambda value: fastavro.schemaless_reader(io.BytesIO(value), schema, None)
FLOATS = ["f0", "f1", "f2", "f3", "f4", "f5", "label"]
s3 = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
    aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
)


def write(events, offsets, timestamps, keys):
    names = ["id", "ts", *FLOATS, "category"]
    types = [pa.string(), pa.int64(), *[pa.float64()] * 7, pa.string()]
    arrays = [pa.array([event.get(name) for event in events], type) for name, type in zip(names, types)]
    arrays[-1] = arrays[-1].dictionary_encode()
    arrays += [
        pa.array([0] * len(events), pa.int32()),
        pa.array(offsets, pa.int64()),
        pa.array(timestamps, pa.int64()),
        pa.array(keys, pa.binary()),
    ]
    table = pa.table(arrays, [*names, "_partition", "_offset", "_timestamp", "_key"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    body = sink.getvalue().to_pybytes()
    digest = hashlib.sha256(body).hexdigest()
    key = f"{prefix}/{topic}/0/{offsets[0]}-{offsets[-1] + 1}-{digest}.arrow"
    s3.put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*")


started, cpu = time.perf_counter(), time.process_time()
consumer = Consumer(
    {
        "bootstrap.servers": brokers,
        "group.id": f"bench-{os.getpid()}",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "check.crcs": True,
    }
)
consumer.assign([TopicPartition(topic, 0, 0)])
rows = 0
events, offsets, timestamps, keys = [], [], [], []
while rows < end:
    for message in consumer.consume(10_000, 1.0):
        events.append(decode(message.value()))
        offsets.append(message.offset())
        timestamps.append(message.timestamp()[1])
        keys.append(message.key())
        rows += 1
        if len(events) == per_segment or rows == end:
            write(events, offsets, timestamps, keys)
            events, offsets, timestamps, keys = [], [], [], []
        if rows == end:
            break
print(json.dumps({"rows": rows, "seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - cpu}))
