import { Socket } from 'node:net';
import type { Client, QueryResult } from 'pg';
import { connectError, queryError, sqlStateOf } from './connection-error.ts';
import type { ConnectSettings, Host } from './jdbc-url.ts';
import { findPassword } from './password-file.ts';
import { tlsOptions } from './tls.ts';

export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Keeps the statement prepared on the server under this name. */
  readonly name?: string;
}

/** One connection, one statement at a time. Errors are `RunError`s, or `SqlError`s where the caller has to look. */
export class Connection {
  readonly host: Host;
  readonly #client: Client;
  readonly #socket: Socket;
  #tail: Promise<unknown> = Promise.resolve();
  #dead = false;

  private constructor(client: Client, socket: Socket, host: Host) {
    this.#client = client;
    this.#socket = socket;
    this.host = host;
    client.on('error', () => this.destroy());
    client.on('end', () => this.destroy());
  }

  /** Connects to one host; `database` replaces the one of the settings. */
  static async open(settings: ConnectSettings, host: Host, database = settings.database): Promise<Connection> {
    const { sslMode } = settings;
    const encrypted = () => openOnce(settings, host, database, true);
    const plain = () => openOnce(settings, host, database, false);
    if (sslMode === 'disable') return plain();
    if (sslMode === 'prefer') return encrypted().catch(onlyIf(refusedTls, plain));
    if (sslMode === 'allow') return plain().catch(onlyIf(refusedLogin, encrypted));
    return encrypted();
  }

  /** For `open` only. */
  static wrap(client: Client, socket: Socket, host: Host): Connection {
    return new Connection(client, socket, host);
  }

  get alive(): boolean {
    return !this.#dead;
  }

  /** Runs a statement after those before it. A row is an array of the values. */
  query(statement: Statement): Promise<QueryResult<unknown[]>> {
    const run = this.#tail.then(async () => {
      try {
        const { text, values, name } = statement;
        return await this.#client.query<unknown[]>({
          text,
          rowMode: 'array',
          ...(values === undefined ? {} : { values: values as unknown[] }),
          ...(name === undefined ? {} : { name }),
        });
      } catch (error) {
        // Without an answer of the server nobody knows what it did: this connection is not to be used again.
        if (sqlStateOf(error) === undefined) this.destroy();
        throw queryError(error, this.host);
      }
    });
    this.#tail = run.catch(() => undefined);
    return run;
  }

  destroy(): void {
    this.#dead = true;
    this.#socket.destroy();
  }

  /** Says goodbye; does not wait for a server that hangs. */
  async close(): Promise<void> {
    if (this.#dead) return;
    this.#dead = true;
    const hung = setTimeout(() => this.#socket.destroy(), 1000);
    await this.#client.end().catch(() => undefined);
    clearTimeout(hung);
    this.#socket.destroy();
  }
}

async function openOnce(
  settings: ConnectSettings,
  host: Host,
  database: string | undefined,
  encrypted: boolean,
): Promise<Connection> {
  const { default: pg } = await import('pg');
  const socket = new Socket();
  const user = settings.user ?? process.env.PGUSER ?? process.env.USER ?? 'postgres';
  const named = database ?? user;
  const client = new pg.Client({
    host: host.host,
    port: host.port,
    user,
    database: named,
    // Called only where the server asks for one.
    password: () => settings.password ?? findPassword(host, named, user) ?? '',
    ssl: encrypted ? tlsOptions(settings) : false,
    stream: () => socket,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: settings.connectTimeout,
    application_name: settings.applicationName,
    ...(settings.socketTimeout > 0 ? { query_timeout: settings.socketTimeout } : {}),
    ...(settings.startupOptions === undefined ? {} : { options: settings.startupOptions }),
    ...(encrypted && settings.sslNegotiation === 'direct' ? { sslnegotiation: 'direct' } : {}),
  });
  const connection = Connection.wrap(client, socket, host);
  try {
    await client.connect();
    return connection;
  } catch (error) {
    connection.destroy();
    throw connectError(error, { host, user, database: named, settings });
  }
}

function onlyIf<T>(fits: (error: unknown) => boolean, retry: () => Promise<T>): (error: unknown) => Promise<T> {
  return (error) => {
    if (fits(error)) return retry();
    throw error;
  };
}

function refusedTls(error: unknown): boolean {
  return /does not support SSL/.test(String((error as Error).cause ?? ''));
}

function refusedLogin(error: unknown): boolean {
  return sqlStateOf((error as Error).cause) === '28000';
}
