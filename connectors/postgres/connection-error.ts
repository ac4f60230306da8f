import { RunError } from '../../engine/connector/errors.ts';
import { type ConnectSettings, type Host, hostsText } from './jdbc-url.ts';
import { reactionTo } from './sql-state.ts';

/** What the server says about an error, as the protocol names the fields. */
export interface ServerError {
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
}

/** An error of a statement about its rows or its fate, for the sink to look into; never shown as it is. */
export class SqlError extends Error {
  readonly server: ServerError;

  constructor(server: ServerError) {
    super(server.message);
    this.name = 'SqlError';
    this.server = server;
  }
}

/** The five characters of the server's error code; undefined where the error is not the server's. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' &&
    /^[0-9A-Z]{5}$/.test(code) &&
    (error as { severity?: unknown }).severity !== undefined
    ? code
    : undefined;
}

/** Of a statement that failed: passing errors as `RunError`, others as `SqlError`. */
export function queryError(error: unknown, host: Host): RunError | SqlError {
  const state = sqlStateOf(error);
  const where = `PostgreSQL at ${hostsText([host])}`;
  if (state === undefined) {
    return new RunError('jdbc-connection', `the connection to ${where} was lost: ${reason(error)}`, {
      passing: true,
      cause: error,
      help: "option 'url' names this host; what was not committed is written again",
    });
  }
  const server = error as ServerError;
  if (reactionTo(state) !== 'passing') return new SqlError(server);
  return new RunError('jdbc-unavailable', `${where} cannot take rows now: ${server.message} (SQLSTATE ${state})`, {
    passing: true,
    cause: error,
    help: state === '25006' ? "it is a read-only standby: option 'url' must name the primary" : server.hint,
  });
}

interface Attempt {
  readonly host: Host;
  readonly user: string;
  readonly database: string;
  readonly settings: ConnectSettings;
}

/** Of an attempt to connect. */
export function connectError(error: unknown, attempt: Attempt): RunError {
  if (error instanceof RunError) return error;
  const where = `PostgreSQL at ${hostsText([attempt.host])} (option 'url')`;
  const state = sqlStateOf(error);
  return state === undefined ? unreachable(error, where, attempt) : refused(error as ServerError, where, attempt);
}

function refused(server: ServerError, where: string, { user, database }: Attempt): RunError {
  const { code, message: said } = server;
  const cause = { cause: server };
  if (code === '28P01') {
    return new RunError('jdbc-login', `${where} does not accept the password of user '${user}'`, {
      ...cause,
      help: "check the options 'username' and 'password'",
    });
  }
  if (code.startsWith('28')) {
    return new RunError('jdbc-login', `${where} refuses user '${user}': ${said}`, {
      ...cause,
      help: "check option 'username' and the server's pg_hba.conf",
    });
  }
  if (/unsupported startup parameter/.test(said)) {
    return new RunError('jdbc-pooler', `${where} is a pooler that refuses the connection: ${said}`, {
      ...cause,
      help: "leave the parameter out of the url ('options', 'currentSchema'), or name it in the pooler's ignore_startup_parameters",
    });
  }
  if (code === '3D000') return new RunError('jdbc-database', `${where} has no database '${database}'`, cause);
  return new RunError('jdbc-unavailable', `${where} refuses the connection: ${said} (SQLSTATE ${code})`, {
    ...cause,
    passing: reactionTo(code) === 'passing',
    help: server.hint,
  });
}

function unreachable(error: unknown, where: string, { host, user, settings }: Attempt): RunError {
  const code = (error as { code?: unknown }).code;
  const said = reason(error);
  const lasting = (slug: string, message: string, help: string) => new RunError(slug, message, { cause: error, help });
  if (/does not support SSL/.test(said)) {
    return lasting(
      'jdbc-tls',
      `${where} does not speak TLS, but 'sslmode' is '${settings.sslMode}'`,
      "enable ssl on the server, or write 'sslmode=prefer' or 'sslmode=disable'",
    );
  }
  if (/SASL|password must be/.test(said)) {
    return lasting(
      'jdbc-login',
      `${where} asks for a password of user '${user}', but there is none`,
      "set option 'password', PGPASSWORD or a line in ~/.pgpass",
    );
  }
  if (typeof code === 'string' && /^(ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/.test(code)) {
    return lasting(
      'jdbc-tls',
      `the certificate of ${where} is not accepted: ${said}`,
      "give its root certificate with 'sslrootcert', or a weaker 'sslmode', in the url",
    );
  }
  const passing = (message: string) => new RunError('jdbc-connection', message, { passing: true, cause: error });
  switch (code) {
    case 'ECONNREFUSED':
      return passing(`${where} refuses connections (ECONNREFUSED): is it running there?`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return passing(`${where} cannot be reached: no address is known for host '${host.host}' (${code})`);
    default:
      return passing(`${where} cannot be reached: ${/timeout expired/.test(said) ? 'no answer in time' : said}`);
  }
}

function reason(error: unknown): string {
  // Several addresses of one name were tried: each has its own error.
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
