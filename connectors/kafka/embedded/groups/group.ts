import { randomUUID } from 'node:crypto';
import { ErrorCode } from '../error-codes.ts';
import type { joinGroupRequest, syncGroupRequest } from '../messages/groups.ts';
import type { ValueOf } from '../wire/schema.ts';
import {
  type JoinAnswer,
  keepProtocols,
  type Member,
  type SyncAnswer,
  sameProtocols,
  subscribedTopics,
} from './member.ts';
import { GroupOffsets } from './offsets.ts';

/** Kafka's names of the states, as DescribeGroups shows them. */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

type JoinRequest = ValueOf<typeof joinGroupRequest>;
type SyncRequest = ValueOf<typeof syncGroupRequest>;

interface Client {
  readonly clientId: string;
  readonly clientHost: string;
  /** Whether the client understands MEMBER_ID_REQUIRED: it then joins a second time with the id it was given. */
  readonly joinsTwice: boolean;
}

const nothing = Buffer.alloc(0);

/**
 * One consumer group of the classic protocol: members join, the leader that the broker chose assigns, all others wait
 * for their part; whoever is not heard of for its session timeout is removed and the rest joins anew.
 */
export class Group {
  readonly id: string;
  readonly offsets = new GroupOffsets();
  readonly members = new Map<string, Member>();
  state: GroupState = 'Empty';
  generation = 0;
  protocolType = '';
  protocolName: string | null = null;
  #leader = '';
  /** Ids that were given out and not yet used, with the timers that take them back. */
  readonly #pending = new Map<string, NodeJS.Timeout>();
  #rebalance: NodeJS.Timeout | undefined;

  constructor(id: string) {
    this.id = id;
  }

