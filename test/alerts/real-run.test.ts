import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { countRows, createFlowTable, flowJob, startFlow } from '../end-to-end/flow.ts';
import { setScene } from '../end-to-end/scene.ts';
import { createTopic, need, produce, startPostgres, until } from '../servers/index.ts';

const servers = await need('kafka', 'own-postgres');

/** A receiver of webhooks that refuses the very first message. */
async function startReceiver() {
  const taken: { rule: string; state: string; subject: string; message: string }[] = [];
  let refusals = 1;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    if (refusals-- > 0) response.statusCode = 503;
    else taken.push(JSON.parse(body));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/alerts`,
    /** The states of a rule so far, in order. */
    of: (rule: string) => taken.filter((message) => message.rule === rule),
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

servers.describe('alerts of a real run', () => {
  it('fire and are resolved: lag, dead letters, silence, database down, restart loop', {
    timeout: 150_000,
  }, async () => {
    const postgres = await startPostgres();
    const scene = await setScene(postgres);
    const { database } = scene;
    const receiver = await startReceiver();
    scene.after(receiver.close);
    scene.write(
      'cryptopipe.yaml',
      `alerts:
  receivers:
    hook: { url: "${receiver.url}", format: json }
  rules:
    lag: { when: lag-records, over: "1000", under: "100", for: 1 s }
    silence: { when: no-rows, for: 3 s }
    database-down: { when: degraded, for: 1 s }
    restart-loop: { when: restarts, over: 1, for: 5 s }
    letters: { when: dead-letters, over: 2, for: 3 s }
`,
    );
    await database.query(createFlowTable('without key'));
    const topic = await createTopic(servers.kafka);
    const file = scene.write(
      'flow.sql',
      `SET 'cryptopipe.dead-letter.table' = 'dead';
       SET 'cryptopipe.table.messages.on-error' = 'dead-letter';
       CREATE TABLE dead (error_code STRING) WITH ('connector' = 'blackhole');
       ${flowJob(servers.kafka, topic, database, 'without key')}`,
    );
    const flow = startFlow(servers.kafka, topic);
    // A small buffer: what the database does not take soon stays in Kafka.
    const bin = scene.start(['run', file, '--set', 'cryptopipe.table.flow.sink.buffer-flush.max-rows=500']);
    await until('rows', async () => (await countRows(database)).rows > 0);
    const told = async (rule: string, states: readonly string[]) => {
      await until(`${rule} ${states.at(-1)}`, async () => receiver.of(rule).length >= states.length, {
        timeout: 40_000,
      });
      expect(receiver.of(rule).map(({ state }) => state)).toEqual(states);
    };

    // Somebody holds a lock: messages come faster than they are written.
    const locked = database.query('BEGIN; LOCK TABLE flow; SELECT pg_sleep(6); COMMIT');
    await told('lag', ['firing']);
    expect(receiver.of('lag')[0]!.subject).toBe('flow/messages');
    expect(receiver.of('lag')[0]!.message).toMatch(/^flow\/messages is \d+ records behind \(limit 1000\)$/);
    await locked;
    await told('lag', ['firing', 'resolved']);

    // Two bad records are tolerated, five are not.
    const bad = (count: number) =>
      produce(
        servers.kafka,
        topic,
        Array.from({ length: count }, () => ({ value: '{' })),
      );
    await bad(2);
    await until('two letters', async () => bin.stderr.includes('"event":"row_rejected"'));
    expect(receiver.of('letters')).toEqual([]);
    await bad(5);
    await told('letters', ['firing']);
    expect(receiver.of('letters')[0]!.message).toMatch(/^flow had [5-7] dead letters within 3 s \(limit 2\)$/);
    await told('letters', ['firing', 'resolved']);

    // It may have been silent before, while the lock was held.
    await flow.stop();
    const silence = () => receiver.of('silence').at(-1);
    await until('silence', async () => silence()?.state === 'firing', { timeout: 40_000 });
    expect(silence()).toMatchObject({
      subject: 'flow',
      message: expect.stringMatching(/^flow has read no rows for \d+ s$/),
    });
    const again = startFlow(servers.kafka, topic, flow.sent);
    await until('rows again', async () => silence()?.state === 'resolved', { timeout: 40_000 });

    await postgres.kill();
    await told('database-down', ['firing']);
    await told('restart-loop', ['firing']);
    expect(receiver.of('restart-loop')[0]!.message).toMatch(/^flow\/flow restarted \d times within 5 s \(limit 1\)$/);
    expect(receiver.of('database-down')[0]!.message).toBe('flow/flow fails and is being repeated');
    await postgres.restart();
    await told('database-down', ['firing', 'resolved']);
    await told('restart-loop', ['firing', 'resolved']);
    await again.stop();

    // The first message was refused and sent again; the log tells the same as the receiver was told.
    expect(bin.stderr).toContain('alert_not_sent');
    expect(bin.stderr).toContain('answered 503');
    expect(bin.stderr).not.toContain(receiver.url);
    expect(await bin.end('SIGTERM')).toBe(0);
    for (const rule of ['lag', 'silence', 'database-down', 'restart-loop', 'letters']) {
      expect(bin.stderr.match(new RegExp(`"rule":"${rule}".*"alert_firing"`, 'g'))).toHaveLength(
        receiver.of(rule).filter(({ state }) => state === 'firing').length,
      );
    }
  });
});
