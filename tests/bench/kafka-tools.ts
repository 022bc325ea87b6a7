// Kafka's performance tools from the Maven repository, for the benchmark that needs them.
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { cachedFolder } from '../../infra/downloads/cache.ts'
import { runCommand } from '../../infra/downloads/run-command.ts'
import { VERSIONS } from '../../infra/downloads/versions.ts'

/** The newest that is there; it works as a client of newer brokers. */
const VERSION = '4.3.1'

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka-tools-libraries</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>${VERSION}</version></dependency>
  </dependencies>
</project>
`

/** Folder of the jars; undefined when Maven cannot fetch them. */
export async function ensureKafkaTools(cacheDir: string): Promise<string | undefined> {
  const goal = `org.apache.maven.plugins:maven-dependency-plugin:${VERSIONS.mavenDependencyPlugin}:copy-dependencies`
  try {
    const folder = await cachedFolder({
      cacheDir,
      name: `kafka-tools-${VERSION}`,
      fill: async (empty) => {
        const pom = path.join(empty, 'pom.xml')
        await writeFile(pom, POM)
        const output = `-DoutputDirectory=${path.join(empty, 'libs')}`
        const result = await runCommand('mvn', ['-q', '-B', '-f', pom, goal, '-DincludeScope=runtime', output])
        if (result.code !== 0) throw new Error(result.stderr)
      },
    })
    return path.join(folder, 'libs')
  } catch (error) {
    console.error(`without ConsumerPerformance: ${(error as Error).message}`)
    return undefined
  }
}
