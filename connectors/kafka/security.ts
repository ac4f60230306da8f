import { readFileSync } from 'node:fs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { SASLOptions } from '@platformatic/kafka';
import type { ClientProperties } from './client-properties.ts';
import { fetchToken } from './fetch-token.ts';
import { parseJaas } from './jaas.ts';

/** How to secure connections; what is absent is not wanted. */
export interface Security {
  readonly tls?: TlsOptions;
  readonly sasl?: SASLOptions;
}

type Report = (name: string, message: string, help?: string) => void;

const protocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'GSSAPI', 'OAUTHBEARER'] as const;

/**
 * Reads security.protocol, sasl.* and ssl.* of the Java clients. With `readFiles` the stores are read too; without,
 * only the options are checked.
 */
export function readSecurity(properties: ClientProperties, report: Report, readFiles: boolean): Security {
  const protocol = properties.oneOf('security.protocol', protocols, 'PLAINTEXT');
  const tls = protocol.endsWith('SSL') ? readTls(properties, report, readFiles) : undefined;
  const sasl = protocol.startsWith('SASL') ? readSasl(properties, report) : undefined;
  return { ...(tls === undefined ? {} : { tls }), ...(sasl === undefined ? {} : { sasl }) };
}

function readSasl(properties: ClientProperties, report: Report): SASLOptions | undefined {
  const mechanism = properties.oneOf('sasl.mechanism', mechanisms, 'GSSAPI');
  if (mechanism === 'OAUTHBEARER') return readOauth(properties, report);
  if (mechanism === 'GSSAPI') {
    const given = properties.text('sasl.mechanism') === undefined ? 'the default of Java clients is GSSAPI' : mechanism;
    report(
      'sasl.mechanism',
      `option 'properties.sasl.mechanism': ${given}, which is not supported`,
      "set it to 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512' or 'OAUTHBEARER'",
    );
    return undefined;
  }
  const text = properties.text('sasl.jaas.config');
  const help =
    mechanism === 'PLAIN'
      ? `'org.apache.kafka.common.security.plain.PlainLoginModule required username="…" password="…";'`
      : `'org.apache.kafka.common.security.scram.ScramLoginModule required username="…" password="…";'`;
  if (text === undefined) {
    report('sasl.jaas.config', `option 'properties.sasl.jaas.config' is missing: ${mechanism} needs credentials`, help);
    return undefined;
  }
  const jaas = parseJaas(text);
  if ('expected' in jaas) {
    report('sasl.jaas.config', `option 'properties.sasl.jaas.config' cannot be read: expected ${jaas.expected}`, help);
    return undefined;
  }
  const wanted = mechanism === 'PLAIN' ? 'PlainLoginModule' : 'ScramLoginModule';
  if (jaas.module !== wanted) {
    const found = `login module '${jaas.module}' does not fit mechanism ${mechanism}: expected '${wanted}'`;
    report('sasl.jaas.config', `option 'properties.sasl.jaas.config': ${found}`, help);
    return undefined;
  }
  const username = jaas.options.get('username');
  const password = jaas.options.get('password');
  if (username === undefined || password === undefined) {
    const what = username === undefined ? 'username' : 'password';
    report('sasl.jaas.config', `option 'properties.sasl.jaas.config' has no ${what}`, help);
    return undefined;
  }
  return { mechanism, username, password };
}

/** Client credentials of OAuth: a token from an endpoint, as Kafka's OAuthBearerLoginCallbackHandler fetches it. */
function readOauth(properties: ClientProperties, report: Report): SASLOptions | undefined {
  const help = `'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="…" clientSecret="…" scope="…";'`;
  const url = properties.text('sasl.oauthbearer.token.endpoint.url');
  if (url === undefined || !/^https?:\/\//.test(url) || !URL.canParse(url)) {
    const found = url === undefined ? 'is missing' : `is '${url}'`;
    report(
      'sasl.oauthbearer.token.endpoint.url',
      `option 'properties.sasl.oauthbearer.token.endpoint.url' ${found}: OAUTHBEARER needs the http or https url that gives tokens`,
    );
    return undefined;
  }
  const jaas = parseJaas(properties.text('sasl.jaas.config') ?? '');
  const options = 'expected' in jaas || jaas.module !== 'OAuthBearerLoginModule' ? undefined : jaas.options;
  const id = options?.get('clientId');
  const secret = options?.get('clientSecret');
  if (id === undefined || secret === undefined) {
    report(
      'sasl.jaas.config',
      "option 'properties.sasl.jaas.config' names no OAuthBearerLoginModule with clientId and clientSecret",
      help,
    );
    return undefined;
  }
  return { mechanism: 'OAUTHBEARER', token: () => fetchToken({ url, id, secret, scope: options?.get('scope') }) };
}

