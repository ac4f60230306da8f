import { describe, expect, it } from 'vitest';
import { unknownProperties } from '../../../connectors/kafka/client-properties.ts';
import { parseJaas } from '../../../connectors/kafka/jaas.ts';
import { javaRegex } from '../../../connectors/kafka/java-regex.ts';
import { parseSpecificOffsets } from '../../../connectors/kafka/scan-options.ts';
import { readSettings, type Settings } from '../../../connectors/kafka/settings.ts';
import { bind, tableOf } from './table.ts';

const good = { topic: 'a', 'properties.bootstrap.servers': 'h:9092', 'scan.startup.mode': 'earliest-offset' };

/** What is wrong with a table whose options differ from good ones; an empty text removes an option. */
function problems(options: Readonly<Record<string, string>>, names = ['v', 'w']): string[] {
  return bind(tableOf(...names), { ...good, ...options }).problems.map(
    (p) => `${p.severity} ${p.code}: ${p.message}${p.help === undefined ? '' : ` | ${p.help}`}`,
  );
}

describe('the options of a table', () => {
  it('takes what Flink takes', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ topic: 'a;b', 'scan.startup.mode': 'LATEST-OFFSET', 'properties.client.id': 'me' })).toEqual([]);
    expect(problems({ topic: '', 'topic-pattern': 'a.*', 'properties.max.poll.records': '5' })).toEqual([]);
  });

  it('wants topics, once', () => {
    expect(problems({ topic: '' })).toEqual([
      "error missing-option: table 't' needs option 'topic' or 'topic-pattern'",
    ]);
    expect(problems({ 'topic-pattern': 'a' })).toEqual([
      "error conflicting-options: options 'topic' and 'topic-pattern' exclude each other",
    ]);
    expect(problems({ topic: '', 'topic-pattern': 'a++' })).toEqual([
      "error bad-option: 'a++' is no regular expression that is supported: possessive quantifiers (++) are not supported",
    ]);
  });

  it('wants what a mode needs', () => {
    expect(problems({ 'scan.startup.mode': '' })).toEqual([
      "error missing-option: scan.startup.mode 'group-offsets' needs option 'properties.group.id' | add 'properties.group.id', or set the mode to 'earliest-offset' or 'latest-offset'",
    ]);
    expect(problems({ 'scan.startup.mode': 'timestamp' })).toEqual([
      "error missing-option: mode 'timestamp' needs option 'scan.startup.timestamp-millis'",
    ]);
    expect(
      problems({
        'scan.bounded.mode': 'specific-offsets',
        topic: 'a;b',
        'scan.bounded.specific-offsets': 'partition:0',
      }),
    ).toEqual([
      "error conflicting-options: mode 'specific-offsets' takes one topic only",
      "error bad-option: 'partition:0' is not a value for option 'scan.bounded.specific-offsets': expected 'partition:0,offset:42;partition:1,offset:300'",
    ]);
  });

  it('wants formats and fields that fit together', () => {
    expect(problems({ format: '' })).toEqual([
      "error missing-option: table 't' needs option 'format' | add 'format' = 'json'",
    ]);
    expect(problems({ 'value.format': 'text' })[0]).toContain("'format' and 'value.format' are the same");
    expect(problems({ 'key.format': 'text' })[0]).toContain("'key.format' needs 'key.fields'");
    expect(problems({ 'key.fields': 'v' })[0]).toContain("'key.fields' needs a format");
    expect(problems({ 'key.format': 'text', 'key.fields': 'symbl' }, ['v', 'symbol'])).toEqual([
      "error invalid-key: table 't' has no physical column 'symbl' for the key | did you mean 'symbol'?",
    ]);
    expect(problems({ 'key.format': 'text', 'key.fields': 'v', 'key.fields-prefix': 'k_' })).toEqual([
      "error conflicting-options: option 'key.fields-prefix' needs 'value.fields-include' = 'EXCEPT_KEY', for names to be unambiguous",
      "error invalid-key: key field 'v' does not begin with 'k_' of option 'key.fields-prefix'",
    ]);
  });

  it('has no primary key', () => {
    const table = { ...tableOf('v'), primaryKey: [0] };
    expect(bind(table, good).problems.map((p) => p.code)).toEqual(['invalid-key']);
  });

  it('warns of properties that no client has', () => {
    expect(problems({ 'properties.fetch.max.byte': '5' })).toEqual([
      "warning bad-option: no Kafka client has a property 'fetch.max.byte'; it is ignored | did you mean 'properties.fetch.max.bytes'?",
    ]);
    expect(unknownProperties(['auto.offset.reset', 'max.poll.records', 'foo'])).toEqual([
      { name: 'foo', near: undefined },
    ]);
  });

  it('explains addresses', () => {
    expect(problems({ 'properties.bootstrap.servers': 'localhost' })).toEqual([
      "error bad-option: 'localhost' in option 'properties.bootstrap.servers' is no address: expected host:port | did you mean 'localhost:9092'?",
    ]);
    expect(problems({ 'properties.bootstrap.servers': 'a:1, [::1]:9092,PLAINTEXT://b:2' })).toEqual([]);
    expect(problems({ 'properties.bootstrap.servers': 'a:70000' }).length).toBe(1);
  });

  it('never shows credentials', () => {
    const jaas = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="geheim"';
    const { problems: found } = bind(tableOf('v'), {
      ...good,
      'properties.security.protocol': 'SASL_SSL',
      'properties.sasl.mechanism': 'PLAIN',
      'properties.sasl.jaas.config': jaas,
    });
    expect(found.map((p) => p.message)).toEqual([
      'option \'properties.sasl.jaas.config\' cannot be read: expected <login module> required username="…" password="…";',
    ]);
    expect(JSON.stringify(found)).not.toContain('geheim');
  });

  it('explains what of TLS and SASL cannot be used', () => {
    const ssl = { 'properties.security.protocol': 'SSL' };
    expect(problems({ ...ssl, 'properties.ssl.truststore.location': '/x/trust.jks' })[0]).toContain(
      'Java key store (JKS)',
    );
    expect(problems({ ...ssl, 'properties.ssl.truststore.location': '/x/trust.p12' })[0]).toContain('openssl pkcs12');
    expect(problems({ ...ssl, 'properties.ssl.keystore.key': 'x' })[0]).toContain('ssl.keystore.certificate.chain');
    expect(problems({ 'properties.security.protocol': 'SASL_PLAINTEXT' })[0]).toContain('GSSAPI');
    expect(problems({ 'properties.security.protocol': 'TLS' })).toEqual([
      "error bad-option: 'TLS' is not a value for option 'properties.security.protocol': expected one of 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'",
    ]);
  });
});