  join(request: JoinRequest, client: Client): Promise<JoinAnswer> | JoinAnswer {
    const { memberId, groupInstanceId } = request;
    if (!this.#accepts(request)) return joinError(ErrorCode.inconsistentGroupProtocol, memberId);
    const known = this.members.get(memberId);
    const fixed = groupInstanceId === null ? undefined : this.#instance(groupInstanceId);
    if (memberId !== '') {
      if (fixed !== undefined && fixed.id !== memberId) return joinError(ErrorCode.fencedInstanceId, memberId);
      if (known !== undefined) return this.#rejoin(known, request);
      if (!this.#pending.has(memberId)) return joinError(ErrorCode.unknownMemberId, memberId);
      this.#forgetPending(memberId);
      return this.#enter(memberId, request, client);
    }
    const id = `${groupInstanceId ?? client.clientId}-${randomUUID()}`;
    if (fixed !== undefined) this.#fence(fixed);
    else if (groupInstanceId === null && client.joinsTwice) {
      this.#pending.set(
        id,
        setTimeout(() => {
          this.#pending.delete(id);
          this.#tryComplete();
        }, request.sessionTimeout),
      );
      return joinError(ErrorCode.memberIdRequired, id);
    }
    return this.#enter(id, request, client);
  }

  sync(request: SyncRequest): Promise<SyncAnswer> | SyncAnswer {
    const wrong = this.check(request.memberId, request.generationId, request.groupInstanceId);
    if (wrong !== ErrorCode.none) return syncError(wrong);
    const { protocolType, protocolName } = request;
    if (
      (protocolType !== null && protocolType !== this.protocolType) ||
      (protocolName !== null && protocolName !== this.protocolName)
    ) {
      return syncError(ErrorCode.inconsistentGroupProtocol);
    }
    const member = this.members.get(request.memberId)!;
    member.session?.refresh();
    if (this.state === 'PreparingRebalance') return syncError(ErrorCode.rebalanceInProgress);
    if (this.state === 'Stable') return this.#assignment(member);
    const answer = new Promise<SyncAnswer>((resolve) => {
      member.answerSync?.(syncError(ErrorCode.rebalanceInProgress));
      member.answerSync = resolve;
    });
    if (member.id === this.#leader) {
      for (const { memberId, assignment } of request.assignments) {
        const assigned = this.members.get(memberId);
        if (assigned !== undefined) assigned.assignment = Buffer.from(assignment);
      }
      this.state = 'Stable';
      for (const waiting of this.members.values()) {
        waiting.answerSync?.(this.#assignment(waiting));
        waiting.answerSync = undefined;
      }
    }
    return answer;
  }

  heartbeat(memberId: string, generation: number, instanceId: string | null): ErrorCode {
    const wrong = this.check(memberId, generation, instanceId);
    if (wrong !== ErrorCode.none) return wrong;
    this.members.get(memberId)!.session?.refresh();
    return this.state === 'PreparingRebalance' ? ErrorCode.rebalanceInProgress : ErrorCode.none;
  }

  leave(memberId: string, instanceId: string | null): ErrorCode {
    if (this.#pending.has(memberId)) {
      this.#forgetPending(memberId);
      this.#tryComplete();
      return ErrorCode.none;
    }
    const member = instanceId !== null ? this.#instance(instanceId) : this.members.get(memberId);
    if (member === undefined) return ErrorCode.unknownMemberId;
    if (memberId !== '' && member.id !== memberId) return ErrorCode.fencedInstanceId;
    this.#remove(member);
    return ErrorCode.none;
  }

  /** Whether a member may act in a generation: the error code that it is to be told. */
  check(memberId: string, generation: number, instanceId: string | null): ErrorCode {
    if (instanceId !== null) {
      const fixed = this.#instance(instanceId);
      if (fixed === undefined) return ErrorCode.unknownMemberId;
      if (fixed.id !== memberId) return ErrorCode.fencedInstanceId;
    }
    if (!this.members.has(memberId)) return ErrorCode.unknownMemberId;
    return generation === this.generation ? ErrorCode.none : ErrorCode.illegalGeneration;
  }

  /** Whether a member may commit offsets; without generation only a group without members takes them. */
  checkCommit(memberId: string, generation: number, instanceId: string | null): ErrorCode {
    if (generation < 0 && memberId === '' && this.state === 'Empty') return ErrorCode.none;
    const wrong = this.check(memberId, generation, instanceId);
    if (wrong !== ErrorCode.none) return wrong;
    if (this.state === 'CompletingRebalance') return ErrorCode.rebalanceInProgress;
    this.members.get(memberId)!.session?.refresh();
    return ErrorCode.none;
  }

  isSubscribed(topic: string): boolean {
    if (this.protocolType !== 'consumer') return false;
    return [...this.members.values()].some((m) =>
      m.protocols.some((p) => subscribedTopics(p.metadata).includes(topic)),
    );
  }

  /** What the chosen protocol says of a member. */
  metadataOf(member: Member): Buffer {
    return member.protocols.find((p) => p.name === this.protocolName)?.metadata ?? nothing;
  }

  /** Ends all timers and lets go of all who wait. */
  close(): void {
    this.state = 'Dead';
    clearTimeout(this.#rebalance);
    for (const timer of this.#pending.values()) clearTimeout(timer);
    for (const member of this.members.values()) {
      clearTimeout(member.session);
      member.answerJoin?.(joinError(ErrorCode.unknownMemberId, member.id));
      member.answerSync?.(syncError(ErrorCode.unknownMemberId));
    }
    this.members.clear();
  }

  #accepts(request: JoinRequest): boolean {
    if (request.protocolType === '' || request.protocols.length === 0) return false;
    if (this.members.size === 0) return true;
    if (request.protocolType !== this.protocolType) return false;
    return request.protocols.some((p) => this.#common(request.memberId).has(p.name));
  }

  /** Names of the protocols that all members but one know. */
  #common(except: string): Set<string> {
    const others = [...this.members.values()].filter((m) => m.id !== except);
    const names = (others[0] ?? [...this.members.values()][0]!).protocols.map((p) => p.name);
    return new Set(names.filter((name) => others.every((m) => m.protocols.some((p) => p.name === name))));
  }

  #instance(instanceId: string): Member | undefined {
    for (const member of this.members.values()) if (member.instanceId === instanceId) return member;
    return undefined;
  }

  #enter(id: string, request: JoinRequest, client: Client): Promise<JoinAnswer> {
    const member: Member = {
      id,
      instanceId: request.groupInstanceId,
      clientId: client.clientId,
      clientHost: client.clientHost,
      sessionTimeout: request.sessionTimeout,
      rebalanceTimeout: request.rebalanceTimeout,
      protocols: [],
      assignment: nothing,
      answerJoin: undefined,
      answerSync: undefined,
      session: undefined,
    };
    this.protocolType = request.protocolType;
    this.members.set(id, member);
    return this.#await(member, request);
  }

  #rejoin(member: Member, request: JoinRequest): Promise<JoinAnswer> | JoinAnswer {
    const changed = !sameProtocols(member.protocols, request.protocols);
    const settled =
      this.state === 'CompletingRebalance' || (this.state === 'Stable' && (member.id !== this.#leader || changed));
    if (!changed && settled) {
      member.session?.refresh();
      return this.#joined(member);
    }
    return this.#await(member, request);
  }

  /** The member waits for the next generation, which its coming may begin or complete. */
  #await(member: Member, request: JoinRequest): Promise<JoinAnswer> {
    clearTimeout(member.session);
    member.session = undefined;
    member.sessionTimeout = request.sessionTimeout;
    member.rebalanceTimeout = request.rebalanceTimeout < 0 ? request.sessionTimeout : request.rebalanceTimeout;
    member.protocols = keepProtocols(request.protocols);
    member.answerJoin?.(joinError(ErrorCode.unknownMemberId, member.id));
    const answer = new Promise<JoinAnswer>((resolve) => {
      member.answerJoin = resolve;
    });
    if (this.state !== 'PreparingRebalance') this.#prepare();
    this.#tryComplete();
    return answer;
  }

  #prepare(): void {
    for (const member of this.members.values()) {
      member.assignment = nothing;
      member.answerSync?.(syncError(ErrorCode.rebalanceInProgress));
      member.answerSync = undefined;
    }
    this.state = 'PreparingRebalance';
    const timeout = Math.max(0, ...[...this.members.values()].map((m) => m.rebalanceTimeout));
    this.#rebalance = setTimeout(() => this.#complete(), timeout);
  }

