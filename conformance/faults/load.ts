import type { SeededRandom } from "@everdict/testkit";
import type { Dict } from "everdict";
import { KeyHistory } from "./key-history.ts";

/** One writer of keys of its own: puts, conditional puts and pops, until the server is gone. */
export interface Writer {
  readonly histories: ReadonlyMap<string, KeyHistory>;
  /** Works until a call fails; resolves to how that failed. Rejects if an answer was wrong. */
  run(dict: Dict<string, number>, onAcknowledged: () => void): Promise<unknown>;
}

const keysPerWriter = 25;

/** Makes a writer whose keys start with `name`. */
export function createWriter(name: string, random: SeededRandom): Writer {
  const histories = new Map(
    Array.from({ length: keysPerWriter }, (_, n) => [`${name}-${n}`, new KeyHistory()]),
  );
  const keys = [...histories.keys()];
  let lastValue = 0;

  async function step(dict: Dict<string, number>): Promise<void> {
    const key = random.pick(keys);
    const history = histories.get(key)!;
    const before = history.acknowledged;
    const kind = random.integer(3);
    if (kind === 0) {
      history.begin(undefined);
      const popped = await dict.pop(key, undefined);
      if (popped !== before) throw new WrongAnswer(`pop of ${key} gave ${popped}, it held ${before}`);
    } else if (kind === 1) {
      lastValue += 1;
      history.begin(lastValue);
      await dict.put(key, lastValue);
    } else {
      lastValue += 1;
      history.begin(before ?? lastValue);
      const wrote = await dict.put(key, lastValue, { skipIfExists: true });
      if (wrote !== (before === undefined))
        throw new WrongAnswer(`conditional put of ${key}: ${wrote}, held ${before}`);
    }
    history.acknowledge();
  }

  return {
    histories,
    run: async (dict, onAcknowledged) => {
      for (;;) {
        try {
          await step(dict);
        } catch (error) {
          if (error instanceof WrongAnswer) throw error;
          return error;
        }
        onAcknowledged();
      }
    },
  };
}

class WrongAnswer extends Error {}
