import type { Log } from '../../engine/index.ts';
import type { Configuration } from '../config/configuration.ts';
import type { WatchedJob } from '../serve/watched-job.ts';
import { Alert, observe } from './evaluate.ts';
import { bodyFor, describe } from './message.ts';
import { Mailbox } from './send.ts';

/** How often rules are looked at, ms. */
const TICK = 1000;
/** How long the end of a run waits for messages that are not sent yet, ms. */
const GRACE = 3000;

/** Watches running jobs by the rules of the configuration and tells the receivers; returns how to end it. */
export function watchAlerts(
  { receivers, rules }: Configuration['alerts'],
  jobs: readonly WatchedJob[],
  log: Log,
): () => Promise<void> {
  const mailboxes = new Map(
    [...receivers].map(([name, receiver]) => [
      name,
      new Mailbox(receiver, (reason, attempt) => {
        // Once a minute of trying is enough to know.
        if (attempt <= 3 || attempt % 10 === 0) log.warn('alert_not_sent', { receiver: name, reason, attempt });
      }),
    ]),
  );
  const alerts = new Map<string, Alert>();
  const look = () => {
    const now = Date.now();
    for (const rule of rules) {
      for (const observation of observe(rule, jobs, now)) {
        const key = `${rule.name} ${observation.subject}`;
        let alert = alerts.get(key);
        if (alert === undefined) {
          alert = new Alert(rule);
          alerts.set(key, alert);
        }
        const transition = alert.step(observation, now);
        if (transition === undefined) continue;
        const { state, subject, value } = transition;
        if (state === 'firing')
          log.warn('alert_firing', { rule: rule.name, subject, value, reason: describe(transition) });
        else log.info('alert_resolved', { rule: rule.name, subject, value });
        for (const name of rule.to) mailboxes.get(name)!.send(bodyFor(receivers.get(name)!, transition));
      }
    }
  };
  look();
  const timer = setInterval(look, TICK);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await Promise.all([...mailboxes.values()].map((mailbox) => mailbox.close(GRACE)));
  };
}
