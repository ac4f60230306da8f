import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CheckedJob, Observer } from '../../engine/index.ts';
import { packageFolder } from '../package.ts';
import { type Route, sendJson } from '../serve/server.ts';
import type { WatchedJob } from '../serve/watched-job.ts';
import { EventStream, eventText } from './event-stream.ts';
import { Figures } from './figures.ts';
import { History } from './history.ts';
import { type ShownJob, viewJob } from './job-view.ts';
import type { JobView } from './messages.ts';
import { type KeptLetter, letterOf, ProblemRing } from './problem-ring.ts';
import { createRedaction, type Redaction } from './redaction.ts';
import { type Place, placeIn, Taps } from './taps.ts';

const HOUR = 3600;
/** Readers of events and of rows together. */
const READERS = 50;

/** Everything comes from here, and no other page may show it within itself. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const assets = new Map([
  ['/', ['index.html', 'text/html; charset=utf-8']],
  ['/dashboard/page.js', ['page.js', 'text/javascript; charset=utf-8']],
  ['/dashboard/page.css', ['page.css', 'text/css; charset=utf-8']],
]);

/** The page that shows running jobs, and what it is told; lives as long as the server. */
export class Dashboard {
  readonly #taps = new Taps();
  readonly #figures = new Figures();
  readonly #history = new History(HOUR);
  readonly #problems = new ProblemRing();
  readonly #readers = new Set<EventStream>();
  readonly #timer: NodeJS.Timeout;
  #jobs: readonly WatchedJob[] = [];
  #checked: readonly CheckedJob[] = [];
  #views: readonly JobView[] = [];
  #redaction: Redaction = createRedaction([], []);
  #told = 0;
  #rowReaders = 0;

  constructor() {
    this.#timer = setInterval(() => this.#tick(), 1000);
    this.#timer.unref();
    this.observer.rejected = (table, rejection) => this.#problems.rejected(letterOf(table, rejection));
  }

  /** For the run of the jobs: has hooks for rows only while somebody looks at rows. */
  get observer(): Observer {
    return this.#taps.observer;
  }

  /** For the log. */
  readonly logged: ProblemRing['logged'] = (level, event, fields) => this.#problems.logged(level, event, fields);

  /** For what workers in other threads went on without. */
  readonly letters = (letters: readonly KeptLetter[]): void => this.#problems.rejected(...letters);

  /** The jobs that were started; `secrets`: what the configuration holds besides those of the jobs. */
  show(jobs: readonly WatchedJob[], started: readonly ShownJob[], secrets: readonly string[]): void {
    this.#jobs = jobs;
    this.#checked = started.map(({ checked }) => checked);
    this.#redaction = createRedaction(this.#checked, secrets);
    this.#views = started.map((job, i) => viewJob(job, i, this.#redaction));
    this.#tick();
    this.#broadcast(eventText('jobs', this.#views));
  }

  readonly routes: ReadonlyMap<string, Route> = new Map<string, Route>([
    ['/', (_, response, url) => sendAsset(response, url.pathname)],
    ['/dashboard/', (request, response, url) => this.#answer(request, response, url)],
  ]);

  close(): void {
    clearInterval(this.#timer);
  }

  async #answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    switch (url.pathname) {
      case '/dashboard/history':
        sendJson(response, 200, this.#history.view());
        break;
      case '/dashboard/events':
        this.#events(request, response);
        break;
      case '/dashboard/rows':
        this.#rows(request, response, url.searchParams.get('of') ?? '');
        break;
      default:
        await sendAsset(response, url.pathname);
    }
  }

  #events(request: IncomingMessage, response: ServerResponse): void {
    if (this.#full(response)) return;
    const reader = new EventStream(request, response, () => this.#readers.delete(reader));
    this.#readers.add(reader);
    reader.send('jobs', this.#views);
    reader.send('problems', this.#problems.view(this.#redaction));
  }

  #rows(request: IncomingMessage, response: ServerResponse, of: string): void {
    const place = this.#placeOf(of);
    if (place === undefined) {
      sendJson(response, 404, { error: `no rows pass at '${of}'` });
      return;
    }
    if (this.#full(response)) return;
    this.#rowReaders++;
    const reader = new EventStream(request, response, () => {
      this.#rowReaders--;
      this.#taps.remove(place, reader);
    });
    this.#taps.add(place, reader, this.#redaction);
  }

  #full(response: ServerResponse): boolean {
    if (this.#readers.size + this.#rowReaders < READERS) return false;
    sendJson(response, 503, { error: `${READERS} readers are connected already` });
    return true;
  }

  /** Of the name that a node of the graph has: job/pipeline for a sink, job/pipeline/id for a source. */
  #placeOf(name: string): Place | undefined {
    const [job = '', index = '', ...id] = name.split('/');
    const checked = this.#checked[Number(job)];
    const at = { pipeline: Number(index), source: id.length === 0 ? undefined : id.join('/') };
    const place = checked && placeIn(checked, at);
    const watchRows = this.#jobs[Number(job)]?.watchRows;
    if (place === undefined || watchRows === undefined) return place;
    return { ...place, others: (take) => watchRows(at, this.#redaction.secrets, take) };
  }

  #tick(): void {
    if (this.#jobs.length === 0) return;
    const tick = this.#figures.tick(this.#jobs, Date.now());
    this.#history.add(tick);
    if (this.#readers.size === 0) return;
    this.#broadcast(eventText('tick', tick));
    if (this.#told === this.#problems.version) return;
    this.#told = this.#problems.version;
    this.#broadcast(eventText('problems', this.#problems.view(this.#redaction)));
  }

  #broadcast(text: string): void {
    for (const reader of this.#readers) reader.sendText(text);
  }
}

async function sendAsset(response: ServerResponse, path: string): Promise<void> {
  const asset = assets.get(path);
  if (asset === undefined) return sendJson(response, 404, { error: `nothing is served at ${path}` });
  const [file, type] = asset as [string, string];
  const bytes = await readFile(new URL(`dist/bin/dashboard/${file}`, packageFolder));
  response.writeHead(200, {
    'content-type': type,
    'content-security-policy': POLICY,
    'referrer-policy': 'no-referrer',
  });
  response.end(bytes);
}
