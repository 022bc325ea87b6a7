// Kafka's jars.
import { ensureLibraries } from '../downloads/maven.ts'
import type { Fetching } from '../downloads/toolchains.ts'
import { VERSIONS } from '../downloads/versions.ts'

/** Returns the folder that holds `libs/*.jar`. */
export function ensureKafkaLibraries(fetching: Fetching): Promise<string> {
  return ensureLibraries({
    ...fetching,
    name: `kafka-${VERSIONS.kafka}`,
    what: `Kafka ${VERSIONS.kafka} (45 jars, 45 MB)`,
    dependencies: [
      `org.apache.kafka:kafka_2.13:${VERSIONS.kafka}`,
      `org.apache.logging.log4j:log4j-slf4j-impl:${VERSIONS.log4jSlf4j}`,
    ],
  })
}
