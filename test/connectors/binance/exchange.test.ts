import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startExchange } from '../../../connectors/binance/exchange/exchange.ts';
import { until } from '../../servers/index.ts';
import { openExchange } from './scene.ts';

/** The part of binance-api-node, a client that nobody here wrote, that meets the exchange. */
interface BinanceApi {
  ping(): Promise<boolean>;
  prices(options: { readonly symbol: string }): Promise<Readonly<Record<string, string>>>;
  exchangeInfo(): Promise<{ readonly symbols: readonly { readonly symbol: string }[] }>;
  readonly ws: { trades(symbols: readonly string[], receive: (trade: unknown) => void): () => void };
}

const { default: binanceApi } = createRequire(import.meta.url)('binance-api-node') as {
  readonly default: (options: { readonly httpBase?: string; readonly wsBase?: string }) => BinanceApi;
};

const ended: (() => void)[] = [];

afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** A WebSocket that collects what it receives. */
async function listen(
  url: string,
): Promise<{ socket: WebSocket; frames: unknown[]; closed: () => number | undefined }> {
  const socket = new WebSocket(url);
  ended.push(() => socket.terminate());
  const frames: unknown[] = [];
  let code: number | undefined;
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  socket.on('close', (c) => {
    code = c;
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('open', resolve));
  return { socket, frames, closed: () => code };
}

it('tells the first who listens to a symbol the trades from before, where there are any', async () => {
  const exchange = await openExchange({ symbols: { BTCUSDT: 64_000, SOLUSDT: 150 }, history: 10_000 });
  const first = await listen(`${exchange.wsUrl}/stream?streams=btcusdt@trade`);
  await until('ten seconds of trades', () => first.frames.length >= 40);
  const second = await listen(`${exchange.wsUrl}/stream?streams=btcusdt@trade`);
  exchange.tick();
  await until('a trade', () => second.frames.length > 0 && first.frames.length > 40);
  const ids = (frames: unknown[]) => frames.map((frame) => (frame as { data: { t: number } }).data.t);
  expect(ids(first.frames)).toEqual(Array.from({ length: 41 }, (_, i) => i + 1));
  expect(ids(second.frames)).toEqual([41]);
  const times = first.frames.map((frame) => (frame as { data: { T: number } }).data.T);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

describe('REST', () => {
  const get = async (base: string, path: string) => {
    const response = await fetch(base + path);
    return { status: response.status, headers: response.headers, body: await response.json() };
  };

  it('answers as Binance does', async () => {
    const { restUrl } = await openExchange({ symbols: { BTCUSDT: 64_000, SOLUSDT: 150 } });
    expect((await get(restUrl, '/api/v3/ping')).body).toEqual({});
    const { body } = await get(restUrl, '/api/v3/time');
    expect(Math.abs((body as { serverTime: number }).serverTime - Date.now())).toBeLessThan(5000);
    expect((await get(restUrl, '/api/v3/ticker/price?symbol=BTCUSDT')).body).toEqual({
      symbol: 'BTCUSDT',
      price: '64000.00000000',
    });
    const both = encodeURIComponent('["SOLUSDT","BTCUSDT"]');
    expect((await get(restUrl, `/api/v3/ticker/price?symbols=${both}`)).body).toEqual([
      { symbol: 'SOLUSDT', price: '150.00000000' },
      { symbol: 'BTCUSDT', price: '64000.00000000' },
    ]);
    expect((await get(restUrl, '/api/v3/exchangeInfo')).body).toMatchObject({
      symbols: [{ symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT' }, { symbol: 'SOLUSDT' }],
    });
  });

  it.each([
    ['?symbol=BTCUSD', -1121, 'Invalid symbol.'],
    [`?symbols=${encodeURIComponent('["BTCUSDT","NOPE"]')}`, -1121, 'Invalid symbol.'],
    ['?symbols=BTCUSDT', -1100, 'Illegal characters'],
    [`?symbol=BTCUSDT&symbols=${encodeURIComponent('["BTCUSDT"]')}`, -1128, 'Combination'],
    [`?symbols=${encodeURIComponent('["BTCUSDT","BTCUSDT"]')}`, -1151, 'multiple times'],
  ])('refuses %s', async (query, code, message) => {
    const { restUrl } = await openExchange();
    const { status, body } = await get(restUrl, `/api/v3/ticker/price${query}`);
    expect([status, body]).toEqual([400, { code, msg: expect.stringContaining(message) }]);
  });

  it('counts weight, and limits who uses too much of it', async () => {
    const { restUrl, faults } = await openExchange();
    const first = await get(restUrl, '/api/v3/ping');
    expect(first.headers.get('x-mbx-used-weight-1m')).toBe('1');
    expect((await get(restUrl, '/api/v3/exchangeInfo')).headers.get('x-mbx-used-weight')).toBe('21');
    faults.limit({ status: 418, retryAfter: 7, requests: 1 });
    const limited = await get(restUrl, '/api/v3/ping');
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([418, '7']);
    expect(limited.body).toMatchObject({ code: -1003, msg: expect.stringContaining('IP banned until') });
    expect((await get(restUrl, '/api/v3/ping')).status).toBe(200);
  });

  it('serves binance-api-node', async () => {
    const { restUrl } = await openExchange({ symbols: { BTCUSDT: 64_000 } });
    const client = binanceApi({ httpBase: restUrl });
    expect(await client.ping()).toBe(true);
    expect(await client.prices({ symbol: 'BTCUSDT' })).toEqual({ BTCUSDT: '64000.00000000' });
    expect((await client.exchangeInfo()).symbols.map((s) => s.symbol)).toEqual(['BTCUSDT']);
    await expect(client.prices({ symbol: 'NOPE' })).rejects.toMatchObject({ code: -1121, message: 'Invalid symbol.' });
  });
});

describe('streams', () => {
  it('gives every trade of the symbols that were asked for, with their names', async () => {
    const exchange = await openExchange();
    const { frames } = await listen(`${exchange.wsUrl}/stream?streams=btcusdt@trade/solusdt@trade`);
    exchange.tick();
    exchange.tick();
    await until('four trades', () => frames.length === 4);
    expect(frames).toMatchObject([
      { stream: 'btcusdt@trade', data: { e: 'trade', s: 'BTCUSDT', t: 1, M: true } },
      { stream: 'solusdt@trade', data: { e: 'trade', s: 'SOLUSDT', t: 1 } },
      { stream: 'btcusdt@trade', data: { t: 2, p: expect.stringMatching(/^\d+\.\d{8}$/) } },
      { stream: 'solusdt@trade', data: { t: 2, q: expect.stringMatching(/^\d+\.\d{8}$/) } },
    ]);
  });

  it('gives bare payloads on /ws, and subscribes on demand', async () => {
    const exchange = await openExchange();
    const { socket, frames } = await listen(`${exchange.wsUrl}/ws/btcusdt@bookTicker`);
    exchange.tick();
    await until('a quote', () => frames.length === 1);
    expect(frames[0]).toMatchObject({ s: 'BTCUSDT', b: expect.any(String), A: expect.any(String) });
    socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: ['btcusdt@kline_1m', 'btcusdt@miniTicker'], id: 9 }));
    socket.send(JSON.stringify({ method: 'UNSUBSCRIBE', params: ['btcusdt@bookTicker'], id: 10 }));
    await until('both answers', () => frames.length === 3);
    expect(frames.slice(1)).toEqual([
      { result: null, id: 9 },
      { result: null, id: 10 },
    ]);
    await until('a kline', () => {
      exchange.tick();
      return frames.some((f) => (f as { e?: string }).e === 'kline');
    });
    const kline = frames.find((f) => (f as { e?: string }).e === 'kline') as { k: Record<string, unknown> };
    expect(kline.k).toMatchObject({ s: 'BTCUSDT', i: '1m', x: false });
    expect((kline.k.T as number) - (kline.k.t as number)).toBe(59_999);
  });

  it('walks the same way for the same seed', async () => {
    const prices = async (seed: number) => {
      const exchange = await openExchange({ seed });
      for (let i = 0; i < 50; i++) exchange.tick();
      return (await (await fetch(`${exchange.restUrl}/api/v3/ticker/price`)).json()) as unknown;
    };
    expect(await prices(1)).toEqual(await prices(1));
    expect(await prices(1)).not.toEqual(await prices(2));
  });

  it('pings, and drops who does not answer', async () => {
    const exchange = await openExchange({ pingInterval: 30 });
    const polite = new WebSocket(`${exchange.wsUrl}/ws`);
    const rude = new WebSocket(`${exchange.wsUrl}/ws`, { autoPong: false });
    ended.push(() => polite.terminate());
    let pings = 0;
    polite.on('ping', () => pings++);
    await new Promise((resolve) => rude.once('close', resolve));
    await until('more pings', () => pings > 3);
    expect(exchange.connections()).toBe(1);
  });

  it('serves binance-api-node', async () => {
    const exchange = await openExchange();
    const client = binanceApi({ wsBase: `${exchange.wsUrl}/ws` });
    const trades: unknown[] = [];
    const end = client.ws.trades(['BTCUSDT'], (trade) => trades.push(trade));
    await until('a trade', () => {
      exchange.tick();
      return trades.length > 0;
    });
    end();
    expect(trades[0]).toMatchObject({ eventType: 'trade', symbol: 'BTCUSDT', price: expect.any(String) });
  });
});

it('does over HTTP what its faults do', async () => {
  const exchange = await openExchange();
  const { closed } = await listen(`${exchange.wsUrl}/ws/btcusdt@trade`);
  const control = async (path: string) =>
    (await fetch(`${exchange.restUrl}/control/${path}`, { method: 'POST' })).status;
  expect(await control('expire')).toBe(204);
  await until('the connection ends', () => closed() !== undefined);
  expect(closed()).toBe(1008);
  expect(await control('limit?status=429&requests=1&retryAfter=3')).toBe(204);
  expect((await fetch(`${exchange.restUrl}/api/v3/ping`)).headers.get('retry-after')).toBe('3');
  expect(await control('nothing')).toBe(404);
});

it('takes another port where the wanted one is taken', async () => {
  const first = await openExchange();
  const second = await startExchange({ port: Number(new URL(first.restUrl).port) });
  expect(second.restUrl).not.toBe(first.restUrl);
  await second.close();
});
