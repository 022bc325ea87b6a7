// What a local broker is told: a KRaft node on the loopback address that keeps everything it is sent.
export interface KafkaSettings {
  readonly port: number
  /** of node 1, which is the controller as well as a broker */
  readonly controllerPort: number
  readonly dataDir: string
  /** default 1 */
  readonly nodeId?: number
  /** on top of the ones below */
  readonly more?: Readonly<Record<string, string | number | boolean>>
}

/** The text of server.properties. */
export function kafkaProperties({ port, controllerPort, dataDir, nodeId = 1, more = {} }: KafkaSettings): string {
  const isController = nodeId === 1
  const listeners = [`PLAINTEXT://127.0.0.1:${port}`]
  if (isController) listeners.push(`CONTROLLER://127.0.0.1:${controllerPort}`)
  const settings: Record<string, string | number | boolean> = {
    'process.roles': isController ? 'broker,controller' : 'broker',
    'node.id': nodeId,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: listeners.join(','),
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': dataDir,
    'auto.create.topics.enable': false,
    // by default records stamped more than 7 days ago are deleted within seconds
    'log.retention.ms': -1,
    'log.retention.check.interval.ms': 1000,
    'log.cleaner.threads': 1,
    'log.cleaner.backoff.ms': 1000,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    'message.max.bytes': 10 * 1024 * 1024,
    'replica.fetch.max.bytes': 10 * 1024 * 1024,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    // a killed broker stays registered for this long; with the default of 9 s a restart takes 12 s
    'broker.session.timeout.ms': 1000,
    'broker.heartbeat.interval.ms': 200,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
  }
  return Object.entries({ ...settings, ...more })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** The text of log4j2.xml: to standard output, which `launch` appends to the log file. */
export const KAFKA_LOGGING = `<Configuration status="WARN" shutdownHook="disable">
  <Appenders><Console name="out"><PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/></Console></Appenders>
  <Loggers><Root level="INFO"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`
