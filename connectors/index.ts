import type { Registry } from '../engine/connector/bind.ts';
import type { Connector } from '../engine/connector/define.ts';
import type { Format } from '../engine/connector/format.ts';
import { binance } from './binance/binance.ts';
import { blackhole } from './blackhole.ts';
import { datagen } from './datagen/datagen.ts';
import { nexmark } from './datagen/nexmark.ts';
import { filesystem } from './filesystem/filesystem.ts';
import { csv } from './formats/csv.ts';
import { json } from './formats/json.ts';
import { raw } from './formats/raw.ts';
import { kafka } from './kafka/kafka.ts';
import { upsertKafka } from './kafka/upsert-kafka.ts';
import { jdbc } from './postgres/jdbc.ts';
import { print } from './print/print.ts';

export { type Embedded, startEmbedded } from './embedded.ts';
/** For tests of jobs alone: no job can name it. */
export { memory } from './memory/memory.ts';

/** All connectors that jobs can name. */
export const connectors = [
  kafka,
  upsertKafka,
  jdbc,
  binance,
  filesystem,
  datagen,
  nexmark,
  print,
  blackhole,
] as readonly Connector[];

/** All formats that tables can name. */
export const formats = [json, csv, raw] as readonly Format[];

/** What this distribution can read and write, as the engine takes it. */
export const registry: Registry = { connectors, formats };
