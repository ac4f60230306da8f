import { get } from 'node:http';
import { expect, it } from 'vitest';
import type { LetterView, Problems, RowsView } from '../../bin/dashboard/messages.ts';
import { setFolder } from '../end-to-end/scene.ts';
import { crashOnFile } from '../operations/crash.ts';
import { servedUrl, untilLogged } from '../operations/heard.ts';
import { createTopic, need, produce, until } from '../servers/index.ts';

const servers = await need('kafka');
const PARTITIONS = 6;

/** Takes the server-sent events of one name; the function that is returned ends it. */
function listen<T>(url: string, name: string, take: (value: T) => void): () => void {
  let text = '';
  const request = get(url, (response) => {
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      const events = (text + part).split('\n\n');
      text = events.pop()!;
      for (const event of events) {
        const [head, data] = event.split('\n');
        if (head === `event: ${name}`) take(JSON.parse(data!.slice('data: '.length)) as T);
      }
    });
  }).on('error', () => undefined);
  return () => void request.destroy();
}

servers.describe('what several workers of one job do', () => {
  it('is shown together: rows, dead letters, figures, also over the crash of one', { timeout: 120_000 }, async () => {
    const topic = await createTopic(servers.kafka, { partitions: PARTITIONS });
    const scene = setFolder();
    const file = scene.write(
      'job.sql',
      `SET 'pipeline.name' = 'shared';
       CREATE TABLE numbers (n INT, secret STRING) WITH ('connector' = 'kafka', 'topic' = '${topic}',
         'properties.bootstrap.servers' = '${servers.kafka}', 'scan.startup.mode' = 'earliest-offset',
         'format' = 'json', 'on-error' = 'skip');
       CREATE TABLE nowhere (n INT, secret STRING) WITH ('connector' = 'blackhole');
       CREATE TABLE unused (id BIGINT) WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://localhost:1/none',
         'table-name' = 'none', 'password' = 'tr0ub4dor-and-3');
       INSERT INTO nowhere SELECT n, secret FROM numbers;`,
    );
    const bin = scene.start(['run', file, '--parallelism', '3', '--port', '0'], {
      NODE_OPTIONS: crashOnFile('worker'),
      XDG_RUNTIME_DIR: scene.folder,
    });
    const url = await servedUrl(bin);
    const sample = async (pattern: string) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(new RegExp(`^${pattern} (\\S+)$`, 'm').exec(text)?.[1]);
    };
    const read = () => sample('cryptopipe_rows_read_total\\{job="shared",pipeline="nowhere",table="numbers"\\}');
    const restarts = () => sample('cryptopipe_restarts_total\\{job="shared",table="nowhere"\\}');
    const seen: RowsView[] = [];
    scene.after(async () => unwatch());
    const unwatch = listen<RowsView>(`${url}/dashboard/rows?of=0/0`, 'rows', (rows) => seen.push(rows));
    let letters: readonly LetterView[] = [];
    const unhear = listen<Problems>(`${url}/dashboard/events`, 'problems', (problems) => {
      letters = problems.letters;
    });
    scene.after(async () => unhear());

    // One good and one bad message in each partition, again and again.
    let sent = 0;
    const send = async () => {
      const good = Array.from({ length: PARTITIONS }, (_, partition) => ({
        partition,
        value: `{"n":${partition},"secret":"tr0ub4dor-and-3"}`,
      }));
      const bad = good.map(({ partition }) => ({ partition, value: 'no JSON' }));
      await produce(servers.kafka, topic, [...good, ...bad]);
      sent += PARTITIONS;
    };
    const shown = () => new Set(seen.flatMap(({ rows }) => rows.map(({ cells }) => cells[0])));
    await until('rows of all partitions', async () => {
      await send();
      return shown().size === PARTITIONS;
    });
    const places = () => new Set(letters.map(({ place }) => place.replace(/ at .*/, '')));
    await until('letters of all partitions', () => places().size === PARTITIONS);
    await until('all of them', async () => (await read()) === sent);
    expect(seen.at(-1)!.seen).toBeLessThanOrEqual(sent);
    expect(new Set(seen.flatMap(({ rows }) => rows.map(({ cells }) => cells[1])))).toEqual(new Set(['***']));
    expect(await sample('cryptopipe_rejected_total\\{.*table="numbers",reason="malformed"\\}')).toBe(sent);
    expect(await sample('cryptopipe_pipeline_state\\{.*state="running"\\}')).toBe(1);
    expect(await restarts()).toBe(0);

    // The successor of a crashed worker begins anew, what was counted stays.
    scene.write('crash', '');
    await untilLogged(bin, 'worker_crashed');
    expect(await read()).toBeGreaterThanOrEqual(sent);
    await until(
      'it is running again',
      async () => (await sample('cryptopipe_pipeline_state\\{.*state="running"\\}')) === 1,
    );
    expect(await restarts()).toBe(1);
    seen.length = 0;
    await until('rows of all partitions again', async () => {
      await send();
      return shown().size === PARTITIONS;
    });
    expect(await read()).toBeGreaterThanOrEqual(sent - PARTITIONS);
    expect(await bin.end('SIGTERM')).toBe(0);
  });
});
