/*
  The wire of Kafka's protocol out of @platformatic/kafka, without its clients: the index of the package compiles the
  option schemas of consumers, producers and admins, and the indexes within it load hundreds of files, which takes 0.4 s of
  every start. Its exports name the index alone, so files are named by their place; build.js bundles them.
*/

export type { API, Reader } from '@platformatic/kafka';
export * as createTopicsV7 from '../../node_modules/@platformatic/kafka/dist/apis/admin/create-topics-v7.js';
export * as describeConfigsV4 from '../../node_modules/@platformatic/kafka/dist/apis/admin/describe-configs-v4.js';
export * as listOffsetsV7 from '../../node_modules/@platformatic/kafka/dist/apis/consumer/list-offsets-v7.js';
export * as offsetCommitV8 from '../../node_modules/@platformatic/kafka/dist/apis/consumer/offset-commit-v8.js';
export * as offsetFetchV8 from '../../node_modules/@platformatic/kafka/dist/apis/consumer/offset-fetch-v8.js';
export { createAPI } from '../../node_modules/@platformatic/kafka/dist/apis/definitions.js';
export * as apiVersionsV3 from '../../node_modules/@platformatic/kafka/dist/apis/metadata/api-versions-v3.js';
export * as findCoordinatorV4 from '../../node_modules/@platformatic/kafka/dist/apis/metadata/find-coordinator-v4.js';
export * as metadataV10 from '../../node_modules/@platformatic/kafka/dist/apis/metadata/metadata-v10.js';
export * as addOffsetsToTxnV3 from '../../node_modules/@platformatic/kafka/dist/apis/producer/add-offsets-to-txn-v3.js';
export * as addPartitionsToTxnV3 from '../../node_modules/@platformatic/kafka/dist/apis/producer/add-partitions-to-txn-v3.js';
export * as endTxnV3 from '../../node_modules/@platformatic/kafka/dist/apis/producer/end-txn-v3.js';
export * as initProducerIdV4 from '../../node_modules/@platformatic/kafka/dist/apis/producer/init-producer-id-v4.js';
export * as txnOffsetCommitV3 from '../../node_modules/@platformatic/kafka/dist/apis/producer/txn-offset-commit-v3.js';
export { TimeoutError } from '../../node_modules/@platformatic/kafka/dist/errors.js';
export { Connection } from '../../node_modules/@platformatic/kafka/dist/network/connection.js';
export { compressionsAlgorithms } from '../../node_modules/@platformatic/kafka/dist/protocol/compression.js';
export { crc32c as bundledCrc32c } from '../../node_modules/@platformatic/kafka/dist/protocol/crc32c.js';
export { protocolErrorsCodesById } from '../../node_modules/@platformatic/kafka/dist/protocol/errors.js';
export { Writer } from '../../node_modules/@platformatic/kafka/dist/protocol/writer.js';
