import { describe, expect, it } from 'vitest';
import { hostsText, parseJdbcUrl } from '../../../connectors/postgres/jdbc-url.ts';
import { parseTableName, quoteTable, tableText } from '../../../connectors/postgres/table-name.ts';
import { type } from '../../../engine/types/data-type.ts';
import { bindJdbc } from './sink-of.ts';

const settingsOf = (url: string) => {
  const { settings, problems } = parseJdbcUrl(url);
  if (settings === undefined) throw new Error(problems.map((p) => p.message).join());
  return settings;
};

describe('a jdbc url', () => {
  it('names host, port and database, with defaults as in Java', () => {
    expect(settingsOf('jdbc:postgresql://db.example:6543/prices')).toMatchObject({
      hosts: [{ host: 'db.example', port: 6543 }],
      database: 'prices',
      sslMode: 'prefer',
      connectTimeout: 10_000,
    });
    expect(settingsOf('jdbc:postgresql://db/prices').hosts).toEqual([{ host: 'db', port: 5432 }]);
    expect(settingsOf('jdbc:postgresql:prices')).toMatchObject({
      hosts: [{ host: 'localhost', port: 5432 }],
      database: 'prices',
    });
    expect(settingsOf('jdbc:postgresql://db/').database).toBeUndefined();
    expect(settingsOf('jdbc:postgresql:/').database).toBeUndefined();
  });

  it('may name several hosts and IPv6 addresses', () => {
    const { hosts } = settingsOf('jdbc:postgresql://a,b:5433,[2001:db8::1]:5434/x');
    expect(hosts).toEqual([
      { host: 'a', port: 5432 },
      { host: 'b', port: 5433 },
      { host: '2001:db8::1', port: 5434 },
    ]);
    expect(hostsText(hosts)).toBe('a:5432, b:5433, [2001:db8::1]:5434');
  });

  it('has parameters, percent-encoded', () => {
    expect(
      settingsOf(
        'jdbc:postgresql://h/d%2Fb?user=a%26b&password=p%3Dq&currentSchema=m&ApplicationName=x+y&connectTimeout=3&socketTimeout=7&prepareThreshold=0&stringtype=unspecified&reWriteBatchedInserts=true&targetServerType=primary',
      ),
    ).toMatchObject({
      database: 'd/b',
      user: 'a&b',
      password: 'p=q',
      schema: 'm',
      applicationName: 'x y',
      connectTimeout: 3000,
      socketTimeout: 7000,
      prepare: false,
      castStrings: true,
    });
  });

  it('says how to encrypt as libpq and as the Java driver do', () => {
    const mode = (parameters: string) => settingsOf(`jdbc:postgresql://h/d?${parameters}`).sslMode;
    expect(mode('ssl=true')).toBe('verify-full');
    expect(mode('ssl')).toBe('verify-full');
    expect(mode('ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory')).toBe('require');
    expect(mode('ssl=false')).toBe('prefer');
    for (const written of ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']) {
      expect(mode(`ssl=true&sslmode=${written}`)).toBe(written);
    }
  });

  it.each([
    ['jdbc:mysql://h/d', /'mysql' database/],
    ['postgresql://h/d', /does not begin with 'jdbc:postgresql:'/],
    ['postgres://u:secret@h/d', /user in front of the host/],
    ['jdbc:postgresql://u:secret@h/d', /user in front of the host/],
    ['jdbc:postgresql://h:port/d', /no host and port/],
    ['jdbc:postgresql://h:70000/d', /no host and port/],
    ['jdbc:postgresql://h/d?sslmode=on', /expected one of disable, allow/],
    ['jdbc:postgresql://h/d?connectTimeout=soon', /whole number of seconds/],
    ['jdbc:postgresql://h/d?readOnly=true', /rows are to be written/],
    ['localhost:5432', /no jdbc:postgresql url/],
  ])('is refused where it is none: %s', (url, message) => {
    const { settings, problems } = parseJdbcUrl(url);
    expect(settings).toBeUndefined();
    expect(problems[0]?.message).toMatch(message);
    expect(JSON.stringify(problems)).not.toContain('secret');
  });

  it('is told about parameters that do nothing, with the one that was meant', () => {
    expect(parseJdbcUrl('jdbc:postgresql://h/d?conectTimeout=3').problems).toEqual([
      {
        severity: 'warning',
        message: "the url has an unknown parameter 'conectTimeout', which is ignored",
        help: "did you mean 'connectTimeout'?",
      },
    ]);
    expect(parseJdbcUrl('jdbc:postgresql://h/d?jaasLogin=true').problems[0]?.message).toMatch(/not supported/);
    expect(parseJdbcUrl('jdbc:postgresql://h/d?tcpKeepAlive=true&loggerLevel=OFF').problems).toEqual([]);
  });
});

