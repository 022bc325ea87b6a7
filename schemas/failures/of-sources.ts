// Failures between Kafka and the lake: reading, decoding, schemas, personal data. A part of the failure catalogue.
import type { CatalogueEntry } from './entry.ts'

export const SOURCE_FAILURES = {
  BATCH_CORRUPT: {
    retry: 'retry',
    message: '{topic}/{partition} at offset {offset}: expected CRC-32C {expected}, found {found}',
    next: "the bytes are damaged on the way or on the broker; if it repeats, check the broker's disk",
  },
  BATCH_TOO_LARGE: {
    retry: 'fatal',
    message:
      '{topic}/{partition} at offset {offset}: expected a batch that inflates to at most {expected} bytes, found {found}',
    next: 'find the producer, which may be a mistake or an attack; if its batches are meant to be so large, set SLUICE_MAX_BATCH_BYTES higher where workers run: docs/guides/operate.md',
  },
  BATCH_UNREADABLE: {
    retry: 'fatal',
    message: '{topic}/{partition} at offset {offset}: expected {expected}, found {found}',
    next: 'the producer wrote a batch format or codec that sluice does not read; docs/guides/formats.md lists those that it does',
  },
  BROKER_REFUSED: {
    retry: 'fatal',
    message: 'Kafka at {brokers} refused: {detail}',
    next: 'check the credentials, the permissions of this client, and the topic settings',
  },
  BROKER_UNAVAILABLE: {
    retry: 'retry',
    message: 'Kafka at {brokers}: {detail}',
    next: 'check that the broker runs and can be reached; work goes on by itself when it is back',
  },
  KAFKA_AUTH: {
    retry: 'fatal',
    message: 'Kafka at {brokers} refused the login: {detail}',
    next: 'check SLUICE_KAFKA_SASL, SLUICE_KAFKA_USER and SLUICE_KAFKA_PASSWORD or SLUICE_KAFKA_PASSWORD_FILE: docs/guides/operate.md',
  },
  KAFKA_TLS: {
    retry: 'fatal',
    message: 'Kafka at {brokers}: no TLS connection that can be trusted: {detail}',
    next: 'check SLUICE_KAFKA_CA, SLUICE_KAFKA_CERT and SLUICE_KAFKA_KEY, and that the listener speaks TLS: docs/guides/operate.md',
  },
  LOSS_NOT_FOUND: {
    retry: 'fatal',
    message: '{topic}/{partition}: asked to accept the loss of [{start},{end}), lost is {found}',
    next: 'accept exactly what is lost; what the broker still has is never skipped',
  },
  OFFSETS_ABSENT: {
    retry: 'fatal',
    message:
      '{topic}/{partition}: expected every offset, found [{start},{end}) absent although cleanup.policy is {policy}',
    next: 'if the topic was compacted before, set cleanup.policy=compact,delete while these offsets are read; else a log segment is gone from the disk',
  },
  OFFSETS_LOST: {
    retry: 'fatal',
    message:
      '{topic}/{partition}: expected offset {expected}, the log now starts at {found}: {lost} offsets were deleted before they were read',
    next: 'raise the retention of the topic. To go on without them: `sluice ingest {pipeline} --accept-loss {losses} --reason "…"`; the chain keeps who and why',
  },
  OFFSETS_WENT_BACK: {
    retry: 'fatal',
    message: '{topic}/{partition}: the lake holds offsets up to {expected}, the log ends at {found}',
    next: 'the topic was re-created or the cluster restored: use a new topic name, or a new bucket',
  },
  CLUSTER_CHANGED: {
    retry: 'fatal',
    message: 'topic {topic}: the lake was filled from cluster {expected}, this is cluster {found}',
    next: 'point sluice to the cluster that it was filled from, or use a new bucket',
  },
  RANGE_INCOMPLETE: {
    retry: 'fatal',
    message: '{topic}/{partition} [{start},{end}): expected every offset explained, found {found}',
    next: 'report this: the reader and the broker disagree',
  },
  PERSONAL_KEY_CHANGED: {
    retry: 'fatal',
    message: 'topic {topic}: expected personal data hashed with key {expected}, found key {found}',
    next: 'set SLUICE_PERSONAL_KEY to the key with that id; docs/guides/personal-data.md says how to begin with another one',
  },
  PERSONAL_KEY_MISSING: {
    retry: 'fatal',
    message: 'pipeline {pipeline} has personal columns: expected SLUICE_PERSONAL_KEY, found nothing',
    next: 'set it where workers run, at least 32 bytes, e.g. from `openssl rand -hex 32`: docs/guides/personal-data.md',
  },
  RECORD_TOO_LARGE: {
    retry: 'fatal',
    message:
      '{topic}/{partition}, in the batch at offset {offset}: expected records of at most {expected} bytes, found one of {found}',
    next: 'find the producer; if its events are meant to be so large, set SLUICE_MAX_RECORD_BYTES higher where workers run, and give them the memory: docs/guides/operate.md',
  },
  REGISTRY_REFUSED: {
    retry: 'fatal',
    message: 'schema registry {url}: expected {expected}, found {found}',
    next: 'check SLUICE_SCHEMA_REGISTRY and its credentials: docs/guides/formats.md',
  },
  REGISTRY_UNAVAILABLE: {
    retry: 'retry',
    message: 'schema registry {url}: {detail}',
    next: 'check that the registry runs and can be reached; work goes on by itself when it is back',
  },
  REPLICAS_BEHIND: {
    retry: 'retry',
    message:
      '{topic}/{partition}: the log holds offsets up to {expected}, of them those from {found} on cannot be read yet',
    next: 'bring the brokers of its replicas back: after a leader failed, min.insync.replicas of them must be in sync; work goes on by itself',
  },
  SCHEMA_INVALID: {
    retry: 'fatal',
    message: 'the {format} schema of topic {topic}: {detail}',
    next: 'correct the schema of `kafka(…)` in the pipeline file, then `sluice apply`',
  },
  TOPIC_RECREATED: {
    retry: 'fatal',
    message:
      'topic {topic} was deleted and created again: expected topic id {expected}, which the lake was filled from, found {found}',
    next: 'use a new topic name, or a new bucket. To keep what the lake has and go on behind it, without the new records at the same offsets: `sluice ingest {pipeline} --accept-loss {losses} --reason "…"`; the chain keeps who and why',
  },
  TOPIC_TRUNCATED: {
    retry: 'fatal',
    message:
      '{topic}/{partition}: the lake holds offsets up to {expected}, of them the log still has those below {found}: it was cut there and written anew',
    next: 'an unclean leader election or a lost disk did this: look at the brokers, set unclean.leader.election.enable=false. To keep what the lake has and go on behind it, without the new records at the same offsets: `sluice ingest {pipeline} --accept-loss {losses} --reason "…"`; the chain keeps who and why',
  },
  TOPIC_UNKNOWN: {
    retry: 'fatal',
    message: 'topic {topic} does not exist on {brokers}',
    next: '`sluice apply` the pipeline, which creates its topic',
  },
} as const satisfies Record<string, CatalogueEntry>
