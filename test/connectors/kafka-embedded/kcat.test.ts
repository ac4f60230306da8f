import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '../../../connectors/kafka/embedded/broker.ts';
import { isOnPath } from '../../servers/kafka-jars.ts';

const suite = (tests: () => void): void => {
  if (isOnPath('kcat')) describe('kcat', tests);
  else describe.skip('kcat', { meta: { missingServers: ['no kcat (apt-get install kcat)'] } }, tests);
};

suite(() => {
  let broker: EmbeddedBroker;

  beforeAll(async () => {
    broker = await startEmbeddedBroker();
  });

  afterAll(() => broker.close());

  async function kcat(args: readonly string[], input = ''): Promise<string[]> {
    const running = promisify(execFile)('kcat', ['-b', broker.address, '-q', ...args], { timeout: 20_000 });
    running.child.stdin!.end(input);
    const { stdout } = await running;
    return stdout.split('\n').filter((line) => line !== '');
  }

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('produces and consumes, %s', async (codec) => {
    const values = Array.from({ length: 200 }, (_, i) => `value ${i}`);
    await kcat(['-P', '-t', codec, '-K', '=', '-z', codec], values.map((v, i) => `k${i}=${v}\n`).join(''));
    const seen = await kcat(['-C', '-t', codec, '-e', '-f', '%o %k %s\n']);
    expect(seen).toEqual(values.map((v, i) => `${i} k${i} ${v}`));
  });

  it('lists topics', async () => {
    await kcat(['-P', '-t', 'listed'], 'x\n');
    expect((await kcat(['-L'])).some((line) => line.includes('topic "listed" with 1 partitions'))).toBe(true);
  });

  it('finds offsets by time', async () => {
    await kcat(['-P', '-t', 'times'], 'x\n');
    const [time] = await kcat(['-C', '-t', 'times', '-e', '-f', '%T\n']);
    expect(await kcat(['-Q', '-t', `times:0:${time}`])).toEqual(['times [0] offset 0']);
    expect(await kcat(['-Q', '-t', 'times:0:-1'])).toEqual(['times [0] offset 1']);
  });

  it('consumes in a group and goes on where it was', async () => {
    const group = ['-X', 'auto.offset.reset=earliest', '-e', '-G', 'kcat', 'grouped'];
    await kcat(['-P', '-t', 'grouped'], 'a\nb\n');
    expect(await kcat(group)).toEqual(['a', 'b']);
    await kcat(['-P', '-t', 'grouped'], 'c\n');
    expect(await kcat(group)).toEqual(['c']);
  });

  it('produces idempotently and in a transaction', async () => {
    await kcat(['-P', '-t', 'exact', '-X', 'enable.idempotence=true'], 'a\nb\n');
    await kcat(['-P', '-t', 'exact', '-X', 'transactional.id=kcat'], 'c\n');
    const seen = await kcat(['-C', '-t', 'exact', '-e', '-X', 'isolation.level=read_committed']);
    expect(seen).toEqual(['a', 'b', 'c']);
    // The record of the transaction is followed by its marker.
    expect(await kcat(['-Q', '-t', 'exact:0:-1'])).toEqual(['exact [0] offset 4']);
  });
});
