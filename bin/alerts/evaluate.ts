import type { AlertRule } from '../config/configuration.ts';
import type { WatchedJob } from '../serve/watched-job.ts';

/** What a rule looks at, one for each job, table or split that it concerns. */
export interface Observation {
  /** e.g. 'prices' or 'prices/btc_ticks'. */
  readonly subject: string;
  readonly job: string;
  /** In the rule's unit; see `observe`. */
  readonly value: number;
}

/**
 * The figures that a rule watches, now. Totals ('no-rows', 'dead-letters', 'restarts') only grow; 'lag-records' and
 * 'lag-time' (milliseconds) are the worst split of each table; 'degraded' is 1 or 0.
 */
export function observe(rule: AlertRule, jobs: readonly WatchedJob[], now: number): Observation[] {
  const concerned = jobs.filter(({ name }) => rule.job === undefined || rule.job === name);
  return concerned.flatMap((job) => observeJob(rule, job, now));
}

function observeJob(rule: AlertRule, job: WatchedJob, now: number): Observation[] {
  const of = (subject: string, value: number): Observation => ({ subject, job: job.name, value });
  switch (rule.when) {
    case 'no-rows':
      return [
        of(
          job.name,
          job.pipelines.reduce((sum, p) => sum + p.rowsIn, 0),
        ),
      ];
    case 'dead-letters': {
      const counts = [...job.counted().values()].map((table) => table.get('dead_letters') ?? 0);
      return [
        of(
          job.name,
          counts.reduce((sum, n) => sum + n, 0),
        ),
      ];
    }
    case 'restarts':
      return job.pipelines.map((p) => of(`${job.name}/${p.name}`, p.restarts));
    case 'degraded':
      return job.pipelines.map((p) => of(`${job.name}/${p.name}`, p.state === 'degraded' ? 1 : 0));
    case 'lag-records':
    case 'lag-time': {
      const worst = new Map<string, number>();
      for (const { source, records, timestamp } of job.pipelines.flatMap((p) => p.lag())) {
        const behind = rule.when === 'lag-records' ? records : records === 0 ? 0 : age(timestamp, now);
        if (behind !== undefined) worst.set(source, Math.max(worst.get(source) ?? 0, behind));
      }
      return [...worst].map(([table, value]) => of(`${job.name}/${table}`, value));
    }
  }
}

function age(timestamp: number | undefined, now: number): number | undefined {
  return timestamp === undefined ? undefined : Math.max(0, now - timestamp);
}

/** An alert that begins or ends. */
export interface Transition {
  readonly rule: AlertRule;
  readonly subject: string;
  readonly job: string;
  readonly state: 'firing' | 'resolved';
  /** In the rule's unit: seconds without rows, records, milliseconds, a count. */
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** One rule on one subject over time. */
export class Alert {
  readonly #rule: AlertRule;
  #firing = false;
  /** Since when the condition holds without a break. */
  #since: number | undefined;
  /** Totals seen within the rule's span, oldest first; the last one before it is kept. */
  readonly #history: { readonly time: number; readonly total: number }[] = [];

  constructor(rule: AlertRule) {
    this.#rule = rule;
  }

  /** Takes what was observed at `now` (ms); the transition that this causes, if any. */
  step({ subject, job, value }: Observation, now: number): Transition | undefined {
    const { holds, clears, shown } = this.#judge(value, now);
    if (!holds) this.#since = undefined;
    else this.#since ??= now;
    if (!this.#firing && this.#since !== undefined && now - this.#since >= this.#patience) {
      this.#firing = true;
      return { rule: this.#rule, subject, job, state: 'firing', value: shown, time: now };
    }
    if (this.#firing && clears) {
      this.#firing = false;
      return { rule: this.#rule, subject, job, state: 'resolved', value: shown, time: now };
    }
    return undefined;
  }

  /** Counts are taken over the span itself: they fire at once. */
  get #patience(): number {
    return ['lag-records', 'lag-time', 'degraded'].includes(this.#rule.when) ? this.#rule.for : 0;
  }

  #judge(value: number, now: number): { holds: boolean; clears: boolean; shown: number } {
    const { when, over, under } = this.#rule;
    switch (when) {
      case 'lag-records':
      case 'lag-time':
        return { holds: value > over, clears: value <= under, shown: value };
      case 'degraded':
        return { holds: value > 0, clears: value === 0, shown: value };
      case 'no-rows': {
        const grown = this.#grown(value, now);
        const full = now - this.#history[0]!.time >= this.#rule.for;
        return { holds: full && grown === 0, clears: grown > 0, shown: (now - this.#history[0]!.time) / 1000 };
      }
      case 'dead-letters':
      case 'restarts': {
        const grown = this.#grown(value, now);
        return { holds: grown > over, clears: grown <= under, shown: grown };
      }
    }
  }

  /** By how much a total grew within the rule's span. */
  #grown(total: number, now: number): number {
    const history = this.#history;
    history.push({ time: now, total });
    while (history.length > 1 && history[1]!.time <= now - this.#rule.for) history.shift();
    return total - history[0]!.total;
  }
}
