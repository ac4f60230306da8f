import { expect, it } from 'vitest';
import { setScene } from '../end-to-end/scene.ts';
import { need, startPostgres, until } from '../servers/index.ts';
import { describeInBrowser, keepScreenshot, openBrowser, openPage } from './browser.ts';

const servers = await need('own-postgres');

servers.describe('the dashboard while the database is away', () => {
  describeInBrowser('in a browser', () => {
    it('turns the sink red, says why, and turns it green again', { timeout: 120_000 }, async () => {
      const postgres = await startPostgres();
      const scene = await setScene(postgres);
      const { database } = scene;
      await database.query('CREATE TABLE flow (id BIGINT, name TEXT)');
      const file = scene.write(
        'flow.sql',
        `CREATE TABLE numbers (id BIGINT, name STRING) WITH ('connector' = 'datagen', 'rows-per-second' = '50');
         CREATE TABLE flow (id BIGINT, name STRING) WITH (
           'connector' = 'jdbc', 'url' = '${database.jdbcUrl}', 'table-name' = 'flow',
           'username' = '${database.user}', 'password' = '${database.password}');
         INSERT INTO flow SELECT id, name FROM numbers;`,
      );
      const bin = scene.start(['run', file, '--port', '0'], { XDG_RUNTIME_DIR: scene.folder });
      await until('the server', async () => bin.stderr.includes('"url"'));
      const browser = await openBrowser();
      scene.after(() => browser.close());
      const { page } = await openPage(browser, /"url":"([^"]+)"/.exec(bin.stderr)![1]!);
      const sink = page.locator('.node.sink');
      const colour = () => page.evaluate("getComputedStyle(document.querySelector('.node.sink')).borderRightColor");
      await until('green', async () => (await sink.getAttribute('data-state')) === 'running');
      const green = await colour();

      await postgres.kill();
      await until('red', async () => (await sink.getAttribute('data-state')) === 'degraded', { timeout: 20_000 });
      expect(await colour()).not.toBe(green);
      const alert = await page.getByRole('alert').textContent();
      expect(alert).toContain('degraded');
      expect(alert).toContain(new URL(database.url).host);
      await page.locator('#problems summary', { hasText: 'restarting' }).first().waitFor();
      await keepScreenshot(page, 'database-away');

      await postgres.restart();
      await until('green again', async () => (await sink.getAttribute('data-state')) === 'running', {
        timeout: 60_000,
      });
      expect(await colour()).toBe(green);
      expect(await page.getByRole('alert').count()).toBe(0);
      await keepScreenshot(page, 'database-back');
    });
  });
});
