import type { Socket } from 'node:net';
import { apiVersionsKey, refuseApiVersions } from './apis/api-versions.ts';
import { readHeader } from './apis/define-api.ts';
import { apis } from './apis/index.ts';
import type { Broker } from './broker-state.ts';
import { FrameReader } from './wire/frame-reader.ts';
import { MalformedRequest } from './wire/reader.ts';
import type { Writer } from './wire/writer.ts';

/** Requests that may wait before no more are read from the socket. */
const maxWaiting = 16;

/** Says what a client did wrong, or that the broker itself failed; the connection closes after it. */
export type ReportTrouble = (message: string) => void;

/**
 * Serves one client until it goes away: requests one after another, answers in their order, as the protocol demands.
 * Requests of an unknown kind or version and malformed ones close the connection, as Kafka does.
 */
export function serveClient(socket: Socket, broker: Broker, report: ReportTrouble): void {
  const frames = new FrameReader();
  const waiting: Buffer[] = [];
  const closed = new AbortController();
  let serving = false;

  const serveWaiting = async (): Promise<void> => {
    serving = true;
    try {
      for (let frame = waiting.shift(); frame !== undefined && !socket.destroyed; frame = waiting.shift()) {
        const response = await answer(frame, socket, broker, closed.signal);
        if (response !== undefined && !socket.destroyed) await send(socket, response);
        if (waiting.length < maxWaiting && socket.isPaused()) socket.resume();
      }
    } catch (error) {
      // A buffer read beyond its end is a malformed request too.
      const malformed = error instanceof MalformedRequest || error instanceof RangeError;
      report(malformed ? `malformed request: ${error.message}` : `request failed: ${String((error as Error).stack)}`);
      socket.destroy();
    } finally {
      serving = false;
    }
  };

  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    const complete = frames.push(chunk);
    if (complete === undefined) {
      report('malformed request: its size is out of bounds');
      socket.destroy();
      return;
    }
    waiting.push(...complete);
    if (waiting.length >= maxWaiting) socket.pause();
    if (!serving && waiting.length > 0) void serveWaiting();
  });
  socket.on('close', () => closed.abort());
  // What follows an error is 'close'; clients may vanish at any time.
  socket.on('error', () => socket.destroy());
}

async function answer(frame: Buffer, socket: Socket, broker: Broker, closed: AbortSignal): Promise<Writer | undefined> {
  const { header, body } = readHeader(frame, (key, version) => {
    const api = apis.get(key);
    return api !== undefined && version >= api.flexibleFrom && version <= api.maxVersion;
  });
  const { apiKey, apiVersion, correlationId, clientId } = header;
  const api = apis.get(apiKey);
  if (api === undefined || apiVersion < api.minVersion || apiVersion > api.maxVersion) {
    if (apiKey === apiVersionsKey) return refuseApiVersions(correlationId);
    throw new MalformedRequest(`unsupported request ${apiKey} version ${apiVersion}`);
  }
  const call = { version: apiVersion, clientId, clientHost: socket.remoteAddress ?? '', closed };
  return api.serve(body, correlationId, call, broker);
}

function send(socket: Socket, response: Writer): Promise<void> | undefined {
  const size = Buffer.allocUnsafe(4);
  size.writeInt32BE(response.size);
  socket.cork();
  let room = socket.write(size);
  for (const chunk of response.chunks()) room = socket.write(chunk);
  socket.uncork();
  if (room) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
