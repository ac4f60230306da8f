import { jdbcTable, type KillCase, kafkaTable, PARTITIONS } from './kill-case.ts';

const SYMBOLS = 40;
/** An order and its four fills, in this many messages. */
const BLOCK = 5;

/**
 * Fills and orders, whichever comes first. Into a table without a key goes what the inner join finds: a pair found twice
 * would be seen, one forgotten too. The totals are over a left join, which takes rows back once the order comes.
 */
export const joinCase: KillCase = {
  topics: ['fills', 'orders'],
  tables: {
    pairs: {
      count: 'count(*)',
      total: (sent) => [...fills(sent)].filter(({ symbol }) => symbol !== undefined).length,
      rows: (sent) =>
        [...fills(sent)]
          .filter(({ symbol }) => symbol !== undefined)
          .map(({ id, symbol, quantity }) => `(${id},${symbol},${quantity})`)
          .sort(),
    },
    totals: {
      count: `sum(fills) FILTER (WHERE symbol <> 'none')`,
      total: (sent) => [...fills(sent)].filter(({ symbol }) => symbol !== undefined).length,
      rows: (sent) => totals(sent),
    },
  },
  progress: 'totals',
  createTables: (prefix) => `
    CREATE TABLE ${prefix}_pairs (fill_id BIGINT, symbol TEXT, quantity BIGINT);
    CREATE TABLE ${prefix}_totals (symbol TEXT PRIMARY KEY, fills BIGINT, quantity BIGINT)`,
  jobText: (prefix, at) => `
SET 'pipeline.name' = '${prefix}';
CREATE TABLE fills (fill_id BIGINT, order_id BIGINT, quantity BIGINT) WITH (${kafkaTable(at, 'fills')});
CREATE TABLE orders (order_id BIGINT, symbol STRING) WITH (${kafkaTable(at, 'orders')});
CREATE TABLE pairs (fill_id BIGINT, symbol STRING, quantity BIGINT) WITH (${jdbcTable(at, `${prefix}_pairs`)});
CREATE TABLE totals (symbol STRING, fills BIGINT, quantity BIGINT, PRIMARY KEY (symbol) NOT ENFORCED)
  WITH (${jdbcTable(at, `${prefix}_totals`)});
INSERT INTO pairs SELECT f.fill_id, o.symbol, f.quantity FROM fills AS f JOIN orders AS o ON f.order_id = o.order_id;
INSERT INTO totals
  SELECT symbol, COUNT(*), SUM(quantity)
  FROM (SELECT COALESCE(o.symbol, 'none') AS symbol, f.quantity
        FROM fills AS f LEFT JOIN orders AS o ON f.order_id = o.order_id)
  GROUP BY symbol;`,
  message(n) {
    const order = Math.floor(n / BLOCK);
    // The order comes before, between and after its fills in turn.
    if (n % BLOCK === order % BLOCK) {
      const symbol = symbolOf(order);
      const value = `{"order_id":${symbol === undefined ? -order : order},"symbol":"${symbol ?? 'unasked'}"}`;
      return { topic: 'orders', partition: order % PARTITIONS, value };
    }
    const value = `{"fill_id":${n},"order_id":${order},"quantity":${quantityOf(n)}}`;
    return { topic: 'fills', partition: n % PARTITIONS, value };
  },
  lastMessages: () => [],
};

/** Undefined for an order that nobody ever hears of. */
function symbolOf(order: number): string | undefined {
  return order % 50 === 7 ? undefined : `S${order % SYMBOLS}`;
}

function quantityOf(n: number): number {
  return ((n * 31) % 97) + 1;
}

/** Every fill of the first `sent` messages, whole blocks of them, with what the join finds. */
function* fills(sent: number): Generator<{ id: number; symbol: string | undefined; quantity: number }> {
  if (sent % BLOCK !== 0) throw new Error(`${sent} messages end within a block of ${BLOCK}`);
  for (let id = 0; id < sent; id++) {
    const order = Math.floor(id / BLOCK);
    if (id % BLOCK !== order % BLOCK) yield { id, symbol: symbolOf(order), quantity: quantityOf(id) };
  }
}

function totals(sent: number): string[] {
  const found = new Map<string, { fills: number; quantity: number }>();
  for (const { symbol = 'none', quantity } of fills(sent)) {
    const sum = found.get(symbol) ?? { fills: 0, quantity: 0 };
    found.set(symbol, sum);
    sum.fills++;
    sum.quantity += quantity;
  }
  return [...found].map(([symbol, sum]) => `(${symbol},${sum.fills},${sum.quantity})`).sort();
}
