import { KeyState } from "./key-state.ts";

/**
 * States in the order in which they end.
 *
 * All entries of a dictionary live equally long, so the order of their ends is the order in which they were
 * written: a new one goes to the end, which takes constant time, and what is due is found at the front. A doubly
 * linked list through the states themselves, so that removing one leaves nothing behind.
 *
 * Should the clock be set back, entries that are written then end before others in front of them. They are
 * invisible at their moment all the same, and are only found here when those in front are.
 */
export class ExpiryList {
  // A sentinel closes the ring: taking a state out never has to ask where it stands.
  readonly #ring: KeyState;

  constructor() {
    this.#ring = new KeyState("", { segment: undefined as never, offset: 0, length: 0 }, 0, 0, 0);
    this.#ring.earlier = this.#ring;
    this.#ring.later = this.#ring;
  }

  /** The state that ends first. */
  get first(): KeyState | undefined {
    const first = this.#ring.later;
    return first === this.#ring ? undefined : first;
  }

  /** Adds a state that ends no earlier than the others. */
  append(state: KeyState): void {
    const last = this.#ring.earlier!;
    last.later = state;
    state.earlier = last;
    state.later = this.#ring;
    this.#ring.earlier = state;
  }

  /** Takes a state out of whichever list it is in, if it is in one. */
  static remove(state: KeyState): void {
    const { earlier, later } = state;
    if (earlier === undefined || later === undefined) return;
    earlier.later = later;
    later.earlier = earlier;
    state.earlier = undefined;
    state.later = undefined;
  }
}
