import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Folder, setFolder } from '../end-to-end/scene.ts';
import { until } from '../servers/index.ts';
import { describeInBrowser, keepScreenshot, openBrowser, openPage, seriousFaults } from './browser.ts';

const SECRET = 'tr0ub4dor-and-3';

const JOB = `
SET 'pipeline.name' = 'shown';
-- '${SECRET}' must not be seen anywhere.
CREATE TABLE ticks (symbol STRING, price DOUBLE, amount INT) WITH (
  'connector' = 'datagen', 'rows-per-second' = '100', 'fields.symbol.length' = '1',
  'fields.price.min' = '100', 'fields.price.max' = '200', 'fields.amount.min' = '1', 'fields.amount.max' = '9');
CREATE TABLE trades (symbol STRING, price DOUBLE, cost DOUBLE, PRIMARY KEY (symbol) NOT ENFORCED) WITH (
  'connector' = 'blackhole');
CREATE TABLE unused (id BIGINT) WITH (
  'connector' = 'jdbc', 'url' = 'jdbc:postgresql://localhost:1/none', 'table-name' = 'none', 'password' = '${SECRET}');
INSERT INTO trades SELECT symbol, price, price * amount FROM ticks WHERE amount > 2;
`;

/** Starts a job with a server; its address is the one that the log tells. */
async function startServed(scene: Folder, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const bin = scene.start(['run', scene.write('job.sql', JOB), '--port', '0'], {
    XDG_RUNTIME_DIR: scene.folder,
    ...env,
  });
  await until('the server', async () => bin.stderr.includes('"url"'));
  return /"url":"([^"]+)"/.exec(bin.stderr)![1]!;
}

/** The number in a text such as '1,234 rows'. */
const numberIn = (text: string | null) => Number(/[\d,]+/.exec(text ?? '')?.[0].replaceAll(',', ''));

/** How many pixels of the first canvas within an element are drawn on with a colour of the lines rather than of the grid. */
function drawnPixels(page: Page, selector: string): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector(${JSON.stringify(`${selector} canvas`)});
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let coloured = 0;
    for (let i = 0; i < data.length; i += 4) {
      const of = [data[i], data[i + 1], data[i + 2]];
      if (data[i + 3] > 100 && Math.max(...of) - Math.min(...of) > 60) coloured++;
    }
    return coloured;
  })()`);
}

describeInBrowser('the dashboard of a running job', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  it('shows the graph with moving numbers, charts, rows, SQL and plan', { timeout: 90_000 }, async () => {
    const scene = setFolder();
    const { page, faults } = await openPage(browser, await startServed(scene));
    const graph = page.getByRole('region', { name: 'Dataflow of trades' });
    await graph.waitFor();
    expect(await graph.locator('.node strong').allTextContents()).toEqual(['ticks', 'Calc', 'trades']);
    expect(await graph.locator('.edge').count()).toBe(2);

    // Numbers move.
    const sink = graph.getByRole('button', { name: /^trades/ });
    await until('the sink is green', async () => (await sink.getAttribute('data-state')) === 'running');
    const rows = async () => numberIn(await graph.locator('.source .figure').textContent());
    const first = await rows();
    await until('more rows', async () => (await rows()) > first + 50);
    await until('a rate on the edge', async () => {
      const rate = Number(await graph.locator('.edge').first().getAttribute('data-rate'));
      return rate > 70 && rate < 130;
    });
    await until('a line of throughput', async () => (await drawnPixels(page, '.chart')) > 50);

    // Rows of the sink, and its prices as lines by the primary key.
    const table = page.getByRole('region', { name: 'Newest rows' });
    await page.locator('#rows').scrollIntoViewIfNeeded();
    await until('rows', async () => (await table.locator('tbody tr').count()) >= 10);
    expect(await table.locator('th').allTextContents()).toEqual(['seen', 'kind', 'symbol', 'price', 'cost']);
    const [, kind, symbol, price] = await table.locator('tbody tr').first().locator('td').allTextContents();
    expect(kind).toBe('+I');
    expect(symbol).toHaveLength(1);
    expect(Number(price)).toBeGreaterThanOrEqual(100);
    expect(Number(price)).toBeLessThanOrEqual(200);
    await until('lines of prices', async () => (await drawnPixels(page, '#rows .chart')) > 200);

    // Those of the source: chosen in the graph, with the keyboard.
    await graph.getByRole('button', { name: /^ticks/ }).focus();
    await page.keyboard.press('Enter');
    await until('the other columns', async () => (await table.locator('th').allTextContents()).includes('amount'));
    await page.getByRole('button', { name: 'pause' }).click();
    await page.getByRole('button', { name: 'go on' }).waitFor();

    expect(await page.locator('.sql-keyword').first().textContent()).toBe('SET');
    await page.getByText('Plan', { exact: true }).click();
    await page.getByText('Tables', { exact: true }).click();
    await page.getByText('Settings', { exact: true }).click();
    expect(await page.locator('#job').textContent()).toContain('TableSourceScan(table=[');
    expect(await page.locator('#job').textContent()).toContain('***');
    expect(await page.content()).not.toContain(SECRET);
    await keepScreenshot(page, 'dashboard');
    expect(faults).toEqual([]);
  });

  it.each([
    { name: 'light', options: {} },
    { name: 'dark', options: { colorScheme: 'dark' as const } },
    { name: 'phone', options: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true } },
  ])(
    'has no serious fault of accessibility and no sideways scrolling: $name',
    { timeout: 60_000 },
    async ({ name, options }) => {
      const { page, faults } = await openPage(browser, await startServed(setFolder()), options);
      await page.locator('#rows').scrollIntoViewIfNeeded();
      await page.locator('#rows tbody tr').first().waitFor();
      for (const part of ['Plan', 'Settings', 'Tables']) await page.getByText(part, { exact: true }).click();
      expect(await seriousFaults(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      await keepScreenshot(page, name);
      expect(faults).toEqual([]);
    },
  );

  it('takes a token once and remembers it', { timeout: 60_000 }, async () => {
    const token = 'a-token-of-16-characters';
    const url = await startServed(setFolder(), { CRYPTOPIPE_TOKEN: token });
    expect((await fetch(`${url}/dashboard/events`)).status).toBe(401);
    const { page, faults } = await openPage(browser, url, {}, `?token=${token}`);
    await page.getByRole('region', { name: 'Dataflow of trades' }).waitFor();
    expect(page.url()).toBe(`${url}/`);
    expect(faults).toEqual([]);
  });
});
