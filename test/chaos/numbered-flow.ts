import { setTimeout as sleep } from 'node:timers/promises';
import { openProducer } from '../servers/index.ts';

/** So many keys; the key of a number is its remainder. */
export const KEYS = 500;

/** Numbered messages, `{"n": 0, "k": 0}` and so on, about 2500 a second, until `stop`. */
export interface NumberedFlow {
  readonly sent: number;
  /** Waits until nothing is on its way; until `resume` nothing is sent. A producer that misses an answer sends twice. */
  pause(): Promise<void>;
  resume(): void;
  /** Resolves with the count of numbers. */
  stop(): Promise<number>;
}

export function startNumberedFlow(kafka: string, topic: string): NumberedFlow {
  let stopped = false;
  let paused = false;
  let resting = false;
  let sent = 0;
  const done = (async () => {
    let producer = await openProducer(kafka);
    while (!stopped) {
      if (paused) {
        if (!resting) await producer.close();
        resting = true;
        await sleep(20);
        continue;
      }
      if (resting) producer = await openProducer(kafka);
      resting = false;
      await producer.send(
        Array.from({ length: 100 }, (_, i) => {
          const n = sent + i;
          return { topic, key: String(n % KEYS), value: `{"n":${n},"k":${n % KEYS}}` };
        }),
      );
      sent += 100;
      await sleep(35);
    }
    if (!resting) await producer.close();
  })();
  return {
    get sent() {
      return sent;
    },
    async pause() {
      paused = true;
      while (!resting) {
        await sleep(20);
        await Promise.race([done, sleep(0)]);
      }
    },
    resume() {
      paused = false;
    },
    async stop() {
      stopped = true;
      await done;
      return sent;
    },
  };
}
