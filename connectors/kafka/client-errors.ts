import { RunError } from '../../engine/connector/errors.ts';
import { type Address, addressText, type Settings } from './settings.ts';
import { protocolErrorsCodesById } from './wire.ts';

/** Error codes of the protocol that are handled by name. */
export const errorCode = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeaderOrFollower: 6,
  replicaNotAvailable: 9,
  coordinatorLoadInProgress: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  clusterAuthorizationFailed: 31,
  kafkaStorageError: 56,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  unstableOffsetCommit: 88,
} as const;

const movingLeader: ReadonlySet<number> = new Set([
  errorCode.unknownTopicOrPartition,
  errorCode.leaderNotAvailable,
  errorCode.notLeaderOrFollower,
  errorCode.replicaNotAvailable,
  errorCode.kafkaStorageError,
  errorCode.fencedLeaderEpoch,
  errorCode.unknownLeaderEpoch,
  errorCode.offsetNotAvailable,
]);

/** Whether an error of a partition goes away once the metadata shows its new leader. */
export function isLeaderChange(code: number): boolean {
  return movingLeader.has(code);
}

const movingCoordinator: ReadonlySet<number> = new Set([
  errorCode.coordinatorLoadInProgress,
  errorCode.coordinatorNotAvailable,
  errorCode.notCoordinator,
  errorCode.unstableOffsetCommit,
]);

/** Whether an error of a group goes away by asking its coordinator again. */
export function isCoordinatorChange(code: number): boolean {
  return movingCoordinator.has(code);
}

/** The protocol's name of an error code, e.g. 'NOT_LEADER_OR_FOLLOWER'. */
export function errorName(code: number): string {
  return (protocolErrorsCodesById as Readonly<Record<number, string>>)[code] ?? `error ${code}`;
}

interface Caused {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly serverErrorMessage?: unknown;
}

/** An error and all that caused it, outermost first. */
function causes(error: unknown): Caused[] {
  const found: Caused[] = [];
  const visit = (e: unknown): void => {
    if (typeof e !== 'object' || e === null || found.includes(e)) return;
    const caused = e as Caused;
    found.push(caused);
    if (Array.isArray(caused.errors)) caused.errors.forEach(visit);
    visit(caused.cause);
  };
  visit(error);
  return found;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host is unreachable',
  ENETUNREACH: 'the network is unreachable',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be looked up now',
  ETIMEDOUT: 'no answer in time',
  EPIPE: 'the connection was closed',
};

/** Why a connection failed, in a few words. */
export function reasonOf(error: unknown): string {
  const chain = causes(error);
  for (const { code } of chain) {
    const reason = typeof code === 'string' ? reasons[code] : undefined;
    if (reason !== undefined) return reason;
  }
  const last = chain.findLast((e) => typeof e.message === 'string' && e.message !== '');
  return last === undefined ? String(error) : String(last.message);
}

/** The error for a broker that cannot be reached or used, named after the option that says where it is. */
export function connectionError(error: unknown, address: Address, settings: Settings): RunError {
  if (error instanceof RunError) return error;
  const where = `broker ${addressText(address)} of option 'properties.bootstrap.servers'`;
  const chain = causes(error);
  const own = chain.find((e) => e instanceof RunError);
  if (own !== undefined) return own;
  const codes = chain.map((e) => String(e.code));
  if (codes.includes('PLT_KFK_AUTHENTICATION')) return authenticationError(chain, where, settings);
  const tls = codes.find((code) => /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO/.test(code));
  if (tls !== undefined) return tlsError(tls, reasonOf(error), where);
  return new RunError('kafka-unreachable', `${where} cannot be reached: ${reasonOf(error)}`, {
    passing: true,
    help: unreachableHelp(codes, settings),
    cause: error,
  });
}

function unreachableHelp(codes: readonly string[], settings: Settings): string {
  if (codes.includes('ENOTFOUND'))
    return 'check the host name; the brokers also tell clients their advertised.listeners';
  if (codes.includes('ECONNREFUSED')) return 'check that the broker runs and listens on this port';
  const { tls, sasl } = settings.security;
  const protocol = `${sasl === undefined ? '' : 'SASL_'}${tls === undefined ? (sasl === undefined ? 'PLAINTEXT' : 'PLAINTEXT') : 'SSL'}`;
  return `check host, port and that the listener speaks ${protocol} ('properties.security.protocol')`;
}

function authenticationError(chain: readonly Caused[], where: string, settings: Settings): RunError {
  const told = chain.find((e) => typeof e.serverErrorMessage === 'string')?.serverErrorMessage;
  const mechanism = settings.security.sasl?.mechanism;
  const mismatch = chain.some((e) => String(e.message).includes('suitable SASL mechanism'));
  if (mismatch) {
    return new RunError('kafka-authentication', `${where} does not accept SASL mechanism ${mechanism}`, {
      help: "set 'properties.sasl.mechanism' to one of the broker's sasl.enabled.mechanisms",
    });
  }
  return new RunError(
    'kafka-authentication',
    `${where} refuses the credentials (${mechanism})${told === undefined ? '' : `: ${told}`}`,
    { help: "check username and password in 'properties.sasl.jaas.config'" },
  );
}

function tlsError(code: string, reason: string, where: string): RunError {
  if (code === 'EPROTO' || /wrong version number|packet length/i.test(reason)) {
    return new RunError('kafka-tls', `${where} does not speak TLS: ${reason}`, {
      help: "check 'properties.security.protocol' and the port: TLS and plain listeners have different ones",
    });
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return new RunError('kafka-tls', `${where} shows a certificate of another host: ${reason}`, {
      help: "use the host name of the certificate, or set 'properties.ssl.endpoint.identification.algorithm' = ''",
    });
  }
  return new RunError('kafka-tls', `${where} shows a certificate that is not trusted: ${reason}`, {
    help: "name the PEM file of its authority with 'properties.ssl.truststore.location'",
  });
}

/** The error for a topic or group that the user may not use. */
export function notAllowed(what: string, action: string, settings: Settings): RunError {
  const user = settings.security.sasl?.username;
  const who = typeof user === 'string' ? `user '${user}'` : 'this client';
  return new RunError('kafka-not-allowed', `${who} is not allowed to ${action} ${what}`, {
    help: `ask for an ACL: kafka-acls.sh --add --allow-principal … --operation ${action === 'write' ? 'Write' : 'Read'} for ${what}`,
  });
}