describe('a table name', () => {
  it.each([
    ['prices', { table: 'prices' }, '"prices"', 'prices'],
    [
      'machine.crypto_prices',
      { schema: 'machine', table: 'crypto_prices' },
      '"machine"."crypto_prices"',
      'machine.crypto_prices',
    ],
    ['Machine.Prices', { schema: 'Machine', table: 'Prices' }, '"Machine"."Prices"', 'Machine.Prices'],
    ['"Weird"."Na""me"', { schema: 'Weird', table: 'Na"me' }, '"Weird"."Na""me"', 'Weird."Na""me"'],
    ['m."with.dot"', { schema: 'm', table: 'with.dot' }, '"m"."with.dot"', 'm."with.dot"'],
    ['"; DROP TABLE x; --', { table: '"; DROP TABLE x; --' }, '"""; DROP TABLE x; --"', '"""; DROP TABLE x; --"'],
    ['a.', { table: 'a.' }, '"a."', '"a."'],
  ])('%s', (text, name, quoted, shown) => {
    expect(parseTableName(text)).toEqual(name);
    expect(quoteTable(name)).toBe(quoted);
    expect(tableText(name)).toBe(shown);
  });

  it('has at most a schema', () => {
    expect(parseTableName('db.schema.table')).toBeUndefined();
  });
});

describe('the options of a jdbc table', () => {
  const bind = (options: Record<string, string>) =>
    bindJdbc({ url: 'postgres://u:p@h:1/d', table: 't', columns: { a: type.int() }, options }).diagnostics;

  it('are those of Flink', () => {
    const problems = bind({
      driver: 'org.postgresql.Driver',
      'connection.max-retry-timeout': '60 s',
      'sink.buffer-flush.max-rows': '100',
      'sink.buffer-flush.interval': '1 s',
      'sink.max-retries': '3',
      'sink.parallelism': '2',
      'lookup.cache': 'PARTIAL',
      'scan.fetch-size': '100',
    });
    expect(problems).toEqual([]);
  });

  it('are all checked at once', () => {
    const problems = bind({ url: 'jdbc:oracle:thin:@h:1521', 'table-name': 'a.b.c', 'sink.max-retrys': '1' });
    expect(problems.map((p) => p.message)).toEqual([
      "connector 'jdbc' has no option 'sink.max-retrys'",
      "the url names a 'oracle' database: only PostgreSQL is written to",
      "'a.b.c' is no name of a table: expected 'table' or 'schema.table'",
    ]);
  });

  it('are shown without the password of the url', () => {
    const { options } = bindJdbc({
      url: 'postgres://u:p@h:1/d',
      table: 't',
      columns: { a: type.int() },
      options: { url: 'jdbc:postgresql://h/d?user=u&password=s3cret&ssl=true' },
    });
    expect(options?.get('url')).toBe('jdbc:postgresql://h/d?user=u&password=***&ssl=true');
    expect(options?.get('password')).toBe('***');
  });

  it('give the statements that create the table', () => {
    const { ddl } = bindJdbc({
      url: 'postgres://u:p@h:1/d',
      table: 'machine.prices',
      columns: { symbol: type.string(), price: type.decimal(10, 2, false), tags: type.array(type.string()) },
      primaryKey: ['symbol'],
    });
    expect(ddl).toBe(`CREATE SCHEMA IF NOT EXISTS "machine";
CREATE TABLE IF NOT EXISTS "machine"."prices" (
  "symbol" text NOT NULL,
  "price" numeric(10, 2) NOT NULL,
  "tags" text[],
  PRIMARY KEY ("symbol")
);`);
  });
});
