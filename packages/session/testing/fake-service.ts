import type { DictService } from "@everdict/protocol";

/** A call that the fake service received and that the test answers. */
export interface ReceivedCall {
  readonly method: string;
  readonly args: readonly unknown[];
  answer(value: unknown): void;
  fail(error: unknown): void;
}

/** A service whose calls wait until the test answers them, or that answers by a function. */
export interface FakeService {
  readonly service: DictService;
  /** All calls, in the order in which they came. */
  readonly calls: ReceivedCall[];
}

/** Makes one. `answer` may give an answer at once, as a value or a promise; `waiting` leaves the call to the test. */
export function fakeService(
  answer: (method: string, args: readonly unknown[]) => unknown = () => waiting,
): FakeService {
  const calls: ReceivedCall[] = [];
  const service = new Proxy({} as DictService, {
    get: (_, method: string) => {
      return (...args: unknown[]) => {
        let settle!: { resolve: (value: unknown) => void; reject: (error: unknown) => void };
        const promise = new Promise((resolve, reject) => {
          settle = { resolve, reject };
        });
        promise.catch(() => {});
        // Views into what arrived are the caller's until the call returns; a test may look at them much later.
        const kept = args.map((each) => (each instanceof Uint8Array ? each.slice() : each));
        calls.push({ method, args: kept, answer: settle.resolve, fail: settle.reject });
        const given = answer(method, kept);
        return given === waiting ? promise : given;
      };
    },
  });
  return { service, calls };
}

/** Leaves a call to the test. */
export const waiting = Symbol("waiting");
