import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

type Package = typeof import('@platformatic/kafka');

/*
  The wire of Kafka's protocol out of @platformatic/kafka, without its clients: the index of the package compiles the
  option schemas of consumers, producers and admins, which takes 0.4 s of every start and is of no use here.
*/
const index = pathToFileURL(createRequire(import.meta.url).resolve('@platformatic/kafka'));

function part<K extends keyof Package>(file: string): Promise<Pick<Package, K>> {
  return import(new URL(file, index).href) as Promise<Pick<Package, K>>;
}

export const { Connection } = await part<'Connection'>('network/connection.js');
export const { TimeoutError } = await part<'TimeoutError'>('errors.js');
export const {
  compressionsAlgorithms,
  crc32c: bundledCrc32c,
  protocolErrorsCodesById,
  Writer,
} = await part<'compressionsAlgorithms' | 'crc32c' | 'protocolErrorsCodesById' | 'Writer'>('protocol/index.js');
export const {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  apiVersionsV3,
  createAPI,
  createTopicsV7,
  endTxnV3,
  findCoordinatorV4,
  initProducerIdV4,
  listOffsetsV7,
  metadataV10,
  offsetCommitV8,
  offsetFetchV8,
  txnOffsetCommitV3,
} = await part<
  | 'addOffsetsToTxnV3'
  | 'addPartitionsToTxnV3'
  | 'apiVersionsV3'
  | 'createAPI'
  | 'createTopicsV7'
  | 'endTxnV3'
  | 'findCoordinatorV4'
  | 'initProducerIdV4'
  | 'listOffsetsV7'
  | 'metadataV10'
  | 'offsetCommitV8'
  | 'offsetFetchV8'
  | 'txnOffsetCommitV3'
>('apis/index.js');

export type { API, Reader } from '@platformatic/kafka';
export type Connection = InstanceType<Package['Connection']>;
export type Writer = InstanceType<Package['Writer']>;
