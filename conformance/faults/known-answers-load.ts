import type { Dict } from "everdict";

/** What a load met. */
export interface LoadOutcome {
  /** Calls that were answered, or passes over some of them. */
  readonly calls: number;
  /** Answers that were not the known ones, and errors. */
  readonly wrong: readonly string[];
  /** The longest time that a call took. */
  readonly slowestMs: number;
}

/**
 * A load from Python: puts, reads and pops keys of its own, so that every answer is known beforehand, until there is a
 * file `stop`. Its result is a list of the fields of a {@link LoadOutcome}.
 */
export const pythonLoad = `
import os, time
d = modal.Dict.from_name(name, create_if_missing=True)
wrong, calls, slowest = [], 0, 0
def timed(call):
    global slowest
    began = time.time()
    answer = call()
    slowest = max(slowest, time.time() - began)
    return answer
while not os.path.exists(stop):
    for n in range(24):
        key = ("python", n)
        timed(lambda: d.put(key, calls))
        if timed(lambda: d[key]) != calls: wrong.append("get")
        if timed(lambda: d.put(key, -1, skip_if_exists=True)): wrong.append("conditional put")
        if timed(lambda: d.pop(key)) != calls: wrong.append("pop")
        if timed(lambda: d.contains(key)): wrong.append("contains")
        calls += 1
[calls, wrong, 1000 * slowest]
`;

/** What the Python load answered. */
export function pythonOutcome(json: unknown): LoadOutcome {
  const [calls, wrong, slowestMs] = json as [number, string[], number];
  return { calls, wrong, slowestMs };
}

const callersAtOnce = 8;
const keysOfCaller = 4;

/** The same load from TypeScript: some callers at once, until it is told to stop. */
export class TypescriptLoad {
  readonly #wrong: string[] = [];
  readonly #running: Promise<unknown>;
  #calls = 0;
  #slowestMs = 0;
  #stopping = false;

  constructor(dict: Dict<string, number>) {
    const callers = Array.from({ length: callersAtOnce }, (_, caller) => this.#call(dict, caller));
    this.#running = Promise.all(callers);
  }

  /** Passes over all calls so far. */
  get calls(): number {
    return this.#calls;
  }

  async stop(): Promise<LoadOutcome> {
    this.#stopping = true;
    await this.#running;
    return { calls: this.#calls, wrong: this.#wrong, slowestMs: this.#slowestMs };
  }

  async #call(dict: Dict<string, number>, caller: number): Promise<void> {
    for (let value = 0; !this.#stopping; value++) {
      const key = `typescript ${caller} ${value % keysOfCaller}`;
      try {
        await this.#expect("put", true, () => dict.put(key, value));
        await this.#expect("conditional put", false, () => dict.put(key, -1, { skipIfExists: true }));
        await this.#expect("get", value, () => dict.get(key));
        await this.#expect("pop", value, () => dict.pop(key, undefined));
        await this.#expect("contains", false, () => dict.contains(key));
      } catch (error) {
        this.#wrong.push(String(error));
      }
      this.#calls++;
    }
  }

  async #expect(what: string, expected: unknown, call: () => Promise<unknown>): Promise<void> {
    const beganAtMs = performance.now();
    const answer = await call();
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - beganAtMs);
    if (answer !== expected) this.#wrong.push(`${what} answered ${answer} instead of ${expected}`);
  }
}
