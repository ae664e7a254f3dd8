// Instances of unknown classes, for a program that wants none of them (`unknownClasses: "refuse"`). A class that is
// written by value consists of such instances, which are not refused. The decoder knows which these are only when it
// has read the class, and keeps its refusals until then.

import type { DeserializationError } from "../wire/errors.ts";
import { Cost } from "./cost.ts";
import type { PickleInput } from "./pickle-input.ts";

/** What is refused of one pickle at a time. */
export class Refusals {
  /** Whether a class was read that is written by value. What it consists of is not refused. */
  holdsClasses = false;
  private readonly input: PickleInput;
  /** What was refused since then, and the slot in which it stood: an error in the end, unless it is part of a class. */
  private readonly kept: { readonly slot: number; readonly error: DeserializationError }[] = [];

  constructor(input: PickleInput) {
    this.input = input;
  }

  /** Begins another reading, or forgets the pickle. */
  clear(): void {
    if (!this.holdsClasses) return;
    this.holdsClasses = false;
    this.kept.length = 0;
  }

  /** @throws the first that was kept and is no part of a class, if there is one */
  throwFirst(): void {
    if (this.kept[0] !== undefined) throw this.kept[0].error;
  }

  /** Notes that the object about to be pushed to a slot is of a class that is not known. */
  refuse(slot: number, reason: string): void {
    const error = this.input.fail(reason);
    if (!this.holdsClasses) throw error;
    this.input.spend(Cost.placeholder);
    this.kept.push({ slot, error });
  }

  /** Forgets what was refused from a slot on: it was part of a class. */
  pardonFrom(slot: number): void {
    while ((this.kept.at(-1)?.slot ?? -1) >= slot) this.kept.pop();
  }
}
