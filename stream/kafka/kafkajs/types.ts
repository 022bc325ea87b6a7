// The types of what sluice uses of kafkajs 2.2.4's inside; kafkajs declares only its public interface.
export interface Cluster {
  readonly brokerPool: { readonly seedBroker: Broker; findConnectedBroker(): Promise<Broker> }
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[]
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, readonly number[]>>
  findGroupCoordinator(options: { readonly groupId: string }): Promise<Broker>
  findBroker(options: { readonly nodeId: string }): Promise<Broker>
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number }[]
      readonly fromBeginning: boolean
    }[],
  ): Promise<readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[]>
}

export interface Broker {
  /** by API key; null before it is connected */
  readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>> | null
  offsetCommit(request: {
    readonly groupId: string
    readonly groupGenerationId: number
    readonly memberId: string
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
    }[]
  }): Promise<unknown>
  readonly connectionPool: {
    send<Decoded>(options: {
      readonly request: unknown
      readonly response: {
        decode(bytes: Buffer): Promise<Decoded>
        parse(decoded: Decoded): Promise<Decoded>
      }
      readonly requestTimeout: number
      readonly logResponseError: boolean
    }): Promise<Decoded>
  }
}

export type ClusterModule = new (options: Readonly<Record<string, unknown>>) => Cluster
export interface LoggersModule {
  createLogger(options: { readonly level: number; readonly logCreator: unknown }): unknown
  readonly LEVELS: { readonly NOTHING: number }
}
export interface RequestsModule {
  readonly requests: {
    readonly Metadata: {
      protocol(options: { readonly version: number }): (request: Readonly<Record<string, unknown>>) => {
        readonly request: unknown
        readonly response: { decode(bytes: Buffer): Promise<{ readonly clusterId: string }> }
      }
    }
    readonly Fetch: {
      protocol(options: {
        readonly version: number
      }): (request: Readonly<Record<string, unknown>>) => { readonly request: unknown }
    }
  }
}
