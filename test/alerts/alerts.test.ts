import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Alert, observe } from '../../bin/alerts/evaluate.ts';
import { bodyFor } from '../../bin/alerts/message.ts';
import { Mailbox } from '../../bin/alerts/send.ts';
import type { AlertRule } from '../../bin/config/configuration.ts';
import { createStatus } from '../../engine/runtime/status.ts';

function rule(when: AlertRule['when'], more: Partial<AlertRule> = {}): AlertRule {
  return { name: 'r', when, over: 0, under: 0, for: 10_000, to: [], ...more };
}

/** Steps an alert through values, one a second; the transitions as 'second state'. */
function run(alert: Alert, values: readonly number[]): string[] {
  return values.flatMap((value, second) => {
    const transition = alert.step({ subject: 's', job: 'j', value }, second * 1000);
    return transition === undefined ? [] : [`${second} ${transition.state}`];
  });
}

test('a lag fires after its time and resolves only below the lower limit', () => {
  const lag = rule('lag-records', { over: 100, under: 50, for: 2000 });
  expect(run(new Alert(lag), [200, 200, 200, 200])).toEqual(['2 firing']);
  expect(run(new Alert(lag), [200, 200, 90, 200, 200, 200])).toEqual(['5 firing']);
  expect(run(new Alert(lag), [200, 200, 200, 90, 60, 120, 50, 200])).toEqual(['2 firing', '6 resolved']);
});

test('silence: no rows for the span, resolved by the first row', () => {
  const silence = rule('no-rows', { for: 3000 });
  expect(run(new Alert(silence), [0, 0, 0, 0, 0, 5, 5, 5, 5, 5])).toEqual(['3 firing', '5 resolved', '8 firing']);
  expect(run(new Alert(silence), [1, 2, 3, 4, 5, 6])).toEqual([]);
});

test('dead letters and restarts are counted within the span', () => {
  const letters = rule('dead-letters', { over: 2, under: 2, for: 3000 });
  expect(run(new Alert(letters), [0, 1, 2, 3, 3, 3, 3, 3])).toEqual(['3 firing', '4 resolved']);
  expect(run(new Alert(letters), [5, 5, 5, 5])).toEqual([]);
});

test('degraded for its time', () => {
  expect(run(new Alert(rule('degraded', { for: 2000 })), [1, 0, 1, 1, 1, 0])).toEqual(['4 firing', '5 resolved']);
});

test('what a rule observes of a job', () => {
  const status = createStatus('sink');
  status.rowsIn = 12;
  status.restarts = 2;
  status.state = 'degraded';
  status.lag = () => [
    { source: 'ticks', split: 'a-0', records: 5, timestamp: 1000 },
    { source: 'ticks', split: 'a-1', records: 0, timestamp: 10 },
    { source: 'other', split: 'b-0' },
  ];
  const job = {
    name: 'j',
    file: 'j.sql',
    pipelines: [status],
    counted: () => new Map([['ticks', new Map([['dead_letters', 4]])]]),
    stop: () => {},
  };
  const values = (when: AlertRule['when']) => observe(rule(when), [job], 3000).map((o) => [o.subject, o.value]);
  expect(values('no-rows')).toEqual([['j', 12]]);
  expect(values('restarts')).toEqual([['j/sink', 2]]);
  expect(values('degraded')).toEqual([['j/sink', 1]]);
  expect(values('lag-records')).toEqual([['j/ticks', 5]]);
  expect(values('lag-time')).toEqual([['j/ticks', 2000]]);
  expect(values('dead-letters')).toEqual([['j', 4]]);
  expect(observe(rule('no-rows', { job: 'another' }), [job], 0)).toEqual([]);
});

test('messages: fields, a Slack payload, a template whose values cannot break its JSON', () => {
  const transition = {
    rule: rule('lag-time', { name: 'late', over: 30_000 }),
    subject: 'prices/<"btc">',
    job: 'prices',
    state: 'firing' as const,
    value: 61_000,
    time: 0,
  };
  const receiver = { url: 'http://x', headers: {} };
  expect(JSON.parse(bodyFor({ ...receiver, format: 'json' }, transition))).toEqual({
    rule: 'late',
    state: 'firing',
    job: 'prices',
    subject: 'prices/<"btc">',
    value: 61_000,
    message: 'prices/<"btc"> is 61 s behind (limit 30 s)',
    time: '1970-01-01T00:00:00.000Z',
  });
  expect(JSON.parse(bodyFor({ ...receiver, format: 'slack' }, transition))).toEqual({
    text: ':red_circle: *late* prices/&lt;"btc"&gt; is 61 s behind (limit 30 s)',
  });
  const template = '{"summary":"{{subject}}: {{ state }}","n":{{value}},"x":"{{nothing}}"}';
  expect(JSON.parse(bodyFor({ ...receiver, format: 'json', template }, transition))).toEqual({
    summary: 'prices/<"btc">: firing',
    n: 61_000,
    x: '{{nothing}}',
  });
});

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

test('a receiver that fails is tried again, in order, and its address is in no message', async () => {
  const bodies: string[] = [];
  let refusals = 2;
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    if (refusals-- > 0) response.statusCode = 503;
    else bodies.push(`${request.headers.authorization} ${body}`);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const failures: string[] = [];
  const receiver = {
    url: `http://127.0.0.1:${port}/s3cret`,
    format: 'json' as const,
    headers: { Authorization: 'Bearer x' },
  };
  const mailbox = new Mailbox(receiver, (reason, attempt) => failures.push(`${attempt} ${reason}`), 10);
  mailbox.send('one');
  mailbox.send('two');
  await mailbox.close(20_000);
  expect(bodies).toEqual(['Bearer x one', 'Bearer x two']);
  expect(failures).toEqual(['1 answered 503 Service Unavailable', '2 answered 503 Service Unavailable']);
});

test('closing gives up on a receiver that is away', async () => {
  const failures: string[] = [];
  const receiver = { url: 'http://127.0.0.1:1/s3cret', format: 'json' as const, headers: {} };
  const mailbox = new Mailbox(receiver, (reason) => failures.push(reason), 10);
  mailbox.send('one');
  await mailbox.close(50);
  expect(failures.length).toBeGreaterThan(0);
  expect(failures.join()).not.toContain('s3cret');
});
