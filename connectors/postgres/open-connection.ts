import { Socket } from 'node:net';
import { Connection } from './connection.ts';
import { connectError, sqlStateOf } from './connection-error.ts';
import type { ConnectSettings, Host } from './jdbc-url.ts';
import { findPassword } from './password-file.ts';
import { tlsOptions } from './tls.ts';

/** Connects to one host, encrypted as `sslmode` says; `database` replaces the one of the settings. */
export async function openConnection(
  settings: ConnectSettings,
  host: Host,
  database = settings.database,
): Promise<Connection> {
  const encrypted = () => open(settings, host, database, true);
  const plain = () => open(settings, host, database, false);
  switch (settings.sslMode) {
    case 'disable':
      return plain();
    case 'allow':
      return plain().catch((error: unknown) => (refusedLogin(error) ? encrypted() : Promise.reject(error)));
    case 'prefer':
      return encrypted().catch((error: unknown) => (refusedTls(error) ? plain() : Promise.reject(error)));
    default:
      return encrypted();
  }
}

async function open(
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
  const connection = new Connection(client, socket, host);
  try {
    await client.connect();
    return connection;
  } catch (error) {
    connection.destroy();
    throw connectError(error, { host, user, database: named, settings });
  }
}

function refusedTls(error: unknown): boolean {
  return /does not support SSL/.test(String((error as Error).cause ?? ''));
}

function refusedLogin(error: unknown): boolean {
  return sqlStateOf((error as Error).cause) === '28000';
}
