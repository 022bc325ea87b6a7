"""Sends the values of a file to one partition, several times over: fill.py BROKERS TOPIC CODEC FILE TIMES
One value per line, or, in a file NAME.frames, each behind its length in 4 bytes."""
import struct
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


def frames(content):
    at = 0
    while at < len(content):
        (length,) = struct.unpack_from("<I", content, at)
        yield content[at + 4 : at + 4 + length]
        at += 4 + length


content = open(path, "rb").read()
values = list(frames(content)) if path.endswith(".frames") else content.splitlines()
for _ in range(int(times)):
    for value in values:
        while True:
            try:
                producer.produce(topic, value, partition=0)
                break
            except BufferError:
                producer.poll(0.05)
    producer.poll(0)
if producer.flush(120) != 0:
    sys.exit("not everything was stored")
