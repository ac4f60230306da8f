import { expect, it } from 'vitest';
import { setFolder } from '../end-to-end/scene.ts';
import { createTopic, need, produce, until } from '../servers/index.ts';
import { describeInBrowser, keepScreenshot, openBrowser, openPage, seriousFaults } from './browser.ts';

const servers = await need('kafka');

servers.describe('the dashboard of a job that leaves records out', () => {
  describeInBrowser('in a browser', () => {
    it('shows them with their bytes, and latency and lag of the others', { timeout: 90_000 }, async () => {
      const topic = await createTopic(servers.kafka);
      const scene = setFolder();
      const file = scene.write(
        'job.sql',
        `SET 'cryptopipe.dead-letter.table' = 'dead';
         CREATE TABLE dead (error_code STRING, record_value BYTES) WITH ('connector' = 'blackhole');
         CREATE TABLE prices (symbol STRING, price DOUBLE) WITH (
           'connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${servers.kafka}',
           'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'on-error' = 'dead-letter');
         CREATE TABLE nowhere (symbol STRING, price DOUBLE) WITH ('connector' = 'blackhole');
         INSERT INTO nowhere SELECT symbol, price FROM prices;`,
      );
      const bin = scene.start(['run', file, '--port', '0'], { XDG_RUNTIME_DIR: scene.folder });
      await until('the server', async () => bin.stderr.includes('"url"'));
      const browser = await openBrowser();
      scene.after(() => browser.close());
      const { page, faults } = await openPage(browser, /"url":"([^"]+)"/.exec(bin.stderr)![1]!);
      await page.getByRole('region', { name: 'Dataflow of nowhere' }).waitFor();
      const bad = Uint8Array.from([...Buffer.from('{"symbol": '), 0xff, 0x00, 0x7d]);
      await produce(servers.kafka, topic, [
        { value: '{"symbol":"A","price":1}' },
        { key: 'k1', value: Buffer.from(bad) },
      ]);

      const letter = page.getByRole('list', { name: 'Records left out' }).locator('details');
      await letter.locator('summary').click();
      await letter.locator('pre').first().waitFor();
      const [key, value] = await letter.locator('pre').allTextContents();
      expect(key).toBe(`000000  ${'6b 31'.padEnd(47)}  k1`);
      expect(value).toBe(`000000  ${'7b 22 73 79 6d 62 6f 6c 22 3a 20 ff 00 7d'.padEnd(47)}  {"symbol": ··}`);
      expect(await letter.textContent()).toContain('14 bytes');
      // The log says it too.
      await page.locator('#problems summary', { hasText: 'row_rejected' }).waitFor();

      const latency = page.getByRole('figure', { name: /^Latency: [\d.]+ m?s for half/ });
      await latency.waitFor();
      await page.getByRole('figure', { name: /^Lag: 0 records/ }).waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      await keepScreenshot(page, 'dead-letters');
      expect(faults).toEqual([]);
    });
  });
});
