import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { describe } from 'vitest';

/** Debian's, or what the environment names. */
const executable = [process.env.CRYPTOPIPE_TEST_CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (file) => file !== '' && existsSync(file),
);
const MISSING = "no Chromium: install Debian's chromium, or name one in CRYPTOPIPE_TEST_CHROMIUM";

/** vitest's `describe` for tests in a browser; skipped, and counted at the end of the run, where there is none. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (executable !== undefined) describe(name, tests);
  else if (process.env.CRYPTOPIPE_TEST_REQUIRE_SERVERS === '1') throw new Error(MISSING);
  else describe.skip(name, { meta: { missingServers: [MISSING] } }, tests);
}

/** Starts a browser; the caller closes it. In containers there is no sandbox to be had. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executable!, args: ['--no-sandbox', '--disable-gpu'] });
}

/** A page, and everything that went wrong in it or was asked of another address. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  query = '',
): Promise<{ readonly page: Page; readonly faults: readonly string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) faults.push(`asked ${request.url()}`);
  });
  await page.goto(`${url}/${query}`);
  return { page, faults };
}

/** Keeps a picture of the page with the artefacts of the build. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = path.resolve('artifacts', 'screenshots');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** What axe-core calls serious or critical, each with the elements. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // As the browser's own tools would: the page's policy refuses scripts of others.
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = (await page.evaluate('axe.run()')) as AxeResult;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
