import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertReceiver } from '../config/configuration.ts';

const TIMEOUT = 10_000;

/** Posts a body once. Rejects with what went wrong, never with the address, which is a secret. */
export async function post(receiver: AlertReceiver, body: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(receiver.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...receiver.headers },
      body,
      signal: AbortSignal.timeout(TIMEOUT),
    });
  } catch (error) {
    throw new Error(explain(error as FetchError));
  }
  await response.body?.cancel();
  if (!response.ok) throw new Error(`answered ${response.status} ${response.statusText}`.trim());
}

interface FetchError extends Error {
  readonly cause?: { readonly code?: string; readonly message?: string };
}

/** Why a request had no answer, in words that tell nothing of its address. */
function explain({ name, cause }: FetchError): string {
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT / 1000} s`;
  switch (cause?.code) {
    case 'ECONNREFUSED':
      return 'no connection: nobody listens there (ECONNREFUSED)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `no connection: its name is not known (${cause.code})`;
    case undefined:
      return cause?.message === 'bad port' ? 'no connection: its port is one that HTTP does not use' : 'no connection';
    default:
      return `no connection (${cause?.code})`;
  }
}

/** Sends the messages of one receiver in their order, each again and again with growing waits. */
export class Mailbox {
  readonly #receiver: AlertReceiver;
  readonly #failed: (reason: string, attempt: number) => void;
  readonly #firstWait: number;
  readonly #waiting: string[] = [];
  readonly #closed = new AbortController();
  #working: Promise<void> | undefined;

  /** `firstWait`: ms before the second attempt; it doubles up to a minute. */
  constructor(receiver: AlertReceiver, failed: (reason: string, attempt: number) => void, firstWait = 1000) {
    this.#receiver = receiver;
    this.#failed = failed;
    this.#firstWait = firstWait;
  }

  send(body: string): void {
    this.#waiting.push(body);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Gives what waits one more chance of `grace` ms. */
  async close(grace: number): Promise<void> {
    const timer = setTimeout(() => this.#closed.abort(), grace);
    await this.#working;
    clearTimeout(timer);
  }

  async #work(): Promise<void> {
    for (let body = this.#waiting[0]; body !== undefined; body = this.#waiting[0]) {
      let wait = this.#firstWait;
      for (let attempt = 1; !this.#closed.signal.aborted; attempt++) {
        try {
          await post(this.#receiver, body);
          break;
        } catch (error) {
          this.#failed((error as Error).message, attempt);
        }
        await sleep(wait, undefined, { signal: this.#closed.signal }).catch(() => undefined);
        wait = Math.min(60_000, wait * 2);
      }
      this.#waiting.shift();
    }
  }
}
