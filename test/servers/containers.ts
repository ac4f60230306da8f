import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';
import { freePort, until } from './child.ts';
import { isKafkaUp } from './kafka-client.ts';

interface RunningContainer {
  readonly address: string;
  end(): Promise<void>;
}

/** Apache Kafka in Docker; undefined where no daemon answers. */
export async function startKafkaContainer(): Promise<RunningContainer | undefined> {
  const host = await dockerHost();
  if (host === undefined) return undefined;
  // A broker tells its clients where it is, so its port must be known before it starts.
  const port = await freePort();
  const container = await new GenericContainer('apache/kafka:4.1.0')
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: 'CLIENTS://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093',
      KAFKA_ADVERTISED_LISTENERS: `CLIENTS://${host}:${port}`,
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@127.0.0.1:9093',
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'CLIENTS',
      KAFKA_NUM_PARTITIONS: '2',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    })
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  const address = `${host}:${port}`;
  await until('Kafka in Docker', () => isKafkaUp(address), { timeout: 60_000, every: 200 });
  return { address, end: () => stop(container) };
}

/** PostgreSQL in Docker; undefined where no daemon answers. */
export async function startPostgresContainer(): Promise<RunningContainer | undefined> {
  if ((await dockerHost()) === undefined) return undefined;
  const container = await new GenericContainer('postgres:17-alpine')
    .withExposedPorts(5432)
    .withEnvironment({ POSTGRES_PASSWORD: 'postgres' })
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=200', '-c', 'timezone=Asia/Kolkata'])
    // The image starts the server twice: once to prepare its folder, then for good.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  const address = `postgres://postgres:postgres@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
  return { address, end: () => stop(container) };
}

async function stop(container: StartedTestContainer): Promise<void> {
  await container.stop();
}

async function dockerHost(): Promise<string | undefined> {
  try {
    return (await getContainerRuntimeClient()).info.containerRuntime.host;
  } catch {
    return undefined; // A socket without a daemon behind it: the next way is tried.
  }
}
