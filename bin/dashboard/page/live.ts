import { useEffect, useState } from 'preact/hooks';
import { figureNames, type HistoryView, type JobView, type Problems, type Tick } from '../messages.ts';

const HOUR = 3600;

/** The last hour of one pipeline; grows in place, `times` in seconds since 1970. */
export interface PipelineHistory {
  readonly times: number[];
  /** By figure, in the order of `figureNames`. */
  readonly series: readonly (number | null)[][];
}

/** All that the server told until now. */
export interface Live {
  readonly connected: boolean;
  readonly jobs: readonly JobView[];
  readonly tick: Tick | undefined;
  readonly history: ReadonlyMap<string, PipelineHistory>;
  readonly problems: Problems;
}

/** The key of a pipeline in `history`. */
export function pipelineKey(job: number, pipeline: number): string {
  return `${job} ${pipeline}`;
}

const nothing: Live = {
  connected: false,
  jobs: [],
  tick: undefined,
  history: new Map(),
  problems: { log: [], letters: [] },
};

/** Follows the server, also to its next life; renders whoever uses it at each message. */
export function useLive(): Live {
  const [live, setLive] = useState(nothing);
  useEffect(() => {
    const events = new EventSource('/dashboard/events');
    const change = (part: (live: Live) => Partial<Live>) => setLive((old) => ({ ...old, ...part(old) }));
    const on = <T>(event: string, take: (message: T) => (live: Live) => Partial<Live>) =>
      events.addEventListener(event, ({ data }: MessageEvent<string>) => change(take(JSON.parse(data) as T)));
    events.onopen = () => {
      change(() => ({ connected: true }));
      void readHistory().then((history) => change(() => ({ history })));
    };
    events.onerror = () => change(() => ({ connected: false }));
    on<readonly JobView[]>('jobs', (jobs) => () => ({ jobs }));
    on<Problems>('problems', (problems) => () => ({ problems }));
    on<Tick>('tick', (tick) => ({ history }) => ({ tick, history: grown(history, tick) }));
    return () => events.close();
  }, []);
  return live;
}

async function readHistory(): Promise<Live['history']> {
  const response = await fetch('/dashboard/history');
  if (!response.ok) return new Map();
  const { times, pipelines } = (await response.json()) as HistoryView;
  return new Map(
    pipelines.map(({ job, pipeline, series }) => [
      pipelineKey(job, pipeline),
      { times: times.map((time) => time / 1000), series: series.map((figures) => [...figures]) },
    ]),
  );
}

function grown(history: Live['history'], { time, pipelines }: Tick): Live['history'] {
  const next = new Map(history);
  for (const { job, pipeline, figures } of pipelines) {
    const key = pipelineKey(job, pipeline);
    const old = next.get(key) ?? { times: [], series: figureNames.map(() => []) };
    if (time / 1000 <= (old.times.at(-1) ?? 0)) continue;
    old.times.push(time / 1000);
    for (const [i, name] of figureNames.entries()) old.series[i]!.push(figures[name]);
    if (old.times.length > HOUR) for (const ring of [old.times, ...old.series]) ring.shift();
    next.set(key, old);
  }
  return next;
}
