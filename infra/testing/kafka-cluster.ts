// Several local brokers as one cluster, for tests: leaders move, replicas fall behind. `sluice up` starts one broker.
import path from 'node:path'
import type { Fetching } from '../downloads/toolchains.ts'
import { newClusterId, startKafka } from '../servers/kafka.ts'
import { choosePorts, type ServerPorts } from '../servers/ports.ts'
import { kill, stop } from '../servers/process.ts'

export interface StartKafkaCluster extends Fetching {
  /** holds a folder for each broker */
  readonly stateDir: string
  /** number of brokers; default 3. Node 1 is the only controller: a test that kills it ends the cluster */
  readonly nodes?: number
  /** the brokers' names, on top of those of `sluice up` */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
}

export interface KafkaCluster {
  /** host:port of node 1, 2, … */
  readonly brokers: readonly string[]
  /** A stopped or killed node, with its data; a no-op while it runs. */
  start(nodeId: number): Promise<void>
  /** SIGTERM: it hands its partitions over. */
  stop(nodeId: number): Promise<void>
  /** SIGKILL */
  kill(nodeId: number): Promise<void>
  /** SIGKILL to all: their data is of no use afterwards. */
  close(): Promise<void>
}

const HEAP_MIB = 256

/** Resolves when all brokers answer. Each takes about 300 MB. */
export async function startKafkaCluster(options: StartKafkaCluster): Promise<KafkaCluster> {
  const { stateDir, cacheDir, say, nodes = 3, settings = {} } = options
  const ids = Array.from({ length: nodes }, (_, i) => i + 1)
  const folderOf = (nodeId: number): string => path.join(path.resolve(stateDir), `node-${nodeId}`)
  const ports: ServerPorts[] = []
  for (const id of ids) ports.push(await choosePorts(folderOf(id), {}))
  const clusterId = newClusterId()
  const more = { ...replicated(Math.min(3, nodes)), ...settings }
  const start = async (nodeId: number): Promise<void> => {
    const own = { ...ports[nodeId - 1]!, kafkaController: ports[0]!.kafkaController }
    const folder = path.join(folderOf(nodeId), 'kafka')
    await startKafka({ cacheDir, folder, ports: own, say }, { nodeId, clusterId, heapMiB: HEAP_MIB, more })
  }
  await Promise.all(ids.map(start))
  return {
    brokers: ports.map(({ kafka }) => `127.0.0.1:${kafka}`),
    start,
    stop: async (nodeId) => void (await stop(path.join(folderOf(nodeId), 'kafka'))),
    kill: (nodeId) => kill(path.join(folderOf(nodeId), 'kafka')),
    close: async () => {
      await Promise.all(ids.map((nodeId) => kill(path.join(folderOf(nodeId), 'kafka'))))
    },
  }
}

/** Internal topics that outlive a broker. */
function replicated(replicas: number): Record<string, number> {
  return {
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'share.coordinator.state.topic.replication.factor': replicas,
    'replica.lag.time.max.ms': 2000,
    'unclean.leader.election.interval.ms': 1000,
  }
}