  #tryComplete(): void {
    if (this.state !== 'PreparingRebalance' || this.#pending.size > 0) return;
    for (const member of this.members.values()) if (member.answerJoin === undefined) return;
    this.#complete();
  }

  /** Begins the next generation with those who joined; the others are out, but for static members. */
  #complete(): void {
    clearTimeout(this.#rebalance);
    for (const member of this.members.values()) {
      if (member.answerJoin !== undefined || member.instanceId !== null) continue;
      clearTimeout(member.session);
      this.members.delete(member.id);
    }
    this.generation++;
    if (this.members.size === 0) {
      this.state = 'Empty';
      this.protocolName = null;
      this.#leader = '';
      return;
    }
    this.state = 'CompletingRebalance';
    this.protocolName = this.#vote();
    const joined = [...this.members.values()].filter((m) => m.answerJoin !== undefined);
    if (this.members.get(this.#leader)?.answerJoin === undefined)
      this.#leader = (joined[0] ?? [...this.members.values()][0]!).id;
    for (const member of this.members.values()) {
      this.#watch(member);
      member.answerJoin?.(this.#joined(member));
      member.answerJoin = undefined;
    }
  }

  /** The protocol that most members like best, among those that all know. */
  #vote(): string {
    const common = this.#common('');
    const votes = new Map<string, number>();
    for (const member of this.members.values()) {
      const choice = member.protocols.find((p) => common.has(p.name))?.name;
      if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1);
    }
    return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
  }

  #watch(member: Member): void {
    clearTimeout(member.session);
    member.session = setTimeout(() => this.#remove(member), member.sessionTimeout);
  }

  #remove(member: Member): void {
    clearTimeout(member.session);
    this.members.delete(member.id);
    member.answerJoin?.(joinError(ErrorCode.unknownMemberId, member.id));
    member.answerSync?.(syncError(ErrorCode.unknownMemberId));
    if (this.state === 'Stable' || this.state === 'CompletingRebalance') this.#prepare();
    this.#tryComplete();
  }

  /** A static member was restarted: its new self takes its place, its old one must stop. */
  #fence(member: Member): void {
    clearTimeout(member.session);
    this.members.delete(member.id);
    member.answerJoin?.(joinError(ErrorCode.fencedInstanceId, member.id));
    member.answerSync?.(syncError(ErrorCode.fencedInstanceId));
  }

  #forgetPending(memberId: string): void {
    clearTimeout(this.#pending.get(memberId));
    this.#pending.delete(memberId);
  }

  #joined(member: Member): JoinAnswer {
    const leads = member.id === this.#leader;
    return {
      throttleTime: 0,
      errorCode: ErrorCode.none,
      generationId: this.generation,
      protocolType: this.protocolType,
      protocolName: this.protocolName ?? '',
      leader: this.#leader,
      skipAssignment: false,
      memberId: member.id,
      members: leads
        ? [...this.members.values()].map((m) => ({
            memberId: m.id,
            groupInstanceId: m.instanceId,
            metadata: this.metadataOf(m),
          }))
        : [],
    };
  }

  #assignment(member: Member): SyncAnswer {
    return {
      throttleTime: 0,
      errorCode: ErrorCode.none,
      protocolType: this.protocolType,
      protocolName: this.protocolName,
      assignment: member.assignment,
    };
  }
}

/** The answer to a join that fails. */
export function joinError(errorCode: ErrorCode, memberId: string): JoinAnswer {
  return {
    throttleTime: 0,
    errorCode,
    generationId: -1,
    protocolType: null,
    // NULL is for version 7 and later; this text is read by all.
    protocolName: '',
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

/** The answer to a sync that fails. */
export function syncError(errorCode: ErrorCode): SyncAnswer {
  return { throttleTime: 0, errorCode, protocolType: null, protocolName: null, assignment: nothing };
}
