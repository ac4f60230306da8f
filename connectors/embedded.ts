/** What a job that names only the outside world's defaults needs, on loopback ports of this process. */
export interface Embedded {
  /** host:port */
  readonly kafka: string;
  /** postgres://user:password@host:port/database */
  readonly postgres: string;
  readonly exchange: { readonly restUrl: string; readonly wsUrl: string };
  /** Options that make tables of a connector use these servers. */
  overrides(connector: string): ReadonlyMap<string, string>;
  close(): Promise<void>;
}

export interface EmbeddedNeeds {
  /** Kafka topics to create. */
  readonly topics: readonly string[];
  /** Folder that keeps the database; in memory where absent. */
  readonly folder?: string;
  /** Whether `binance` tables are to use the simulated exchange; false: Binance itself. */
  readonly exchange: boolean;
  /** Milliseconds of trades before its start that the simulated exchange tells; 0 where absent. */
  readonly history?: number;
  /** Told about ports that were taken and what was used instead. */
  readonly notice: (text: string) => void;
}

const PREFERRED = { kafka: 9092, postgres: 5432 } as const;

/**
 * Starts the embedded Kafka broker, PostgreSQL and, if asked for, the simulated exchange, side by side. The usual ports
 * are tried first; where they are taken, free ones are used.
 */
export async function startEmbedded(needs: EmbeddedNeeds): Promise<Embedded> {
  const [{ startEmbeddedBroker }, { startEmbeddedPostgres }, exchangeModule] = await Promise.all([
    import('./kafka/embedded/broker.ts'),
    import('./postgres/embedded.ts'),
    needs.exchange ? import('./binance/exchange/exchange.ts') : undefined,
  ]);
  const [broker, postgres, exchange] = await Promise.all([
    startEmbeddedBroker({ port: PREFERRED.kafka, topics: needs.topics }),
    startEmbeddedPostgres({ port: PREFERRED.postgres, ...(needs.folder === undefined ? {} : { dir: needs.folder }) }),
    exchangeModule?.startExchange(needs.history === undefined ? {} : { history: needs.history }),
  ]);
  notePort('Kafka', PREFERRED.kafka, Number(broker.address.split(':').at(-1)), needs.notice);
  notePort('PostgreSQL', PREFERRED.postgres, postgres.port, needs.notice);
  const url = new URL(postgres.url);
  const tables: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
    ['kafka', new Map([['properties.bootstrap.servers', broker.address]])],
    ['upsert-kafka', new Map([['properties.bootstrap.servers', broker.address]])],
    [
      'jdbc',
      new Map([
        ['url', `jdbc:postgresql://${url.host}${url.pathname}`],
        ['username', decodeURIComponent(url.username)],
        ['password', decodeURIComponent(url.password)],
      ]),
    ],
    [
      'binance',
      new Map(
        exchange === undefined
          ? []
          : [
              ['rest-url', exchange.restUrl],
              ['ws-url', exchange.wsUrl],
            ],
      ),
    ],
  ]);
  return {
    kafka: broker.address,
    postgres: postgres.url,
    exchange: { restUrl: exchange?.restUrl ?? '', wsUrl: exchange?.wsUrl ?? '' },
    overrides: (connector) => tables.get(connector) ?? new Map(),
    close: async () => {
      await exchange?.close();
      await Promise.all([broker.close(), postgres.close()]);
    },
  };
}

function notePort(what: string, wanted: number, got: number, notice: (text: string) => void): void {
  if (got !== wanted) notice(`port ${wanted} is taken: the embedded ${what} listens on ${got}`);
}
