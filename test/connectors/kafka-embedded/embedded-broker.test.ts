import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { startEmbeddedBroker } from '../../../connectors/kafka/embedded/broker.ts';
import { ErrorCode } from '../../../connectors/kafka/embedded/error-codes.ts';
import { batch } from '../kafka/batches.ts';
import { RawClient } from './raw-client.ts';

it('takes another port where the wanted one is taken', async () => {
  const first = await startEmbeddedBroker();
  const port = Number(first.address.split(':')[1]);
  const second = await startEmbeddedBroker({ port });
  expect(second.address).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(second.address).not.toBe(first.address);
  await Promise.all([first.close(), second.close()]);
  const third = await startEmbeddedBroker({ port });
  expect(third.address).toBe(first.address);
  await third.close();
});

it('drops the oldest records when its memory is full', async () => {
  const broker = await startEmbeddedBroker({ topics: ['small', 'large'], maxBytes: 300_000 });
  const client = new RawClient(broker.address);
  await client.produce('small', batch([{ value: 'kept' }]));
  for (let i = 0; i < 100; i++) await client.produce('large', batch([{ value: 'x'.repeat(10_000) }]));
  const { logStartOffset } = await client.produce('large', batch([{ value: 'last' }]));
  // 300 kB hold 29 batches of 10 kB.
  expect(logStartOffset).toBeGreaterThan(65);
  expect(logStartOffset).toBeLessThan(80);
  expect((await client.fetch('large', 0)).errorCode).toBe(ErrorCode.offsetOutOfRange);
  expect(await client.fetch('large', logStartOffset)).toMatchObject({ errorCode: 0, highWatermark: 101 });
  expect((await client.fetch('small', 0)).bytes.toString()).toContain('kept');
  client.close();
  await broker.close();
});

it('disconnects whoever waits when it closes', async () => {
  const broker = await startEmbeddedBroker({ topics: ['t'] });
  const client = new RawClient(broker.address);
  await client.fetch('t', 0);
  void client.fetch('t', 0, { maxWait: 25_000 });
  await broker.close();
  expect(await client.closed).toBe('closed');
});

it('runs in a thread of its own once it is JavaScript', async () => {
  const source = path.join(import.meta.dirname, '../../../connectors/kafka/embedded');
  const outdir = mkdtempSync(path.join(import.meta.dirname, '../../../node_modules/.embedded-broker-'));
  try {
    const entryPoints = ['broker.ts', 'broker-thread.ts'].map((file) => path.join(source, file));
    await build({ entryPoints, outdir, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
    const built = (await import(pathToFileURL(path.join(outdir, 'broker.js')).href)) as {
      startEmbeddedBroker: typeof startEmbeddedBroker;
    };
    const trouble: string[] = [];
    const broker = await built.startEmbeddedBroker({ topics: ['t'], report: (text) => trouble.push(text) });
    const client = new RawClient(broker.address);
    expect(await client.produce('t', batch([{ value: 'a' }]))).toMatchObject({ errorCode: 0, baseOffset: 0 });
    void client.send(9999, 0, Buffer.alloc(0));
    expect(await client.closed).toBe('closed');
    await broker.close();
    expect(trouble).toEqual(['malformed request: unsupported request 9999 version 0']);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
});