function readTls(properties: ClientProperties, report: Report, readFiles: boolean): TlsOptions {
  const tls: TlsOptions = {};
  const ca = readTrust(properties, report, readFiles);
  if (ca !== undefined) tls.ca = ca;
  readIdentity(properties, report, readFiles, tls);
  const algorithm = properties.text('ssl.endpoint.identification.algorithm');
  // Java: an empty text switches the check of the host name off.
  if (algorithm === '') tls.checkServerIdentity = () => undefined;
  const versions = (properties.text('ssl.enabled.protocols') ?? properties.text('ssl.protocol'))?.split(',');
  const known = versions?.map((v) => v.trim()).filter((v) => v === 'TLSv1.2' || v === 'TLSv1.3') ?? [];
  if (versions !== undefined && known.length === 0) {
    report(
      'ssl.enabled.protocols',
      `no known version in 'properties.ssl.enabled.protocols': expected TLSv1.2 or TLSv1.3`,
    );
  } else if (known.length === 1) {
    tls.minVersion = known[0] as 'TLSv1.2' | 'TLSv1.3';
    tls.maxVersion = known[0] as 'TLSv1.2' | 'TLSv1.3';
  }
  return tls;
}

function readTrust(properties: ClientProperties, report: Report, readFiles: boolean): string | Buffer | undefined {
  const inline = properties.text('ssl.truststore.certificates');
  if (inline !== undefined) return unfold(inline);
  const location = properties.text('ssl.truststore.location');
  if (location === undefined) return undefined;
  const type = properties.text('ssl.truststore.type')?.toUpperCase();
  if (type === 'JKS' || (type === undefined && /\.jks$/i.test(location))) {
    report(
      'ssl.truststore.location',
      `'${location}' is a Java key store (JKS), which only Java reads: a PEM file is needed`,
      `keytool -exportcert -rfc -keystore ${location} -alias <name> > ca.pem, and 'properties.ssl.truststore.type' = 'PEM'`,
    );
    return undefined;
  }
  if (type === 'PKCS12' || (type === undefined && /\.(p12|pfx)$/i.test(location))) {
    report(
      'ssl.truststore.location',
      `'${location}' is a PKCS12 trust store, which Node.js does not read: a PEM file is needed`,
      `openssl pkcs12 -in ${location} -nokeys -out ca.pem, and 'properties.ssl.truststore.type' = 'PEM'`,
    );
    return undefined;
  }
  return readFiles ? readStore('ssl.truststore.location', location, report) : undefined;
}

function readIdentity(properties: ClientProperties, report: Report, readFiles: boolean, tls: TlsOptions): void {
  const passphrase = properties.text('ssl.key.password') ?? properties.text('ssl.keystore.password');
  const key = properties.text('ssl.keystore.key');
  const chain = properties.text('ssl.keystore.certificate.chain');
  if (key !== undefined || chain !== undefined) {
    if (key === undefined || chain === undefined) {
      const missing = key === undefined ? 'ssl.keystore.key' : 'ssl.keystore.certificate.chain';
      report(missing, `option 'properties.${missing}' is missing: key and certificate go together`);
      return;
    }
    tls.key = unfold(key);
    tls.cert = unfold(chain);
    if (passphrase !== undefined) tls.passphrase = passphrase;
    return;
  }
  const location = properties.text('ssl.keystore.location');
  if (location === undefined) return;
  const type = properties.text('ssl.keystore.type')?.toUpperCase();
  if (type === 'JKS' || (type === undefined && /\.jks$/i.test(location))) {
    report(
      'ssl.keystore.location',
      `'${location}' is a Java key store (JKS), which only Java reads: a PEM or PKCS12 file is needed`,
      `keytool -importkeystore -srckeystore ${location} -destkeystore client.p12 -deststoretype PKCS12`,
    );
    return;
  }
  if (!readFiles) return;
  const store = readStore('ssl.keystore.location', location, report);
  if (store === undefined) return;
  if (type === 'PEM' || store.includes('-----BEGIN')) {
    tls.key = store;
    tls.cert = store;
  } else {
    tls.pfx = store;
  }
  if (passphrase !== undefined) tls.passphrase = passphrase;
}

function readStore(name: string, location: string, report: Report): Buffer | undefined {
  try {
    return readFileSync(location);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
    report(name, `'${location}' of option 'properties.${name}' cannot be read: ${reason}`);
    return undefined;
  }
}

/** PEM on one line, as properties files have it: line breaks written as \n or as blanks. */
function unfold(pem: string): string {
  const text = pem.replaceAll('\\n', '\n');
  if (text.includes('\n')) return text;
  return text.replace(/(-----BEGIN [^-]+-----)\s*([^-]+?)\s*(-----END [^-]+-----)/g, (_, begin, body: string, end) =>
    [begin, ...body.split(/\s+/), `${end}\n`].join('\n'),
  );
}
