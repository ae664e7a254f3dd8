// What the opcodes work on. The decoder is a stack machine with data in place of calls: it imports and runs nothing.
// decode.ts drives it, decode-loop.ts reads the opcodes.

import { type ClassRegistry, programClasses } from "../values/class-registry.ts";
import { PyPersistentId } from "../values/py-object.ts";
import { Cost } from "./cost.ts";
import type { DecodeOptions } from "./decode-options.ts";
import { DictKinds } from "./dict-kinds.ts";
import { PendingValues } from "./pending-values.ts";
import { PickleInput } from "./pickle-input.ts";
import { PickleMachine } from "./pickle-machine.ts";
import { Refusals } from "./refusals.ts";

const noOptions: DecodeOptions = {};

/** The parts of the decoder, for one pickle after the other. */
export class Decoder {
  readonly input = new PickleInput();
  readonly machine = new PickleMachine(this.input);
  readonly dicts = new DictKinds(this.input, this.machine);
  readonly pending = new PendingValues(this.input, this.machine);
  readonly refusals = new Refusals(this.input);
  options = noOptions;
  protocol = 0;
  /** What persistent ids were resolved to, in the order of the pickle. */
  private loaded: unknown[] = [];
  private loadedNext = 0;

  /** Begins a pickle. Call {@link release} afterwards, whatever happens. */
  begin(bytes: Uint8Array, options: DecodeOptions): void {
    this.options = options;
    this.pending.exactFloats = options.floats === "exact";
    this.beginReading(bytes);
  }

  /** Begins to read the pickle once more. */
  readAgain(bytes: Uint8Array): void {
    this.machine.clear();
    this.dicts.readAgain();
    this.pending.readAgain();
    this.refusals.clear();
    this.loadedNext = 0;
    this.beginReading(bytes);
  }

  private beginReading(bytes: Uint8Array): void {
    this.input.begin(bytes, this.options);
    this.machine.begin(bytes.length, this.options);
    this.protocol = 0;
  }

  /** Whether this reading came upon something that it should have known. The next one knows. */
  get isMisread(): boolean {
    return this.dicts.isMisread || this.pending.isMisread;
  }

  /** Forgets everything about the last pickle. */
  release(): void {
    this.input.release();
    this.machine.clear();
    this.options = noOptions;
    if (this.machine.hasNotes || this.dicts.guessCount > 0) this.forgetNotes();
  }

  private forgetNotes(): void {
    this.machine.hasNotes = false;
    this.dicts.release();
    this.pending.release();
    this.refusals.clear();
    if (this.loaded.length > 0) this.loaded = [];
    this.loadedNext = 0;
  }

  /** The classes that the program has registered. */
  get classes(): ClassRegistry {
    return this.options.classes ?? programClasses;
  }

  /** Resolves a persistent id, once for all readings of a pickle. */
  loadPersistent(id: unknown): unknown {
    this.input.spend(Cost.object + Cost.element);
    this.machine.hasNotes = true;
    if (this.loadedNext < this.loaded.length) return this.loaded[this.loadedNext++];
    const found = this.options.persistentLoad?.(id);
    const value = found === undefined ? new PyPersistentId(id) : found;
    this.loaded.push(value);
    this.loadedNext++;
    return value;
  }
}
