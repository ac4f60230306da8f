import { RunError } from '../../engine/connector/errors.ts';
import { suggest } from '../../engine/diagnostics/suggest.ts';
import type { Connection } from './connection.ts';
import { type ConnectSettings, hostsText } from './jdbc-url.ts';
import { openConnection } from './open-connection.ts';

/** Connects to the first host that answers and takes writes; with the reason of each where none does. */
export async function connect(settings: ConnectSettings): Promise<Connection> {
  const failures: RunError[] = [];
  for (const host of settings.hosts) {
    try {
      const connection = await openConnection(settings, host);
      if (settings.hosts.length === 1 || (await takesWrites(connection))) return connection;
      await connection.close();
      failures.push(
        new RunError('jdbc-unavailable', `PostgreSQL at ${hostsText([host])} (option 'url') is a read-only standby`, {
          passing: true,
        }),
      );
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      failures.push(error.code === 'jdbc-database' ? await withNames(error, settings, host) : error);
    }
  }
  if (failures.length === 1) throw failures[0];
  const reasons = failures.map((f) => `  - ${f.message}`).join('\n');
  throw new RunError('jdbc-unavailable', `none of the hosts of option 'url' takes rows:\n${reasons}`, {
    passing: failures.some((f) => f.passing),
    help: failures.find((f) => !f.passing)?.help,
  });
}

/** false: a standby. */
export async function takesWrites(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query({ text: 'SELECT NOT pg_is_in_recovery()' });
  return rows[0]?.[0] === true;
}

/** Adds the names of the databases that there are, where they can be asked for. */
async function withNames(
  error: RunError,
  settings: ConnectSettings,
  host: ConnectSettings['hosts'][number],
): Promise<RunError> {
  const names: string[] = [];
  try {
    const connection = await openConnection(settings, host, 'postgres');
    const { rows } = await connection.query({
      text: 'SELECT datname::text FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname',
    });
    names.push(...rows.map(([name]) => name as string));
    await connection.close();
  } catch {
    return error; // The names are a courtesy.
  }
  const near = suggest(settings.database ?? settings.user ?? '', names);
  return new RunError(error.code, error.message, {
    cause: error.cause,
    help: near === undefined ? `databases there: ${names.slice(0, 10).join(', ')}` : `did you mean '${near}'?`,
  });
}
