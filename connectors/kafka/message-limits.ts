import type { Client } from './client.ts';
import { call } from './connection.ts';
import { describeConfigsV4 } from './wire.ts';

const setting = 'max.message.bytes';
/** A topic, among the kinds of resources that have settings. */
const topicResource = 2;

/**
 * How many bytes of a batch each topic takes. Topics are absent where the cluster does not say (it wants DescribeConfigs):
 * what is too large there is noticed when the broker refuses it.
 */
export async function messageLimits(client: Client, topics: readonly string[]): Promise<Map<string, number>> {
  const limits = new Map<string, number>();
  if (topics.length === 0) return limits;
  const request = topics.map((resourceName) => ({
    resourceType: topicResource,
    resourceName,
    configurationKeys: [setting],
  })) satisfies Parameters<typeof describeConfigsV4.api.async>[1];
  // Where the connection is lost, the next request tells.
  const answer = await client
    .askAny((connection) => call(connection, describeConfigsV4.api, request, false, false))
    .catch(() => undefined);
  for (const { resourceName, configs } of answer?.results ?? []) {
    const text = configs.find(({ name }) => name === setting)?.value;
    if (text !== undefined && text !== null) limits.set(resourceName, Number(text));
  }
  return limits;
}
