import type { AlertReceiver } from '../config/configuration.ts';
import type { Transition } from './evaluate.ts';

/** What an alert says in one sentence. */
export function describe({ rule, subject, value }: Transition): string {
  switch (rule.when) {
    case 'no-rows':
      return `${subject} has read no rows for ${Math.round(value)} s`;
    case 'lag-records':
      return `${subject} is ${value} records behind (limit ${rule.over})`;
    case 'lag-time':
      return `${subject} is ${Math.round(value / 1000)} s behind (limit ${rule.over / 1000} s)`;
    case 'dead-letters':
      return `${subject} had ${value} dead letters within ${rule.for / 1000} s (limit ${rule.over})`;
    case 'degraded':
      return `${subject} fails and is being repeated`;
    case 'restarts':
      return `${subject} restarted ${value} times within ${rule.for / 1000} s (limit ${rule.over})`;
  }
}

/** The body of the request for a receiver. */
export function bodyFor(receiver: AlertReceiver, transition: Transition): string {
  const { rule, subject, job, state, value, time } = transition;
  const message = state === 'firing' ? describe(transition) : `resolved: ${rule.name} of ${subject}`;
  const fields = { rule: rule.name, state, job, subject, value, message, time: new Date(time).toISOString() };
  if (receiver.template !== undefined) {
    return receiver.template.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => {
      const text = Object.entries(fields).find(([key]) => key === name)?.[1];
      // Inside a JSON text: quotes and line breaks must not end it.
      return text === undefined ? whole : JSON.stringify(String(text)).slice(1, -1);
    });
  }
  if (receiver.format === 'slack') {
    const mark = state === 'firing' ? ':red_circle:' : ':large_green_circle:';
    return JSON.stringify({ text: `${mark} *${rule.name}* ${escapeSlack(message)}` });
  }
  return JSON.stringify(fields);
}

/** Slack's three control characters. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
