import type { WebSocket } from 'ws';

/** Where the documentation says that a client is cut off: messages a second, streams of a connection. */
const maxMessages = 5;
const maxStreams = 1024;

interface Command {
  readonly method?: unknown;
  readonly params?: unknown;
  readonly id?: unknown;
}

/** One WebSocket and the streams that it subscribed to. */
export class StreamClient {
  readonly streams = new Set<string>();
  readonly #socket: WebSocket;
  /** `/stream`: payloads are wrapped with the name of their stream. */
  readonly #combined: boolean;
  #second = 0;
  #messages = 0;
  /** Set while a ping is unanswered. */
  #waiting = false;

  constructor(socket: WebSocket, combined: boolean, streams: readonly string[]) {
    this.#socket = socket;
    this.#combined = combined;
    for (const stream of streams) this.streams.add(stream);
    socket.on('message', (data) => this.#command(String(data)));
    socket.on('pong', () => {
      this.#waiting = false;
    });
    // 'close' follows; clients may vanish at any time.
    socket.on('error', () => socket.terminate());
  }

  /** Sends a payload where the stream is subscribed; whether it did. */
  send(stream: string, payload: unknown): boolean {
    if (!this.streams.has(stream)) return false;
    this.#socket.send(JSON.stringify(this.#combined ? { stream, data: payload } : payload));
    return true;
  }

  sendRaw(text: string): void {
    this.#socket.send(text);
  }

  /** Ends a client that left the last ping unanswered, else pings it. */
  ping(now: number): void {
    if (this.#waiting) {
      this.#socket.terminate();
      return;
    }
    this.#waiting = true;
    this.#socket.ping(String(now));
  }

  /** Breaks the connection without a word. */
  break(): void {
    this.#socket.terminate();
  }

  /** Closes as Binance does after 24 hours. */
  expire(): void {
    this.#socket.close(1008, 'Disconnected');
  }

  #command(text: string): void {
    const second = Math.floor(Date.now() / 1000);
    this.#messages = second === this.#second ? this.#messages + 1 : 1;
    this.#second = second;
    if (this.#messages > maxMessages) {
      this.#socket.close(1008, 'Too many requests');
      return;
    }
    let command: Command;
    try {
      command = JSON.parse(text) as Command;
    } catch {
      this.#reply({ error: { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' } });
      return;
    }
    const { method, id = null } = command;
    const params = Array.isArray(command.params) ? command.params.map(String) : [];
    if (method === 'LIST_SUBSCRIPTIONS') {
      this.#reply({ result: [...this.streams], id });
      return;
    }
    if (method !== 'SUBSCRIBE' && method !== 'UNSUBSCRIBE') {
      this.#reply({ error: { code: 2, msg: `Invalid request: unknown variant \`${String(method)}\`` }, id });
      return;
    }
    for (const stream of params) {
      if (method === 'SUBSCRIBE') this.streams.add(stream);
      else this.streams.delete(stream);
    }
    if (this.streams.size > maxStreams) this.#socket.close(1008, 'Too many streams');
    else this.#reply({ result: null, id });
  }

  #reply(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }
}
