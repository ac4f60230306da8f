import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Place } from './place.ts';
import { quantile } from './statistics.ts';

/** From the moment before a message is sent to the moment it, or a later one in its place, is seen in the table; ms. */
export interface Latency {
  /** Messages per second. */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  /** Messages that were measured. */
  readonly seen: number;
}

/** A job that runs until it is ended: what to start for it. */
export interface LiveJob {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Ends what is left once the program was killed. */
  end?(): Promise<void>;
}

const SECONDS = 8;

/**
 * Sends messages at a rate into a running job and looks at the table without pause. The message's own time is that of its
 * sending, both clocks are the same. `command` is ended.
 */
export async function measureLatency(place: Place, topic: string, rate: number, command: LiveJob): Promise<Latency> {
  const client = new pg.Client(place.database.url);
  await client.connect();
  const child = spawn(command.program, command.args, { env: command.env ?? process.env, stdio: 'ignore' });
  const producer = await place.openProducer();
  try {
    /** When each message was sent, in order. */
    const sent: number[] = [];
    const send = (n: number) =>
      producer.send(
        Array.from({ length: n }, (_, i) => {
          const now = Date.now();
          sent.push(now);
          return { topic, value: `{"symbol":"S${i % 3}","price":"1","event_time_ms":${now}}` };
        }),
      );
    const newest = async () => {
      const { rows } = await client.query<{ at: string | null }>(
        'SELECT (extract(epoch FROM max(event_time)) * 1000)::bigint AS at FROM prices',
      );
      return Number(rows[0]?.at ?? 0);
    };
    // The first row: the job runs.
    for (const until = performance.now() + 300_000; (await newest()) === 0; await sleep(50)) {
      if (performance.now() > until) throw new Error('no row within five minutes');
      await send(1);
    }
    const ages: number[] = [];
    let flowing = true;
    const flow = (async () => {
      const every = rate >= 200 ? 5 : 1000 / rate;
      const each = Math.max(1, Math.round((rate * every) / 1000));
      const start = performance.now();
      for (let i = 0; flowing; i++) {
        await send(each);
        const ahead = start + (i + 1) * every - performance.now();
        if (ahead > 0) await sleep(ahead);
      }
    })();
    await sleep(1000);
    const before = await newest();
    let next = sent.findIndex((each) => each > before);
    for (const until = performance.now() + SECONDS * 1000; performance.now() < until; await sleep(1)) {
      const at = await newest();
      const now = Date.now();
      // What a flush brings at once has waited for different times.
      for (; next >= 0 && next < sent.length && sent[next]! <= at; next++) ages.push(now - sent[next]!);
    }
    flowing = false;
    await flow;
    return { rate, p50: quantile(ages, 0.5), p99: quantile(ages, 0.99), seen: ages.length };
  } finally {
    await producer.close();
    child.kill('SIGKILL');
    await command.end?.();
    await client.end();
  }
}

/** Seconds from starting a program to the first row in the table, messages flowing. */
export async function measureFirstRow(place: Place, topic: string, command: LiveJob): Promise<number> {
  const client = new pg.Client(place.database.url);
  await client.connect();
  const producer = await place.openProducer();
  let flowing = true;
  const flow = (async () => {
    for (; flowing; await sleep(5)) {
      await producer.send([{ topic, value: `{"symbol":"S","price":"1","event_time_ms":${Date.now()}}` }]);
    }
  })();
  const start = performance.now();
  const child = spawn(command.program, command.args, { env: command.env ?? process.env, stdio: 'ignore' });
  try {
    for (; (await client.query('SELECT 1 FROM prices LIMIT 1')).rowCount === 0; await sleep(2)) {
      if (performance.now() - start > 300_000) throw new Error('no row within five minutes');
    }
    return (performance.now() - start) / 1000;
  } finally {
    flowing = false;
    await flow;
    await producer.close();
    child.kill('SIGKILL');
    await command.end?.();
    await client.end();
  }
}
