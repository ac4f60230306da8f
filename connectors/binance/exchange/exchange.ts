import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { applyControl, type Faults } from './faults.ts';
import { Limits } from './limits.ts';
import { listenOn } from './listen.ts';
import { Market } from './market.ts';
import { PastTrades } from './past-trades.ts';
import { answerRest } from './rest.ts';
import { StreamClient } from './stream-client.ts';
import { SymbolStreams } from './streams.ts';

export interface ExchangeOptions {
  /** Preferred port of 127.0.0.1; where it is taken, or by default, a free one is used. */
  readonly port?: number;
  /** The same seed gives the same prices, trade by trade. */
  readonly seed?: number;
  /** Symbol → price that its random walk begins at. */
  readonly symbols?: Readonly<Record<string, number>>;
  /** Milliseconds between trades of a symbol; 0: only `tick` trades. */
  readonly tickInterval?: number;
  /** Milliseconds of trades before the start: whoever first connects to a symbol's trades is sent them at once; 0 by default. */
  readonly history?: number;
  /** Milliseconds between pings; Binance's 20 s by default. */
  readonly pingInterval?: number;
}

export interface Exchange {
  /** For `rest-url`. */
  readonly restUrl: string;
  /** For `ws-url`. */
  readonly wsUrl: string;
  readonly faults: Faults;
  /** One trade of every symbol, now. */
  tick(): void;
  /** Open WebSocket connections. */
  connections(): number;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const defaultSymbols = {
  BTCUSDT: 64_000,
  ETHUSDT: 3_200,
  BNBUSDT: 600,
  SOLUSDT: 150,
  AVAXUSDT: 35,
  XRPUSDT: 2.5,
  ADAUSDT: 1.1,
  DOGEUSDT: 1.2,
};

/**
 * Starts a simulated exchange on loopback that speaks Binance's REST and WebSocket protocols: the paths, payloads, error
 * codes and limits that the `binance` connector meets. Prices are made up.
 */
export async function startExchange(options: ExchangeOptions = {}): Promise<Exchange> {
  const { seed = 1, symbols = defaultSymbols, tickInterval = 100, history = 0, pingInterval = 20_000 } = options;
  const clients = new Set<StreamClient>();
  const sockets = new Set<Socket>();
  const limits = new Limits();
  const halted = new Set<string>();
  let skew = 0;
  let silent = false;
  let down = false;
  const now = (): number => Date.now() + skew;
  const markets = new Map(
    Object.entries(symbols).map(([symbol, price]) => [symbol, new Market(symbol, price, seed, now() - history)]),
  );
  const past = new PastTrades([...markets.values()], now(), history);
  const streams = [...markets.values()].map((market) => ({ market, events: new SymbolStreams(market) }));

  const faults: Faults = {
    disconnect: () => {
      for (const client of clients) client.break();
    },
    expire: () => {
      for (const client of clients) client.expire();
    },
    limit: ({ status = 429, retryAfter = 1, requests = Number.POSITIVE_INFINITY }) =>
      limits.force(status, retryAfter, requests, now()),
    garbage: (frames = 1) => {
      for (const client of clients) {
        for (let i = 0; i < frames; i++) client.sendRaw(garbage[i % garbage.length]!);
      }
    },
    silence: (on) => {
      silent = on;
    },
    outage: (on) => {
      down = on;
      if (on) for (const socket of sockets) socket.destroy();
    },
    skew: (milliseconds) => {
      skew = milliseconds;
    },
    halt: (symbol) => void halted.add(symbol),
  };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', `http://${host}`);
    if (url.pathname.startsWith('/control/') && request.method === 'POST') {
      const done = applyControl(faults, url.pathname.slice('/control/'.length), url.searchParams);
      response.writeHead(done === undefined ? 404 : 204).end();
      return;
    }
    if (silent) return;
    const rest = request.method === 'GET' ? answerRest(url, { markets, limits, halted, now }) : undefined;
    if (rest === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/html' }).end('<html><body>404 Not Found</body></html>');
      return;
    }
    response.writeHead(rest.status, {
      'Content-Type': 'application/json;charset=UTF-8',
      'X-MBX-USED-WEIGHT': `${limits.used}`,
      'X-MBX-USED-WEIGHT-1M': `${limits.used}`,
      ...rest.headers,
    });
    response.end(JSON.stringify(rest.body));
  };

  const server = createServer(answer);
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('connection', (socket) => {
    if (down) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    const wanted = streamsOf(new URL(request.url ?? '/', `http://${host}`));
    if (wanted === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const client = new StreamClient(webSocket, wanted.combined, wanted.streams);
      clients.add(client);
      for (const { stream, payload } of past.take(client.streams)) client.send(stream, payload);
      webSocket.on('close', () => clients.delete(client));
    });
  });

  const tick = (): void => {
    const intervals = klineIntervalsOf(clients);
    for (const { market, events } of streams) {
      const time = now();
      for (const { stream, payload } of events.after(market.trade(time), time, intervals)) {
        if (!silent) for (const client of clients) client.send(stream, payload);
      }
    }
  };

  const port = await listenOn(server, host, options.port ?? 0);
  const timers = [
    ...(tickInterval > 0 ? [setInterval(tick, tickInterval)] : []),
    setInterval(() => {
      if (!silent) for (const client of clients) client.ping(now());
    }, pingInterval),
  ];
  return {
    restUrl: `http://${host}:${port}`,
    wsUrl: `ws://${host}:${port}`,
    faults,
    tick,
    connections: () => clients.size,
    close: () =>
      new Promise((resolve) => {
        for (const timer of timers) clearInterval(timer);
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Frames that are no JSON, the wrong JSON, a payload without its fields, and an error in place of a payload. */
const garbage = [
  '{"stream":"btcusdt@trade","data":{"e":"tra',
  '[]',
  '{"stream":"btcusdt@trade","data":{"e":"trade","s":"BTCUSDT"}}',
  '{"error":{"code":1,"msg":"Internal error"}}',
];

/** What `/stream?streams=a/b` and `/ws/a/b` subscribe to; undefined for other paths. */
function streamsOf(url: URL): { readonly combined: boolean; readonly streams: readonly string[] } | undefined {
  const names = (text: string): string[] => text.split('/').filter((name) => name !== '');
  if (url.pathname === '/stream') return { combined: true, streams: names(url.searchParams.get('streams') ?? '') };
  if (url.pathname === '/ws' || url.pathname.startsWith('/ws/')) {
    return { combined: false, streams: names(decodeURIComponent(url.pathname.slice('/ws'.length))) };
  }
  return undefined;
}

function klineIntervalsOf(clients: ReadonlySet<StreamClient>): Set<string> {
  const intervals = new Set<string>();
  for (const client of clients) {
    for (const stream of client.streams) {
      const interval = /@kline_(.+)$/.exec(stream)?.[1];
      if (interval !== undefined) intervals.add(interval);
    }
  }
  return intervals;
}
