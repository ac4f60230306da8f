import type { Socket } from 'node:net';
import type { Client, QueryResult } from 'pg';
import { queryError, sqlStateOf } from './connection-error.ts';
import type { Host } from './jdbc-url.ts';

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

  /** `socket` is the one that the client talks through, or wraps in TLS. */
  constructor(client: Client, socket: Socket, host: Host) {
    this.#client = client;
    this.#socket = socket;
    this.host = host;
    client.on('error', () => this.destroy());
    client.on('end', () => this.destroy());
  }

  /** Bytes sent so far. */
  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  /** The server process as the login named it; behind a pooler one that does not exist. */
  get processId(): number | undefined {
    return (this.#client as unknown as { readonly processID: number | null }).processID ?? undefined;
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
