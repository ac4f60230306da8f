import { type RawData, WebSocket } from 'ws';
import type { ConnectorContext } from '../../engine/connector/context.ts';
import { backOff } from './back-off.ts';

export interface StreamConnectionOptions {
  /** Including the streams. */
  readonly url: string;
  /** Milliseconds without any frame after which the connection is replaced. */
  readonly silenceTimeout: number;
  /** Called with the text of each message. */
  readonly receive: (text: string) => void;
}

/** A connection that takes longer to come about is given up. */
const handshakeTimeout = 10_000;

/**
 * Keeps a WebSocket open until `close`: whatever ends it, network, exchange, the 24 hours that Binance allows, or
 * silence, it is opened anew, the first time at once. What was sent in between is lost.
 */
export class StreamConnection {
  readonly #options: StreamConnectionOptions;
  readonly #context: ConnectorContext;
  #socket: WebSocket | undefined;
  #closed = false;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;

  constructor(options: StreamConnectionOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
  }

  /** Resolves when the connection is open for the first time; it goes on trying until then. */
  open(): Promise<void> {
    return new Promise((resolve) => this.#connect(resolve));
  }

  /** Stops reading from the network until `resume`; what is sent meanwhile waits there. */
  pause(): void {
    this.#stopListening();
    this.#socket?.pause();
  }

  resume(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN || !this.#socket.isPaused) return;
    this.#socket.resume();
    this.#heard();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#stopListening();
    this.#socket?.terminate();
  }

  #connect(opened?: () => void): void {
    // A ping is answered by the library itself; compression would cost more time than these short texts are worth.
    const socket = new WebSocket(this.#options.url, { handshakeTimeout, perMessageDeflate: false });
    this.#socket = socket;
    let reason = '';
    let isOpen = false;
    socket.on('open', () => {
      isOpen = true;
      if (opened === undefined) this.#context.counters.add('reconnects', 1);
      this.#context.log.info('binance_connected', { url: new URL(this.#options.url).origin });
      this.#heard();
      opened?.();
    });
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.#failures = 0;
      this.#heard();
      if (!isBinary) this.#options.receive(String(data));
    });
    socket.on('ping', () => this.#heard());
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', (code, text) => {
      this.#stopListening();
      if (this.#closed) return;
      this.#again(reason || `${String(text) || 'closed'} (code ${code})`, isOpen, isOpen ? undefined : opened);
    });
  }

  #again(reason: string, wasOpen: boolean, opened: (() => void) | undefined): void {
    // A connection that worked is replaced at once; one that never did, or not twice in a row, is waited for.
    const wait = wasOpen && this.#failures === 0 ? 0 : backOff(Math.max(1, this.#failures));
    this.#failures++;
    this.#context.counters.add(wasOpen ? 'disconnects' : 'connect_failures', 1);
    this.#context.log.warn('binance_disconnected', { reason, wait_ms: Math.round(wait) });
    this.#retry = setTimeout(() => this.#connect(opened), wait);
  }

  #heard(): void {
    if (this.#silence !== undefined) {
      this.#silence.refresh();
      return;
    }
    this.#silence = setTimeout(() => {
      this.#silence = undefined;
      this.#context.counters.add('silences', 1);
      this.#context.log.warn('binance_silence', { timeout_ms: this.#options.silenceTimeout });
      this.#socket?.terminate();
    }, this.#options.silenceTimeout);
  }

  #stopListening(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }
}
