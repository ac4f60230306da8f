import { setTimeout as sleep } from 'node:timers/promises';
import type { Folder } from '../end-to-end/scene.ts';
import { createTopic, type Database, openProducer, until } from '../servers/index.ts';
import { type KillCase, type KillPlace, PARTITIONS, type TableText } from './kill-case.ts';

export interface KillOptions {
  readonly kills: number;
  /** Messages a second while the job is killed. */
  readonly rate: number;
  say(text: string): void;
}

export interface KillResult {
  readonly sent: number;
  /** How often the job had committed something when it was killed. */
  readonly progressed: number;
  /** By table: what the killed job wrote, what one wrote that nobody disturbed, what the messages say. */
  readonly tables: Readonly<Record<string, Readonly<Record<'killed' | 'undisturbed' | 'expected', TableText>>>>;
}

/** Messages are sent every so many milliseconds. */
const PAUSE = 50;
/** How long all may take to arrive after the last kill. */
const PATIENCE = 180_000;

/**
 * Kills a job with state again and again while messages come in through four partitions, then runs the same job
 * undisturbed over the same messages.
 */
export async function runKills(
  folder: Folder,
  kafka: string,
  database: Database,
  killed: KillCase,
  options: KillOptions,
): Promise<KillResult> {
  const topics: Record<string, string> = {};
  for (const name of killed.topics) topics[name] = await createTopic(kafka, { partitions: PARTITIONS });
  const place: KillPlace = { kafka, topics, database };
  for (const prefix of ['killed', 'undisturbed']) await database.query(killed.createTables(prefix));
  const job = (prefix: string) => folder.write(`${prefix}.sql`, killed.jobText(prefix, place));
  const flow = startFlow(killed, place, options.rate);
  folder.after(() => flow.stop());
  const file = job('killed');
  const progress = () => count(database, killed, 'killed', killed.progress);
  let progressed = 0;
  for (let kill = 0; kill < options.kills; kill++) {
    const bin = folder.start(['run', file]);
    const before = await progress();
    await until('progress', async () => (await progress()) > before, { every: 50, timeout: 30_000 }).catch(
      (error: Error) => {
        throw new Error(`${error.message}\n${bin.stderr}`);
      },
    );
    progressed++;
    // Different moments between two commits, and of what they do.
    await sleep((kill * 37) % 400);
    await bin.end('SIGKILL');
    options.say(`kill ${kill + 1}/${options.kills}: ${flow.sent} sent`);
  }
  const sent = await flow.stop();
  const last = folder.start(['run', file]);
  await arrive(database, killed, 'killed', sent, () => last.stderr);
  await last.end('SIGTERM');
  const calm = folder.start(['run', job('undisturbed')]);
  await arrive(database, killed, 'undisturbed', sent, () => calm.stderr);
  await calm.end('SIGTERM');
  const tables: Record<string, KillResult['tables'][string]> = {};
  for (const [name, table] of Object.entries(killed.tables)) {
    tables[name] = {
      killed: await tableText(database, `killed_${name}`),
      undisturbed: await tableText(database, `undisturbed_${name}`),
      expected: table.rows(sent),
    };
  }
  return { sent, progressed, tables };
}

interface Flow {
  readonly sent: number;
  stop(): Promise<number>;
}

function startFlow(killed: KillCase, { kafka, topics }: KillPlace, rate: number): Flow {
  const size = Math.round((rate * PAUSE) / 1000);
  let stopped = false;
  let sent = 0;
  const done = (async () => {
    const producer = await openProducer(kafka);
    const send = (messages: ReturnType<KillCase['lastMessages']>) =>
      producer.send(messages.map((message) => ({ ...message, topic: topics[message.topic]! })));
    const began = performance.now();
    while (!stopped) {
      const first = sent;
      await send(Array.from({ length: size }, (_, i) => killed.message(first + i)));
      sent += size;
      await sleep(Math.max(0, began + (sent / rate) * 1000 - performance.now()));
    }
    await send(killed.lastMessages(sent));
    await producer.close();
  })();
  return {
    get sent() {
      return sent;
    },
    async stop() {
      stopped = true;
      await done;
      return sent;
    },
  };
}

async function count(database: Database, { tables }: KillCase, prefix: string, table: string): Promise<number> {
  const [found] = await database.query(
    `SELECT coalesce(${tables[table]!.count}, 0)::int AS found FROM ${prefix}_${table}`,
  );
  return found!.found as number;
}

async function arrive(
  database: Database,
  killed: KillCase,
  prefix: string,
  sent: number,
  said: () => string,
): Promise<void> {
  for (const [name, table] of Object.entries(killed.tables)) {
    const total = table.total(sent);
    let found = 0;
    const all = async () => {
      found = await count(database, killed, prefix, name);
      return found >= total;
    };
    await until(`all of ${name}`, all, { every: 200, timeout: PATIENCE }).catch((error: Error) => {
      throw new Error(`${error.message}: ${found} of ${total}\n${said()}`);
    });
  }
}

async function tableText(database: Database, table: string): Promise<TableText> {
  const rows = await database.query(`SELECT t::text AS row FROM ${table} AS t`);
  return rows.map(({ row }) => row as string).sort();
}
