"""Sends the lines of a file to one partition, several times over: fill.py BROKERS TOPIC CODEC FILE TIMES [FIRST_TIMES..]"""
import sys

from confluent_kafka import Producer

brokers, topic, codec, path, times = sys.argv[1:6]
producer = Producer(
    {
        "bootstrap.servers": brokers,
        "compression.type": codec,
        "linger.ms": 50,
        "batch.size": 500_000,
        "enable.idempotence": True,
        "queue.buffering.max.messages": 400_000,
    }
)
lines = open(path, "rb").read().splitlines()
for _ in range(int(times)):
    for line in lines:
        while True:
            try:
                producer.produce(topic, line, partition=0)
                break
            except BufferError:
                producer.poll(0.05)
    producer.poll(0)
if producer.flush(120) != 0:
    sys.exit("not everything was stored")
