import { suggest } from '../../engine/diagnostics/suggest.ts';
import { urlParameters } from './url-parameters.ts';

export interface Host {
  readonly host: string;
  readonly port: number;
}

export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

/** Where and how to connect; files are not read yet. */
export interface ConnectSettings {
  readonly hosts: readonly Host[];
  /** Absent: named like the user, as PostgreSQL has it. */
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly sslMode: SslMode;
  readonly sslRootCert?: string;
  readonly sslCert?: string;
  readonly sslKey?: string;
  readonly sslPassword?: string;
  readonly sslNegotiation: 'postgres' | 'direct';
  /** Schema of unqualified table names. */
  readonly schema?: string;
  readonly applicationName: string;
  readonly startupOptions?: string;
  /** Milliseconds; 0: none. */
  readonly connectTimeout: number;
  readonly socketTimeout: number;
  readonly castStrings: boolean;
  /** false: no statement outlives its transaction on the server, for poolers that know none. */
  readonly prepare: boolean;
}

/** Something about a url that a user should know. */
export interface UrlProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly help?: string;
}

const SHAPE = "expected 'jdbc:postgresql://host:port/database?parameter=value'";
const WRITTEN = /^jdbc:postgresql:(?:\/\/([^/?]*))?(?:\/)?([^?]*)(?:\?(.*))?$/s;

/**
 * Reads a url as the PostgreSQL driver of Java does: several hosts, IPv6 in brackets, parameters percent-encoded.
 * `settings` is absent where there is an error among the problems. Messages never quote passwords.
 */
export function parseJdbcUrl(url: string): { settings?: ConnectSettings; problems: readonly UrlProblem[] } {
  const trimmed = url.trim();
  const match = WRITTEN.exec(trimmed);
  if (match === null) return { problems: [{ severity: 'error', ...wrongKind(trimmed) }] };
  const problems: UrlProblem[] = [];
  const error = (message: string, help?: string) =>
    problems.push({ severity: 'error', message, ...(help === undefined ? {} : { help }) });

  const parameters = readParameters(match[3] ?? '', problems);
  const hosts = readHosts(match[1] ?? '', error);
  const database = decode(match[2]!);
  const number = (name: string, fallback: number): number => {
    const text = parameters.get(name);
    if (text === undefined) return fallback;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    error(`parameter '${name}' of the url is '${text}': expected a whole number of seconds`);
    return fallback;
  };
  const flag = (name: string): boolean => /^(true|)$/i.test(parameters.get(name) ?? 'false');
  if (flag('readOnly')) error("the url says 'readOnly=true', but rows are to be written", 'remove the parameter');
  const negotiation = parameters.get('sslNegotiation') ?? 'postgres';
  const sslMode = readSslMode(parameters, flag('ssl'), error);
  const text = (key: keyof ConnectSettings, name: string) => {
    const value = parameters.get(name);
    return value === undefined || value === '' ? {} : { [key]: value };
  };
  const login = number('loginTimeout', 0);
  const connect = number('connectTimeout', 10);
  const settings: ConnectSettings = {
    hosts,
    ...(database === '' ? {} : { database }),
    ...text('user', 'user'),
    ...text('password', 'password'),
    sslMode,
    ...text('sslRootCert', 'sslrootcert'),
    ...text('sslCert', 'sslcert'),
    ...text('sslKey', 'sslkey'),
    ...text('sslPassword', 'sslpassword'),
    sslNegotiation: negotiation === 'direct' ? 'direct' : 'postgres',
    ...text('schema', 'currentSchema'),
    applicationName: parameters.get('ApplicationName') ?? 'cryptopipe',
    ...text('startupOptions', 'options'),
    connectTimeout: (login > 0 && (connect === 0 || login < connect) ? login : connect) * 1000,
    socketTimeout: number('socketTimeout', 0) * 1000,
    castStrings: parameters.get('stringtype') === 'unspecified',
    prepare: parameters.get('prepareThreshold') !== '0',
  };
  return problems.some((p) => p.severity === 'error') ? { problems } : { settings, problems };
}

function wrongKind(url: string): { message: string; help?: string } {
  const kind = /^jdbc:([a-z0-9]+):/i.exec(url)?.[1];
  if (kind !== undefined && kind !== 'postgresql') {
    return { message: `the url names a '${kind}' database: only PostgreSQL is written to`, help: SHAPE };
  }
  const rest = /^(?:jdbc:)?postgres(?:ql)?:(\/\/.*)$/is.exec(url)?.[1];
  if (rest !== undefined && !/^\/\/[^/?]*@/.test(rest)) {
    return { message: "the url does not begin with 'jdbc:postgresql:'", help: `write 'jdbc:postgresql:${rest}'` };
  }
  if (rest !== undefined) {
    return {
      message: 'the url holds a user in front of the host, which JDBC urls do not',
      help: `use the options 'username' and 'password'; ${SHAPE}`,
    };
  }
  return { message: `the url is no jdbc:postgresql url`, help: SHAPE };
}

function readHosts(text: string, error: (message: string, help?: string) => void): Host[] {
  if (text === '') return [{ host: 'localhost', port: 5432 }];
  if (text.includes('@')) {
    error(
      'the url holds a user in front of the host, which JDBC urls do not',
      "use the options 'username' and 'password'",
    );
    return [];
  }
  const hosts: Host[] = [];
  for (const part of text.split(',')) {
    const match = /^(\[[0-9a-f:.%]+\]|[^:[\]]*)(?::(\d*))?$/i.exec(part.trim());
    const port = Number(match?.[2] || 5432);
    if (match === null || port < 1 || port > 65535) error(`'${part}' in the url is no host and port`, SHAPE);
    else hosts.push({ host: match[1]!.replace(/^\[|\]$/g, '') || 'localhost', port });
  }
  return hosts;
}

function readParameters(text: string, problems: UrlProblem[]): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    const treatment = urlParameters.get(name);
    if (treatment === 'used') parameters.set(name, at < 0 ? '' : decode(pair.slice(at + 1)));
    else if (treatment === 'unsupported') {
      problems.push({ severity: 'warning', message: `parameter '${name}' of the url is not supported and ignored` });
    } else if (treatment === undefined) {
      const near = suggest(name, urlParameters.keys());
      problems.push({
        severity: 'warning',
        message: `the url has an unknown parameter '${name}', which is ignored`,
        ...(near === undefined ? {} : { help: `did you mean '${near}'?` }),
      });
    }
  }
  return parameters;
}

function readSslMode(
  parameters: ReadonlyMap<string, string>,
  ssl: boolean,
  error: (message: string, help?: string) => void,
): SslMode {
  const text = parameters.get('sslmode');
  if (text === undefined) {
    if (!ssl) return 'prefer';
    return parameters.get('sslfactory')?.endsWith('NonValidatingFactory') ? 'require' : 'verify-full';
  }
  const mode = sslModes.find((m) => m === text);
  if (mode === undefined) error(`'sslmode=${text}' in the url: expected one of ${sslModes.join(', ')}`);
  return mode ?? 'prefer';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text; // A lone '%' stands for itself.
  }
}

/** `host:port` for messages, all of them where there are several. */
export function hostsText(hosts: readonly Host[]): string {
  return hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(', ');
}
