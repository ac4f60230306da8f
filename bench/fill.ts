import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openProducer } from '../test/servers/index.ts';
import type { MakeMessage } from './messages.ts';

/** Partitions of each topic that is filled. */
export const PARTITIONS = 2;

/**
 * Writes messages 0 … count−1, one line each, to the topics in turn and within a topic to its partitions in turn, in order.
 * With kcat where it is there, ten times as fast as kafkajs.
 */
export async function fill(kafka: string, topics: readonly string[], make: MakeMessage, count: number): Promise<void> {
  const hasKcat = spawnSync('kcat', ['-V'], { stdio: 'ignore' }).status === 0;
  await (hasKcat ? fillByKcat : fillByKafkajs)(kafka, topics, make, count);
}

async function fillByKcat(kafka: string, topics: readonly string[], make: MakeMessage, count: number): Promise<void> {
  const places = Array.from({ length: PARTITIONS }, (_, partition) =>
    topics.map((topic) => ({ topic, partition: String(partition) })),
  ).flat();
  const producers = places.map(({ topic, partition }) => {
    const args = ['-P', '-b', kafka, '-t', topic, '-p', partition, '-X', 'linger.ms=50', '-X', 'acks=all'];
    const child = spawn('kcat', args, { stdio: ['pipe', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (part: Buffer) => {
      stderr += part.toString();
    });
    const ended = once(child, 'close').then(([code]) => {
      if (code !== 0) throw new Error(`kcat could not produce (${String(code)}): ${stderr}`);
    });
    return { stdin: child.stdin, ended };
  });
  const step = places.length * 5000;
  for (let at = 0; at < count; at += step) {
    for (const [p, { stdin }] of producers.entries()) {
      let lines = '';
      for (let i = at + p; i < Math.min(at + step, count); i += places.length) lines += `${make(i)}\n`;
      if (!stdin.write(lines)) await once(stdin, 'drain');
    }
  }
  for (const { stdin } of producers) stdin.end();
  await Promise.all(producers.map(({ ended }) => ended));
}

async function fillByKafkajs(
  kafka: string,
  topics: readonly string[],
  make: MakeMessage,
  count: number,
): Promise<void> {
  const producer = await openProducer(kafka);
  // A batch of kafkajs is one record batch for each partition: brokers take 1 MB.
  const step = Math.min(30_000, Math.floor(4_000_000 / make(0).length));
  for (let at = 0; at < count; at += step) {
    const messages = Array.from({ length: Math.min(step, count - at) }, (_, i) => ({
      topic: topics[(at + i) % topics.length]!,
      partition: Math.floor((at + i) / topics.length) % PARTITIONS,
      value: make(at + i),
    }));
    await producer.send(messages);
  }
  await producer.close();
}
