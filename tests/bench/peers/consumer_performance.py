"""Kafka's own ConsumerPerformance: consumer_performance.py JAVA LIBS BROKERS TOPIC END; prints {"rows", "seconds", "cpuSeconds"}.
Seconds are its fetch time, without joining the group; CPU seconds are the whole process, the JVM's start included."""
import json
import resource
import subprocess
import sys

java, libs, brokers, topic, end = sys.argv[1:6]
command = [java, "-cp", f"{libs}/*", "org.apache.kafka.tools.ConsumerPerformance"]
command += ["--bootstrap-server", brokers, "--topic", topic, "--messages", end, "--timeout", "30000"]
output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
lines = [line.split(", ") for line in output.splitlines() if ", " in line]
values = dict(zip(lines[0], lines[-1]))
used = resource.getrusage(resource.RUSAGE_CHILDREN)
rows = int(values["data.consumed.in.nMsg"])
seconds = int(values["fetch.time.ms"]) / 1000
print(json.dumps({"rows": min(rows, int(end)), "seconds": seconds, "cpuSeconds": used.ru_utime + used.ru_stime}))
