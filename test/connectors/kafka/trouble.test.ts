import { execFileSync } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { alterUserScramCredentialsV0 } from '@platformatic/kafka';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, connect } from '../../../connectors/kafka/connection.ts';
import { readSettings } from '../../../connectors/kafka/settings.ts';
import { createTopic, freePort, need, type OwnKafka, produce, startKafka, until } from '../../servers/index.ts';
import { quiet, readAll, rowsFor, sinkOf, sourceOf, tableOf } from './table.ts';

const servers = await need('own-kafka');

servers.describe('a broker of its own', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cryptopipe-certificates-'));
  const file = (name: string): string => path.join(folder, name);
  let broker: OwnKafka;
  let tls = '';
  let sasl = '';
  let topic = '';

  beforeAll(async () => {
    certificates(folder);
    const [plain, tlsPort, saslPort, controller] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const at = (name: string, port: number): string => `${name}://127.0.0.1:${port}`;
    const listeners = [
      at('CLIENTS', plain),
      at('TLS', tlsPort),
      at('SASL', saslPort),
      at('CONTROLLER', controller),
    ].join(',');
    const jaas = (module: string): string => `org.apache.kafka.common.security.${module} required`;
    broker = await startKafka({
      port: plain,
      properties: {
        // A broker that was killed may come back at once.
        'broker.session.timeout.ms': '1500',
        'broker.heartbeat.interval.ms': '300',
        'controller.quorum.bootstrap.servers': `127.0.0.1:${controller}`,
        listeners,
        'advertised.listeners': listeners,
        'listener.security.protocol.map': 'CLIENTS:PLAINTEXT,TLS:SSL,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
        'listener.name.tls.ssl.keystore.type': 'PEM',
        'listener.name.tls.ssl.keystore.location': file('server.both'),
        'listener.name.tls.ssl.truststore.type': 'PEM',
        'listener.name.tls.ssl.truststore.location': file('ca.pem'),
        'listener.name.tls.ssl.client.auth': 'required',
        'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
        'listener.name.sasl.oauthbearer.sasl.jaas.config': `${jaas('oauthbearer.OAuthBearerLoginModule')} unsecuredLoginStringClaim_sub="broker";`,
        'listener.name.sasl.plain.sasl.jaas.config': `${jaas('plain.PlainLoginModule')} user_alice="geheim";`,
        'listener.name.sasl.scram-sha-256.sasl.jaas.config': `${jaas('scram.ScramLoginModule')};`,
        'listener.name.sasl.scram-sha-512.sasl.jaas.config': `${jaas('scram.ScramLoginModule')};`,
      },
    });
    tls = `127.0.0.1:${tlsPort}`;
    sasl = `127.0.0.1:${saslPort}`;
    topic = await createTopic(broker.address, { partitions: 1 });
    await produce(broker.address, topic, [{ value: 'a' }]);
    await addScramUser(broker.address, 'alice', 'geheim');
  });
  afterAll(async () => {
    await broker?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const options = (server: string, more: Readonly<Record<string, string>> = {}) => ({
    topic,
    'properties.bootstrap.servers': server,
    'scan.startup.mode': 'earliest-offset',
    'scan.bounded.mode': 'latest-offset',
    ...more,
  });

  it('is read over TLS with a certificate of the client', async () => {
    const trusting = {
      'properties.security.protocol': 'SSL',
      'properties.ssl.truststore.type': 'PEM',
      'properties.ssl.truststore.location': file('ca.pem'),
      'properties.ssl.keystore.type': 'PEM',
      'properties.ssl.keystore.location': file('client.both'),
    };
    expect(await readAll(['v'], options(tls, trusting))).toEqual([['a']]);
    const inline = {
      ...trusting,
      'properties.ssl.keystore.location': '',
      'properties.ssl.keystore.key': readFileSync(file('client.key'), 'utf8').replaceAll('\n', ' '),
      'properties.ssl.keystore.certificate.chain': readFileSync(file('client.pem'), 'utf8').replaceAll('\n', '\\n'),
    };
    expect(await readAll(['v'], options(tls, inline))).toEqual([['a']]);
  });

  it('is not trusted without its authority, nor under another name', async () => {
    await expect(readAll(['v'], options(tls, { 'properties.security.protocol': 'SSL' }))).rejects.toMatchObject({
      code: 'kafka-tls',
      passing: false,
      message: expect.stringContaining(
        `broker ${tls} of option 'properties.bootstrap.servers' shows a certificate that is not trusted`,
      ),
    });
    const other = tls.replace('127.0.0.1', 'localhost');
    const trusting = {
      'properties.security.protocol': 'SSL',
      'properties.ssl.truststore.location': file('ca.pem'),
      'properties.ssl.keystore.location': file('client.both'),
    };
    await expect(readAll(['v'], options(other, trusting))).rejects.toMatchObject({
      code: 'kafka-tls',
      message: expect.stringContaining('shows a certificate of another host'),
    });
    const unchecked = { ...trusting, 'properties.ssl.endpoint.identification.algorithm': ' ' };
    expect(await readAll(['v'], options(other, unchecked))).toEqual([['a']]);
  });

  it('takes a token by OAUTHBEARER, and says what the endpoint says', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const token = `${part({ alg: 'none' })}.${part({ sub: 'job', iat: now - 5, exp: now + 300 })}.`;
    const endpoint = createServer((request, response) => {
      const allowed = request.headers.authorization === `Basic ${btoa('job:geheim')}`;
      response.writeHead(allowed ? 200 : 401).end(JSON.stringify(allowed ? { access_token: token } : { error: 'no' }));
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    const { port } = endpoint.address() as AddressInfo;
    const secured = (secret: string) =>
      options(sasl, {
        'properties.security.protocol': 'SASL_PLAINTEXT',
        'properties.sasl.mechanism': 'OAUTHBEARER',
        'properties.sasl.oauthbearer.token.endpoint.url': `http://127.0.0.1:${port}/token`,
        'properties.sasl.jaas.config': `org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="job" clientSecret="${secret}";`,
      });
    try {
      expect(await readAll(['v'], secured('geheim'))).toEqual([['a']]);
      await expect(readAll(['v'], secured('wrong'))).rejects.toMatchObject({
        code: 'kafka-authentication',
        passing: false,
        message: expect.stringMatching(/gives no token to client 'job' \(status 401\): no$/),
      });
    } finally {
      endpoint.close();
    }
  });

  for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']) {
    it(`takes credentials by ${mechanism} and refuses wrong ones`, async () => {
      const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule';
      const secured = (password: string) =>
        options(sasl, {
          'properties.security.protocol': 'SASL_PLAINTEXT',
          'properties.sasl.mechanism': mechanism,
          'properties.sasl.jaas.config': `org.apache.kafka.common.security.${module} required username="alice" password="${password}";`,
        });
      expect(await readAll(['v'], secured('geheim'))).toEqual([['a']]);
      await expect(readAll(['v'], secured('wrong'))).rejects.toMatchObject({
        code: 'kafka-authentication',
        passing: false,
        message: expect.stringContaining(
          `broker ${sasl} of option 'properties.bootstrap.servers' refuses the credentials (${mechanism})`,
        ),
      });
    });
  }

  it('cuts off clients without credentials, and the error says where to look', async () => {
    await expect(readAll(['v'], options(sasl))).rejects.toMatchObject({
      passing: true,
      help: expect.stringContaining('properties.security.protocol'),
    });
  });

  it('is waited for when it goes away: nothing is lost and nothing comes twice', async () => {
    const other = await createTopic(broker.address, { partitions: 2 });
    const messages = (from: number) =>
      Array.from({ length: 1000 }, (_, i) => ({ value: String(from + i), partition: i % 2 }));
    await produce(broker.address, other, messages(0));
    const events: string[] = [];
    const reader = sourceOf(
      ['v'],
      { ...options(broker.address), topic: other, 'scan.bounded.mode': '' },
      quiet(events),
    );
    await reader.open();
    const rows = await reader.rows(1000);
    const more = reader.rows(2000);
    await broker.restart();
    await produce(broker.address, other, messages(1000));
    await broker.kill();
    await broker.restart();
    await produce(broker.address, other, messages(2000));
    rows.push(...(await more));
    await reader.source.close();
    const numbers = rows.map((row) => Number(row[0])).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 3000 }, (_, i) => i));
    expect(events.filter((event) => event.startsWith('kafka_reconnecting')).length).toBeGreaterThan(0);
  }, 90_000);

  it('is waited for when rows are written: each is there once, in order', async () => {
    for (const guarantee of ['at-least-once', 'exactly-once']) {
      const target = await createTopic(broker.address, { partitions: 1 });
      const table = tableOf('v');
      const sink = sinkOf(table, {
        topic: target,
        'properties.bootstrap.servers': broker.address,
        'properties.batch.size': '2000',
        'sink.delivery-guarantee': guarantee,
        'sink.transactional-id-prefix': 'trouble',
      });
      await sink.open();
      const write = (from: number) =>
        sink.write(
          rowsFor(
            table,
            Array.from({ length: 500 }, (_, i) => [String(from + i)]),
          ),
        );
      const commit = (position: number) =>
        sink.commit({ positions: new Map([['s', new Map([['x', String(position)]])]]) });
      await write(0);
      await commit(1);
      await write(500);
      // In an orderly way, and at once.
      const away = guarantee === 'at-least-once' ? broker.stop() : broker.kill();
      const committed = commit(2);
      await write(1000);
      await away;
      await broker.restart();
      await committed;
      await write(1500);
      const last = commit(3);
      await last;
      await sink.close();
      const expected = Array.from({ length: 2000 }, (_, i) => String(i));
      await until(
        'all rows',
        async () => (await readAll(['v'], options(broker.address, { topic: target }))).length >= 2000,
      );
      const rows = await readAll(['v'], options(broker.address, { topic: target }));
      expect(
        rows.map(([v]) => v),
        guarantee,
      ).toEqual(expected);
    }
  }, 120_000);
});

/** An authority, a server at 127.0.0.1 and a client: name.key, name.pem and both in name.both. */
function certificates(folder: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=authority');
  for (const name of ['server', 'client']) {
    const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, ...names);
    const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...authority, '-days', '2', '-out', `${name}.pem`);
    const both = ['key', 'pem'].map((part) => readFileSync(path.join(folder, `${name}.${part}`), 'utf8'));
    writeFileSync(path.join(folder, `${name}.both`), both.join(''));
  }
}

async function addScramUser(server: string, name: string, password: string): Promise<void> {
  const connection = await connect(
    { host: '127.0.0.1', port: Number(server.split(':')[1]) },
    readSettings(server, undefined, new Map(), () => {}, false),
  );
  const salt = randomBytes(16);
  for (const mechanism of [1, 2]) {
    const saltedPassword = pbkdf2Sync(password, salt, 4096, mechanism * 32, mechanism === 1 ? 'sha256' : 'sha512');
    const user = { name, mechanism, iterations: 4096, salt, saltedPassword };
    const { results } = await call(connection, alterUserScramCredentialsV0.api, [], [user]);
    expect(results.map((result) => result.errorCode)).toEqual([0]);
  }
  await connection.close();
}
