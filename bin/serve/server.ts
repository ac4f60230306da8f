import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from '../exit.ts';
import { createMetrics } from './metrics.ts';
import { isReady, reportProcess } from './report.ts';
import type { WatchedJob } from './watched-job.ts';

const COOKIE = 'cryptopipe-token';

export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** What clients must send: `Authorization: Bearer …`, the password of basic authentication, `?token=`, or the cookie. */
  readonly token: string | undefined;
}

export interface Serving {
  /** e.g. 'http://127.0.0.1:8080'. */
  readonly url: string;
  close(): Promise<void>;
}

/** Answers a request whose path begins with the route's; undefined: not found. */
export type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>;

/**
 * Serves health, metrics and what `routes` add of `jobs`, which may be filled later; on a loopback address unless told otherwise. Throws `UsageError` where
 * the address is open to others without a token, or taken.
 */
export async function serve(
  jobs: readonly WatchedJob[],
  options: ServeOptions,
  routes: ReadonlyMap<string, Route> = new Map(),
): Promise<Serving> {
  const { host, port, token } = options;
  if (token === undefined && !isLoopback(host)) {
    throw new UsageError(
      `refusing to serve on '${host}' without a token: everybody who reaches it could read the job's rows`,
      "set http.token in cryptopipe.yaml or CRYPTOPIPE_TOKEN, or serve on '127.0.0.1'",
    );
  }
  const all = new Map([...standardRoutes(jobs), ...routes]);
  const server = createServer((request, response) => void answer(request, response, all, token));
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${shown}:${address.port}`, close: () => close(server) };
}

export function standardRoutes(jobs: readonly WatchedJob[]): ReadonlyMap<string, Route> {
  const metrics = createMetrics(jobs);
  return new Map<string, Route>([
    ['/healthz', (_, response) => sendJson(response, 200, { alive: true })],
    [
      '/readyz',
      (_, response) => sendJson(response, isReady(jobs) ? 200 : 503, { ready: isReady(jobs), ...states(jobs) }),
    ],
    [
      '/metrics',
      async (_, response) => {
        response.setHeader('content-type', metrics.contentType);
        response.end(await metrics.metrics());
      },
    ],
    ['/status', (_, response) => sendJson(response, 200, reportProcess(jobs))],
  ]);
}

function states(jobs: readonly WatchedJob[]): { pipelines: Record<string, string> } {
  return {
    pipelines: Object.fromEntries(jobs.flatMap((j) => j.pipelines.map((p) => [`${j.name}/${p.name}`, p.state]))),
  };
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(value)}\n`);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: ReadonlyMap<string, Route>,
  token: string | undefined,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cache-control', 'no-store');
  // Probes come from outside and learn nothing but whether the job lives.
  const open = url.pathname === '/healthz';
  if (token !== undefined && !open && !isAllowed(request, url, token)) {
    response.setHeader('www-authenticate', 'Basic realm="cryptopipe", charset="UTF-8"');
    return sendJson(response, 401, { error: 'a token is needed: Authorization: Bearer TOKEN' });
  }
  // Nobody else's page may read what is served without a token: its name would lead to this address, but not be one.
  if (token === undefined && !isLoopback(hostOf(request))) {
    return sendJson(response, 403, { error: 'without a token only addresses such as 127.0.0.1 are answered' });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return sendJson(response, 405, { error: 'only GET' });
  if (token !== undefined && url.pathname === '/' && url.searchParams.has('token')) {
    // What the page asks for next carries no token of its own, and the address bar should not keep it.
    response.setHeader('set-cookie', `${COOKIE}=${encodeURIComponent(token)}; Path=/; HttpOnly; SameSite=Strict`);
    response.writeHead(303, { location: '/' }).end();
    return;
  }
  const route = routes.get(url.pathname) ?? routes.get(`/${url.pathname.split('/')[1]}/`);
  if (route === undefined) return sendJson(response, 404, { error: `nothing is served at ${url.pathname}` });
  try {
    await route(request, response, url);
  } catch (error) {
    if (!response.headersSent)
      sendJson(response, 500, { error: error instanceof Error ? error.message : String(error) });
    else response.destroy();
  }
}

function isAllowed(request: IncomingMessage, url: URL, token: string): boolean {
  const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ');
  const basic = () => Buffer.from(value, 'base64').toString('utf8').split(':').slice(1).join(':');
  const given =
    scheme?.toLowerCase() === 'bearer'
      ? value
      : scheme?.toLowerCase() === 'basic'
        ? basic()
        : (url.searchParams.get('token') ?? cookieOf(request));
  if (given === undefined) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function cookieOf({ headers }: IncomingMessage): string | undefined {
  const cookies = (headers.cookie ?? '').split(/;\s*/);
  const value = cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  try {
    return value === undefined ? undefined : decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/** The name that the client gave to this server, without its port. */
function hostOf({ headers }: IncomingMessage): string {
  return (headers.host ?? 'localhost').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${host}:${port}`;
      if (error.code === 'EADDRINUSE') {
        reject(new UsageError(`${where} is taken by another program`, 'choose another --port; 0 takes a free one'));
      } else reject(new UsageError(`cannot serve on ${where}: ${error.message}`));
    });
    server.listen(port, host, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
