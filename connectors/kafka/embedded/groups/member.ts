import type { joinGroupResponse, syncGroupResponse } from '../messages/groups.ts';
import type { ValueOf } from '../wire/schema.ts';

export type JoinAnswer = ValueOf<typeof joinGroupResponse>;
export type SyncAnswer = ValueOf<typeof syncGroupResponse>;

/** A way of assigning partitions that a member knows, with what its leader needs for it. */
export interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}

/** A consumer in a group. While `answerJoin` or `answerSync` is set, the member waits for that answer. */
export interface Member {
  readonly id: string;
  /** A static member keeps its place over restarts under this name. */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  sessionTimeout: number;
  rebalanceTimeout: number;
  protocols: readonly Protocol[];
  assignment: Buffer;
  answerJoin: ((answer: JoinAnswer) => void) | undefined;
  answerSync: ((answer: SyncAnswer) => void) | undefined;
  /** Removes the member when it was not heard of for its session timeout. */
  session: NodeJS.Timeout | undefined;
}

/** Whether two members offer the same protocols with the same metadata. */
export function sameProtocols(a: readonly Protocol[], b: readonly Protocol[]): boolean {
  return a.length === b.length && a.every((p, i) => p.name === b[i]!.name && p.metadata.equals(b[i]!.metadata));
}

/** Copies what points into a request, so that the request need not be kept. */
export function keepProtocols(protocols: readonly Protocol[]): Protocol[] {
  return protocols.map((p) => ({ name: p.name, metadata: Buffer.from(p.metadata) }));
}

/** The topics in a consumer's subscription: version INT16, topics ARRAY of STRING, …; none where it is no subscription. */
export function subscribedTopics(metadata: Buffer): string[] {
  const topics: string[] = [];
  if (metadata.length < 6) return topics;
  let at = 6;
  for (let count = metadata.readInt32BE(2); count > 0 && at + 2 <= metadata.length; count--) {
    const length = metadata.readInt16BE(at);
    topics.push(metadata.toString('utf8', at + 2, at + 2 + length));
    at += 2 + length;
  }
  return topics;
}
