import { RunError } from '../../engine/connector/errors.ts';
import type { Client, Topic } from './client.ts';
import { errorName, notAllowed } from './client-errors.ts';
import { call } from './connection.ts';
import { findTopics } from './topics.ts';
import { createTopicsV7 } from './wire.ts';

/**
 * The topics to write, by name. Missing ones are created where `create` says so, with the partitions and replicas that
 * the brokers give by default; else they are named in a lasting `RunError`.
 */
export async function topicsToWrite(
  client: Client,
  names: readonly string[],
  create: boolean,
): Promise<Map<string, Topic>> {
  const choice = { kind: 'names', names } as const;
  if (create) {
    const known = await client.metadata(names);
    const missing = names.filter((name) => known.get(name)?.error === 3);
    if (missing.length > 0) await createTopics(client, missing);
    return client.patiently(`topics ${names.join(', ')}`, async () => {
      const topics = await client.metadata(names);
      const ready = [...topics.values()].every((t) => t.error === 0 && [...t.leaders.values()].every((l) => l >= 0));
      return ready ? topics : undefined;
    });
  }
  try {
    return await findTopics(client, choice);
  } catch (error) {
    if (!(error instanceof RunError) || error.code !== 'missing-topic') throw error;
    const help = `${error.help === undefined ? '' : `${error.help}; `}--create-tables creates missing topics`;
    throw new RunError(error.code, error.message, { help });
  }
}

async function createTopics(client: Client, names: readonly string[]): Promise<void> {
  const request = names.map((name) => ({
    name,
    numPartitions: -1,
    replicationFactor: -1,
    assignments: [],
    configs: [],
  }));
  const node = await client.controller();
  const answer = await client.ask(node, (connection) => call(connection, createTopicsV7.api, request, 15_000, false));
  for (const { name, errorCode: code, errorMessage } of answer.topics) {
    // 36: another run was faster.
    if (code === 0 || code === 36) continue;
    if (code === 29 || code === 31) throw notAllowed(`topic '${name}'`, 'create', client.settings);
    const told = errorMessage ? ` (${errorMessage})` : '';
    throw new RunError('kafka-error', `topic '${name}' cannot be created: ${errorName(code)}${told}`, {
      passing: code === 41,
    });
  }
}
