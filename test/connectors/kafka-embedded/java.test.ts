import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../../../connectors/kafka/embedded/broker.ts';
import { isOnPath, kafkaClassPath, missingForKafka } from '../../servers/kafka-jars.ts';

const missing = missingForKafka() ?? (isOnPath('javac') ? undefined : 'no Java compiler');
const run = promisify(execFile);

const suite = (tests: () => void): void => {
  const name = 'the Java client';
  if (missing === undefined) describe(name, tests);
  else describe.skip(name, { meta: { missingServers: [`${missing} for Kafka's own client`] } }, tests);
};

suite(() => {
  let broker: EmbeddedBroker;
  let jars: string;
  let classes: string;

  beforeAll(async () => {
    broker = await startEmbeddedBroker();
    jars = await kafkaClassPath();
    classes = mkdtempSync(path.join(tmpdir(), 'java-client-'));
    await run('javac', ['-cp', jars, '-d', classes, path.join(import.meta.dirname, 'JavaClient.java')]);
  });

  afterAll(async () => {
    rmSync(classes, { recursive: true, force: true });
    await broker.close();
  });

  async function scenario(name: string): Promise<string[]> {
    const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=off';
    const args = [quiet, '-cp', `${jars}:${classes}`, 'JavaClient', broker.address, name];
    const { stdout } = await run('java', args, { timeout: 90_000 });
    return stdout.trim().split('\n');
  }

  it('produces and consumes with every compression', { timeout: 100_000 }, async () => {
    expect(await scenario('records')).toEqual([
      ...[0, 1, 2, 3, 4].map((offset) => `sent java-records 1 ${offset}`),
      '0 1004 key none 2004',
      '1 1004 key gzip 2004',
      '2 1006 key snappy 2006',
      '3 1003 key lz4 2003',
      '4 1004 key zstd 2004',
      'ends {java-records-1=0}{java-records-1=5}',
      'at 1006 (timestamp=1006, leaderEpoch=0, offset=2)',
      'at 2000 null',
    ]);
  });

  it('shares partitions in a group and commits', { timeout: 100_000 }, async () => {
    expect(await scenario('groups')).toEqual([
      'alone 40 of 4',
      'shared 2 + 2',
      'group Stable 2',
      'listed [java]',
      'alone again 4',
      'committed {java-groups-0=10, java-groups-1=10, java-groups-2=10, java-groups-3=10}',
    ]);
  });

  it('commits and aborts transactions, and fences', { timeout: 100_000 }, async () => {
    expect(await scenario('transactions')).toEqual([
      'fenced',
      'committed [committed 1, committed 2, committed 3]',
      'committed more 0',
      'uncommitted [committed 1, aborted, committed 2, left open, committed 3, still open]',
      'uncommitted more 0',
      'offset 7',
      'state CompleteAbort',
    ]);
  });

  it('administers topics', { timeout: 100_000 }, async () => {
    expect(await scenario('admin')).toEqual([
      'nodes 1',
      'again TopicExistsException',
      'partitions 3',
      'policy compact DYNAMIC_TOPIC_CONFIG',
      'retention 5',
      'newest 2',
      'earliest 2',
      'gone UnknownTopicOrPartitionException',
    ]);
  });
});
