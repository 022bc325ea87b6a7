"""Only reads, with librdkafka: consume.py BROKERS TOPIC END; prints {"rows", "seconds", "cpuSeconds"}."""
import json
import os
import sys
import time

from confluent_kafka import Consumer, TopicPartition

brokers, topic, end = sys.argv[1], sys.argv[2], int(sys.argv[3])
started, cpu = time.perf_counter(), time.process_time()
consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"bench-{os.getpid()}", "check.crcs": True})
consumer.assign([TopicPartition(topic, 0, 0)])
rows = 0
while rows < end:
    rows += len(consumer.consume(10_000, 1.0))
print(json.dumps({"rows": rows, "seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - cpu}))
