import { RunError } from '../../engine/connector/errors.ts';
import { oneOf, suggest } from '../../engine/diagnostics/suggest.ts';
import type { Client, Topic } from './client.ts';
import { errorCode, errorName, isLeaderChange, notAllowed } from './client-errors.ts';

/** Which topics a table reads or may write. */
export type TopicChoice =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'pattern'; readonly pattern: RegExp; readonly text: string };

/** The chosen topics that exist, by name. Throws a lasting `RunError` for a missing or forbidden topic. */
export async function findTopics(client: Client, choice: TopicChoice): Promise<Map<string, Topic>> {
  if (choice.kind === 'pattern') {
    const all = await client.metadata(null);
    return new Map(
      [...all].filter(([name, topic]) => !topic.internal && topic.error === 0 && choice.pattern.test(name)),
    );
  }
  return client.patiently(`topic ${choice.names.map((n) => `'${n}'`).join(', ')}`, async () => {
    const topics = await client.metadata(choice.names);
    const codes = [...topics.values()].map((topic) => topic.error);
    if (codes.includes(errorCode.unknownTopicOrPartition)) await failForMissing(client, topics);
    for (const [name, { error }] of topics) {
      if (error === errorCode.topicAuthorizationFailed) throw notAllowed(`topic '${name}'`, 'read', client.settings);
      if (error === errorCode.invalidTopic) {
        throw new RunError('missing-topic', `'${name}' is no name of a topic`, {
          help: "names hold up to 249 letters, digits, '.', '_' and '-'; a list of topics is separated by ';'",
        });
      }
      if (error !== 0 && !isLeaderChange(error)) {
        throw new RunError('kafka-error', `topic '${name}' cannot be used: ${errorName(error)}`);
      }
    }
    return codes.every((code) => code === 0) ? topics : undefined;
  });
}

/** Rejects with a `RunError` that names the missing ones among `topics`, and what there is. */
export async function failForMissing(client: Client, topics: ReadonlyMap<string, Topic>): Promise<never> {
  const missing = [...topics].filter(([, t]) => t.error === errorCode.unknownTopicOrPartition).map(([name]) => name);
  const all = await client.metadata(null);
  const existing = [...all].filter(([, t]) => !t.internal).map(([name]) => name);
  const near = missing.map((name) => suggest(name, existing)).filter((name) => name !== undefined);
  const what =
    missing.length === 1 ? `topic ${oneOf(missing)} does` : `topics ${missing.map((n) => `'${n}'`).join(', ')} do`;
  const shown = existing.slice(0, 10).map((name) => `'${name}'`);
  const known =
    existing.length === 0
      ? 'the cluster has no topics'
      : `existing topics: ${shown.join(', ')}${existing.length > 10 ? ` and ${existing.length - 10} more` : ''}`;
  throw new RunError(
    'missing-topic',
    `${what} not exist on ${client.settings.brokers.map((b) => `${b.host}:${b.port}`).join(', ')}`,
    {
      help: near.length > 0 ? `did you mean ${oneOf([...new Set(near)])}?` : known,
    },
  );
}
