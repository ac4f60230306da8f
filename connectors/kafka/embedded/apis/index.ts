import { createApiVersions, saslHandshake } from './api-versions.ts';
import { alterConfigs, describeConfigs, incrementalAlterConfigs } from './configs.ts';
import type { Api } from './define-api.ts';
import { fetch } from './fetch.ts';
import { deleteGroups, describeGroups, listGroups, offsetDelete } from './group-admin.ts';
import { offsetCommit, offsetFetch } from './group-offsets.ts';
import { findCoordinator, heartbeat, joinGroup, leaveGroup, syncGroup } from './groups.ts';
import { describeCluster, metadata } from './metadata.ts';
import { deleteRecords, listOffsets, offsetForLeaderEpoch } from './offsets-of-log.ts';
import { produce } from './produce.ts';
import { createPartitions, createTopics, deleteTopics } from './topics.ts';
import { describeProducers, describeTransactions, listTransactions } from './transaction-admin.ts';
import { addOffsetsToTxn, addPartitionsToTxn, endTxn, initProducerId, txnOffsetCommit } from './transactions.ts';

const listed: readonly Api[] = [
  produce,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  findCoordinator,
  joinGroup,
  heartbeat,
  leaveGroup,
  syncGroup,
  describeGroups,
  listGroups,
  createTopics,
  deleteTopics,
  deleteRecords,
  initProducerId,
  offsetForLeaderEpoch,
  addPartitionsToTxn,
  addOffsetsToTxn,
  endTxn,
  txnOffsetCommit,
  describeConfigs,
  alterConfigs,
  createPartitions,
  deleteGroups,
  incrementalAlterConfigs,
  offsetDelete,
  describeCluster,
  describeProducers,
  describeTransactions,
  listTransactions,
  saslHandshake,
];

const apiVersions = createApiVersions(listed);

/** API key → what answers it. */
export const apis: ReadonlyMap<number, Api> = new Map([...listed, apiVersions].map((api) => [api.key, api]));