describe('settings', () => {
  const settings = (texts: Readonly<Record<string, string>>): Settings =>
    readSettings(
      'h:1',
      undefined,
      new Map(Object.entries(texts)),
      (_, message) => {
        throw new Error(message);
      },
      true,
    );

  it('have defaults that read committed records and check them', () => {
    expect(settings({})).toMatchObject({ readCommitted: true, checkCrc: true, offsetReset: 'none', security: {} });
  });

  it('map credentials and certificates of Java clients', () => {
    const { security } = settings({
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config': `org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p\\"w;";`,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': '-----BEGIN CERTIFICATE----- AAAA BBBB -----END CERTIFICATE-----',
      'ssl.endpoint.identification.algorithm': '',
    });
    expect(security.sasl).toEqual({ mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p"w;' });
    expect(security.tls?.ca).toBe('-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n');
    expect(security.tls?.checkServerIdentity?.('h', {} as never)).toBe(undefined);
  });

  it('name a store that is not there', () => {
    const texts = { 'security.protocol': 'SSL', 'ssl.truststore.location': '/no/such/ca.pem' };
    expect(() => settings(texts)).toThrow(
      "'/no/such/ca.pem' of option 'properties.ssl.truststore.location' cannot be read: there is no such file",
    );
  });
});

describe('sasl.jaas.config', () => {
  it('is read with any quotes', () => {
    expect(parseJaas(` a.b.PlainLoginModule required\n username='u u' password=p serviceName="" ; `)).toEqual({
      module: 'PlainLoginModule',
      options: new Map([
        ['username', 'u u'],
        ['password', 'p'],
        ['serviceName', ''],
      ]),
    });
  });

  it('is not guessed', () => {
    for (const text of ['', 'x', 'a.B required username="u"', 'a.B required username="u;', 'a.B maybe username="u";']) {
      expect(parseJaas(text), text).toHaveProperty('expected');
    }
  });
});

describe('topic patterns', () => {
  const matches = (pattern: string, name: string): boolean => {
    const regex = javaRegex(pattern);
    if (!(regex instanceof RegExp)) throw new Error(regex.problem);
    return regex.test(name);
  };

  it('match whole names as in Java', () => {
    expect(matches('a|b.*', 'bcd')).toBe(true);
    expect(matches('a|b.*', 'ab')).toBe(false);
    expect(matches('\\Qa.b\\E-[0-9]+', 'a.b-12')).toBe(true);
    expect(matches('\\Qa.b\\E-[0-9]+', 'axb-12')).toBe(false);
    expect(matches('(?i)TOPIC-\\p{Lower}', 'topic-x')).toBe(true);
    expect(matches('[\\p{Alnum}_]+', 'a_1')).toBe(true);
    expect(matches('\\P{Digit}+', 'a1')).toBe(false);
    expect(matches('(?<env>prod|test)\\.\\k<env>', 'prod.prod')).toBe(true);
    expect(matches('^orders$', 'orders')).toBe(true);
    expect(matches('t{1,2}', 'tt')).toBe(true);
  });

  it('say what is missing', () => {
    for (const pattern of ['a*+', '(?>a)', '[a-z&&[^b]]', '\\p{IsGreek}', '(a', 'a(?i)b(?i:c)', '[]a]']) {
      expect(javaRegex(pattern), pattern).toHaveProperty('problem');
    }
  });
});

describe('specific offsets', () => {
  it('are read or refused', () => {
    expect(parseSpecificOffsets('partition:0,offset:42;partition:1,offset:300')).toEqual(
      new Map([
        [0, 42],
        [1, 300],
      ]),
    );
    expect(parseSpecificOffsets('partition:0,offset:42;')).toEqual(new Map([[0, 42]]));
    for (const text of ['', 'partition:0', 'offset:1,partition:0', 'partition:0,offset:x', 'partition:0,offset:-1']) {
      expect(parseSpecificOffsets(text), text).toBe(undefined);
    }
  });
});
