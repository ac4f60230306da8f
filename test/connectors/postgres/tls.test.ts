import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type } from '../../../engine/types/data-type.ts';
import { need, type OwnPostgres, query, startPostgres } from '../../servers/index.ts';
import { failure, sinkOf } from './sink-of.ts';

const servers = await need('own-postgres');

servers.describe('a connection with TLS', () => {
  let server: OwnPostgres;
  let dir: string;
  const file = (name: string) => path.join(dir, name);

  beforeAll(async () => {
    server = await startPostgres();
    await query(server.url, 'CREATE TABLE t (a int)');
    await query(server.url, 'CREATE USER certified');
    await query(server.url, 'GRANT ALL ON t TO certified');
    dir = path.dirname(server.log);
    issue('ca', '/CN=test ca');
    issue('server', '/CN=server', 'DNS:localhost');
    issue('client', '/CN=certified', 'DNS:client');
    issue('other-ca', '/CN=another ca');
    execFileSync('openssl', [
      'pkcs8',
      '-topk8',
      '-nocrypt',
      '-outform',
      'DER',
      '-in',
      file('client.key'),
      '-out',
      file('client.pk8'),
    ]);
  });
  afterAll(() => server?.remove());

  function issue(name: string, subject: string, alternative?: string): void {
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', file(`${name}.key`), '-subj', subject];
    const signed =
      alternative === undefined
        ? []
        : ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-addext', `subjectAltName=${alternative}`];
    execFileSync('openssl', ['req', '-x509', ...key, ...signed, '-days', '2', '-out', file(`${name}.crt`)], {
      stdio: 'ignore',
    });
    const { uid, gid } = statSync(dir);
    chownSync(file(`${name}.key`), uid, gid);
    chmodSync(file(`${name}.key`), 0o600);
  }

  const configure = async (ssl: 'on' | 'off', hba: string) => {
    const [{ hba_file }] = (await query(server.url, 'SHOW hba_file')) as [{ hba_file: string }];
    writeFileSync(
      hba_file,
      `local all all trust\n${hba}\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n`,
    );
    await query(server.url, `ALTER SYSTEM SET ssl = ${ssl}`);
    await query(server.url, `ALTER SYSTEM SET ssl_cert_file = '${file('server.crt')}'`);
    await query(server.url, `ALTER SYSTEM SET ssl_key_file = '${file('server.key')}'`);
    await query(server.url, `ALTER SYSTEM SET ssl_ca_file = '${file('ca.crt')}'`);
    await query(server.url, 'SELECT pg_reload_conf()');
    await new Promise((resolve) => setTimeout(resolve, 300));
  };

  /** Opens a sink and says whether its connection is encrypted. */
  const open = async (parameters: string, options: Record<string, string> = {}, host = 'localhost') => {
    const url = `jdbc:postgresql://${host}:${new URL(server.url).port}/postgres?ApplicationName=tls-test&${parameters}`;
    const sink = sinkOf({ url: server.url, table: 't', columns: { a: type.int() }, options: { url, ...options } });
    try {
      await sink.open();
      const rows = await query(
        server.url,
        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'tls-test'",
      );
      return rows[0]?.ssl;
    } finally {
      await sink.close();
    }
  };

  describe('that the server does not speak', () => {
    beforeAll(() => configure('off', ''));

    it('is made plain or refused, as sslmode says', async () => {
      expect(await open('sslmode=disable')).toBe(false);
      expect(await open('sslmode=allow')).toBe(false);
      expect(await open('sslmode=prefer')).toBe(false);
      expect(await open('')).toBe(false);
      expect(await failure(open('sslmode=require'))).toMatchObject({
        code: 'jdbc-tls',
        passing: false,
        message: expect.stringMatching(
          /^PostgreSQL at localhost:\d+ \(option 'url'\) does not speak TLS, but 'sslmode' is 'require'$/,
        ),
      });
    });
  });

  describe('that the server speaks', () => {
    beforeAll(() => configure('on', ''));
    const ca = () => `sslrootcert=${encodeURIComponent(file('ca.crt'))}`;

    it('is used where sslmode asks for it', async () => {
      expect(await open('sslmode=disable')).toBe(false);
      expect(await open('sslmode=allow')).toBe(false);
      expect(await open('')).toBe(true);
      expect(await open('sslmode=require')).toBe(true);
      expect(await open('ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory')).toBe(true);
    });

    it('is verified against the root certificate', async () => {
      expect(await open(`sslmode=verify-ca&${ca()}`)).toBe(true);
      expect(await open(`sslmode=verify-full&${ca()}`)).toBe(true);
      expect(await open(`ssl=true&${ca()}`)).toBe(true);
      const other = `sslrootcert=${encodeURIComponent(file('other-ca.crt'))}`;
      for (const parameters of [
        `sslmode=verify-ca&${other}`,
        `sslmode=verify-full&${other}`,
        `sslmode=require&${other}`,
        'sslmode=verify-full',
      ]) {
        expect(await failure(open(parameters))).toMatchObject({
          code: 'jdbc-tls',
          passing: false,
          message: expect.stringMatching(
            /^the certificate of PostgreSQL at localhost:\d+ \(option 'url'\) is not accepted: /,
          ),
        });
      }
    });

    it('is verified for the name of the host only with verify-full', async () => {
      expect(await open(`sslmode=verify-ca&${ca()}`, {}, '127.0.0.1')).toBe(true);
      expect(await failure(open(`sslmode=verify-full&${ca()}`, {}, '127.0.0.1'))).toMatchObject({
        code: 'jdbc-tls',
        message: expect.stringMatching(/not accepted: .*127\.0\.0\.1/),
      });
    });

    it('names files that cannot be read', async () => {
      expect(await failure(open('sslmode=verify-full&sslrootcert=/nowhere/ca.crt'))).toMatchObject({
        code: 'jdbc-tls',
        message: "cannot read '/nowhere/ca.crt', given by 'sslrootcert' in option 'url': ENOENT",
      });
    });
  });

  describe('that the server demands', () => {
    beforeAll(() => configure('on', 'hostssl all certified all cert\nhostnossl all certified all reject'));

    it.each(['client.key', 'client.pk8'])('may be made with a client certificate: %s', async (key) => {
      const files = `sslcert=${encodeURIComponent(file('client.crt'))}&sslkey=${encodeURIComponent(file(key))}`;
      expect(await open(`sslmode=require&${files}`, { username: 'certified', password: '' })).toBe(true);
      expect(await open(`sslmode=allow&${files}`, { username: 'certified', password: '' })).toBe(true);
    });

    it('is refused without one', async () => {
      expect(await failure(open('sslmode=require', { username: 'certified', password: 'x' }))).toMatchObject({
        code: 'jdbc-login',
        passing: false,
        message: expect.stringMatching(/refuses user 'certified': connection requires a valid client certificate/),
      });
    });
  });
});
