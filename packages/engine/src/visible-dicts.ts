import { type Access, maySeeEnvironment } from "@everdict/protocol";
import type { Awaitable, Clock, Store } from "@everdict/store";
import { isDictId } from "./ids.ts";

/** How long names of environments are taken for granted, in milliseconds: somebody may rename one. */
const namesAgeMaxMs = 1000;
/** How many dictionaries are remembered for one caller. */
const rememberedMax = 1000;

/**
 * Decides which dictionaries a caller that is limited to environments may see.
 *
 * A dictionary never changes its environment, so that is looked up once. The names of environments are looked up again
 * after a second. Only visible dictionaries are remembered, so that a hidden one takes as long as one that does not
 * exist.
 */
export class VisibleDicts {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #access: Access;
  /** By dictionary, its environment. */
  readonly #environmentIds = new Map<string, string>();
  /** What is being looked up, by dictionary. */
  readonly #pending = new Map<string, Promise<boolean>>();
  #visibleIds: ReadonlySet<string> = new Set();
  #namesReadAtMs = Number.NEGATIVE_INFINITY;

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }, access: Access) {
    this.#store = store;
    this.#clock = clock;
    this.#access = access;
  }

  /**
   * Whether the caller may see a dictionary: false for one that does not exist, true for a text that cannot be an id.
   */
  maySee(dictId: string): Awaitable<boolean> {
    // Calls on one dictionary keep their order: a later call waits for the same answer.
    const pending = this.#pending.get(dictId);
    if (pending !== undefined) return pending;
    // A text that cannot be an id is refused elsewhere.
    if (!this.#environmentIds.has(dictId) && !isDictId(dictId)) return true;
    const names = this.#readNames();
    const answer = names instanceof Promise ? names.then(() => this.#lookUp(dictId)) : this.#lookUp(dictId);
    return answer instanceof Promise ? this.#once(dictId, answer) : answer;
  }

  #once(dictId: string, answer: Promise<boolean>): Promise<boolean> {
    const pending = answer.finally(() => this.#pending.delete(dictId));
    this.#pending.set(dictId, pending);
    return pending;
  }

  #lookUp(dictId: string): Awaitable<boolean> {
    const known = this.#environmentIds.get(dictId);
    if (known !== undefined) return this.#visibleIds.has(known);
    const found = this.#store.getDict(dictId);
    return found instanceof Promise
      ? found.then((record) => this.#judge(dictId, record?.environmentId))
      : this.#judge(dictId, found?.environmentId);
  }

  #judge(dictId: string, environmentId: string | undefined): boolean {
    if (environmentId === undefined || !this.#visibleIds.has(environmentId)) return false;
    if (this.#environmentIds.size >= rememberedMax) this.#environmentIds.clear();
    this.#environmentIds.set(dictId, environmentId);
    return true;
  }

  #readNames(): Awaitable<void> {
    const nowMs = this.#clock();
    // A clock that was set back must not stop the look-ups.
    if (Math.abs(nowMs - this.#namesReadAtMs) < namesAgeMaxMs) return;
    const all = this.#store.listEnvironments();
    const note = (records: readonly { readonly id: string; readonly name: string }[]): void => {
      const visible = records.filter(({ name }) => maySeeEnvironment(this.#access, name));
      this.#visibleIds = new Set(visible.map(({ id }) => id));
      this.#namesReadAtMs = nowMs;
    };
    return all instanceof Promise ? all.then(note) : note(all);
  }
}
