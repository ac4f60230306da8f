import type { IncomingMessage, ServerResponse } from 'node:http';

/** Bytes that may wait for a slow reader; what comes then is left out. */
const PATIENCE = 1 << 20;

/** Server-sent events to one reader. */
export class EventStream {
  readonly #response: ServerResponse;

  /** `closed` is called when the reader is gone. */
  constructor(request: IncomingMessage, response: ServerResponse, closed: () => void) {
    this.#response = response;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    response.write('retry: 1000\n\n');
    request.once('close', closed);
  }

  send(event: string, value: unknown): void {
    this.sendText(eventText(event, value));
  }

  /** Of `eventText`: made once for all readers. */
  sendText(text: string): void {
    if (this.#response.writableLength < PATIENCE) this.#response.write(text);
  }
}

export function eventText(event: string, value: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`;
}
