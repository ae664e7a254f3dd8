// Pickles to values. The reader is the stack machine that the format asks for, with data in place of calls: it
// imports and runs nothing.
//
// A Python dict with text keys becomes a plain object, any other a Map, which is known only when the first other
// key comes; by then the object may have been referred to. So the reader notes where in the input such a dict was
// created and reads the input once more, making it a Map from the start. Most are recognised by their first key.
// Objects in circles need another reading likewise (see pending-objects.ts).

import { type ClassRegistry, programClasses } from "../values/class-registry.ts";
import { PyFloat } from "../values/py-float.ts";
import { type PyObject, PyPersistentId } from "../values/py-object.ts";
import type { DeserializationError } from "../wire/errors.ts";
import type { DecodeLimits } from "../wire/limits.ts";
import { Cost } from "./decode-budget.ts";
import { runOpcodes } from "./decode-loop.ts";
import { DecoderState } from "./decoder-state.ts";
import type { PendingObject } from "./pending-objects.ts";

/** How {@link decode} reads a pickle. */
export interface DecodeOptions extends DecodeLimits {
  /**
   * Resolves a persistent id. Without it, or where it answers `undefined`, the id stays as a
   * {@link PyPersistentId}.
   */
  readonly persistentLoad?: ((id: unknown) => unknown) | undefined;
  /**
   * What a Python float with an integral value becomes: a number (the default), which is written back as a float
   * as part of the container it came in, and as an int elsewhere; or with `exact` a {@link PyFloat}.
   */
  readonly floats?: "number" | "exact" | undefined;
  /** Classes in place of those that were registered for the whole program. */
  readonly classes?: ClassRegistry | undefined;
  /**
   * What becomes of an instance of a class that is neither in the table of types nor registered: `keep` (the
   * default) gives a {@link PyObject}, `refuse` throws an error that names the class. What a script's class consists of
   * that came with its instances, such as its methods, is not looked at.
   */
  readonly unknownClasses?: "keep" | "refuse" | undefined;
}

/** Each reading but the last finds out something that the next must know; real pickles take two. */
const READINGS_MAX = 6;
const noOptions: DecodeOptions = {};

/** Reads one pickle after the other. */
export class Decoder extends DecoderState {
  options: DecodeOptions = noOptions;
  exactFloats = false;
  classes = programClasses;
  /** Whether the stack may hold something that must be settled before it is taken. */
  unsettled = false;
  /** Objects whose state may still come, by the placeholder on the stack. */
  pending: Map<PyObject, PendingObject> | undefined;
  /** Where the dicts were created that must be Maps. */
  private mapOrigins = new Set<number>();
  /** Where the dicts were created that look like Maps and are none. */
  private objectOrigins = new Set<number>();
  /** Maps whose first key has not come yet, and where they were created. */
  private readonly guessedMaps = new Map<object, number>();
  /** Where the objects were made that are part of their own state. */
  private circularOrigins = new Set<number>();
  /** Whether this reading came upon something that it should have known. */
  private misread = false;
  /** Where each dict was created; kept only if the slots' origins did not tell. */
  private dictOrigins: Map<object, number> | undefined;
  /** Whether a class was read that is written by value. What it consists of is not refused. */
  holdsClasses = false;
  /** What was refused since then, and the slot in which it stood: an error in the end, unless it is part of a class. */
  readonly refusals: { readonly slot: number; readonly error: DeserializationError }[] = [];
  private loaded: unknown[] = [];
  private loadedNext = 0;

  /** Decodes one pickle. Call {@link release} afterwards, whatever happens. */
  decode(bytes: Uint8Array, options: DecodeOptions): unknown {
    this.options = options;
    this.exactFloats = options.floats === "exact";
    this.classes = options.classes ?? programClasses;
    let result: unknown;
    for (let reading = 0; reading < READINGS_MAX; reading++) {
      if (reading > 0) this.clear();
      this.beginInput(bytes, options);
      this.misread = false;
      if (this.guessedMaps.size > 0) this.guessedMaps.clear();
      this.loadedNext = 0;
      this.unsettled = false;
      this.pending = undefined;
      this.holdsClasses = false;
      if (this.refusals.length > 0) this.refusals.length = 0;
      try {
        result = runOpcodes(this);
        if (this.guessedMaps.size > 0) this.noteWrongGuesses();
      } catch (caught) {
        if (!this.misread) throw caught;
      }
      if (this.misread) continue;
      if (this.refusals[0] !== undefined) throw this.refusals[0].error;
      return result;
    }
    throw this.fail("its references are too entangled");
  }

  /** Forgets everything about the last pickle. */
  release(): void {
    this.endInput();
    this.options = noOptions;
    this.pending = undefined;
    if (this.refusals.length > 0) this.refusals.length = 0;
    if (this.mapOrigins.size > 0) this.mapOrigins.clear();
    if (this.circularOrigins.size > 0) this.circularOrigins.clear();
    if (this.objectOrigins.size > 0) this.objectOrigins.clear();
    if (this.guessedMaps.size > 0) this.guessedMaps.clear();
    this.dictOrigins = undefined;
    if (this.loaded.length > 0) this.loaded = [];
  }

  /** Notes that the object about to be pushed to a slot is of a class that is not known. */
  refuse(slot: number, reason: string): void {
    const error = this.fail(reason);
    if (!this.holdsClasses) throw error;
    this.spend(Cost.placeholder);
    this.refusals.push({ slot, error });
  }

  /** Forgets what was refused from a slot on: it was part of a class. */
  pardonFrom(slot: number): void {
    while ((this.refusals.at(-1)?.slot ?? -1) >= slot) this.refusals.pop();
  }

  /** Pushes a float. An integral one stands as a PyFloat until it is taken. */
  pushFloat(value: number): void {
    // -0 would need none, but as the key of a Map it becomes 0.
    if (Number.isSafeInteger(value)) {
      this.unsettled = true;
      this.push(new PyFloat(value));
    } else this.push(value);
  }

  /** Notes that the object about to be pushed to a slot may still get its state. */
  addPending(object: PyObject, slot: number, empty: object, complete: () => object): void {
    this.unsettled = true;
    this.spend(Cost.pending);
    this.pending ??= new Map();
    const origin = this.position;
    this.pending.set(object, {
      slot,
      empty,
      complete,
      origin,
      isBuilt: false,
      result: undefined,
      isCircular: false,
    });
  }

  /** Whether what stands for an object has been made, so that nothing can be added to it. */
  isCompleted(object: PyObject): boolean {
    return this.pending?.get(object)?.result !== undefined;
  }

  /** Notes that an object is given its state now. */
  noteBuilt(object: PyObject): void {
    const pending = this.pending?.get(object);
    if (pending === undefined) return;
    pending.isBuilt = true;
    if (pending.result !== undefined) this.noteCircle(pending.origin);
  }

  /** Whether the object made there is known to be part of its own state. */
  isCircularOrigin(origin: number): boolean {
    return this.circularOrigins.has(origin);
  }

  /** Notes that the object made there is part of its own state, which this reading did not know. */
  noteCircle(origin: number): void {
    if (this.circularOrigins.has(origin)) throw this.fail("an object is given its state too late");
    this.circularOrigins.add(origin);
    this.misread = true;
  }

  /** Pushes a new dict: a plain object, or a Map if it is known to have keys that are no texts. */
  beginDict(): void {
    const origin = this.position;
    let dict: object;
    if (this.mapOrigins.size > 0 && this.mapOrigins.has(origin)) {
      this.spend(Cost.collection);
      dict = new Map();
    } else if (this.nextKeyIsNoText() && !this.objectOrigins.has(origin)) {
      this.spend(Cost.collection * 2);
      dict = new Map();
      this.guessedMaps.set(dict, origin);
    } else {
      this.spend(Cost.object);
      dict = {};
      this.dictOrigins?.set(dict, origin);
    }
    this.pushNested(dict, 1);
    this.origins[this.size - 1] = origin;
  }

  /** Notes that something is set in the dict in a slot; answers whether it is surely the first. */
  beginsToFill(slot: number): boolean {
    const origin = this.origins[slot] as number;
    if (origin < 0) return false;
    this.origins[slot] = -2 - origin;
    return true;
  }

  /** Where the dict in a slot was created, or -1 if unknown. */
  private originOf(slot: number): number {
    const origin = this.origins[slot] as number;
    return origin < -1 ? -2 - origin : origin;
  }

  /** Puts another in the place of a plain dict that is untaken. */
  replaceDict(slot: number, dict: object): void {
    this.dictOrigins?.set(dict, this.originOf(slot));
    this.replaceUntaken(slot, dict);
  }

  // Looks past the memo opcode and the mark at the opcode that makes the first key, unless the dict is empty: then it
  // is something else that is made there.
  private nextKeyIsNoText(): boolean {
    const { bytes } = this;
    let at = this.position;
    if (bytes[at] === 0x94) at++;
    else if (bytes[at] === 0x71) at += 2;
    else if (bytes[at] === 0x72) at += 5;
    if (bytes[at] === 0x28) at++;
    switch (bytes[at]) {
      case 0x4b: // BININT1, and so on: numbers, None, booleans, bytes, tuples
      case 0x4d:
      case 0x4a:
      case 0x8a:
      case 0x47:
      case 0x4e:
      case 0x88:
      case 0x89:
      case 0x43:
      case 0x29:
        return true;
      default:
        return false;
    }
  }

  /** Notes that the plain dict in a slot has a key that is no text. */
  noteMixedKeys(dict: object, slot: number): void {
    this.misread = true;
    const origin = this.dictOrigins?.get(dict) ?? this.originOf(slot);
    if (origin >= 0) this.mapOrigins.add(origin);
    else this.dictOrigins ??= new Map();
  }

  /** Notes that a Map has a key that is no text. */
  confirmMap(map: object): void {
    if (this.guessedMaps.size > 0) this.guessedMaps.delete(map);
  }

  private noteWrongGuesses(): void {
    for (const origin of this.guessedMaps.values()) this.objectOrigins.add(origin);
    this.guessedMaps.clear();
    this.misread = true;
  }

  /** Resolves a persistent id, once for all readings of a pickle. */
  loadPersistent(id: unknown): unknown {
    this.spend(Cost.object + Cost.element);
    if (this.loadedNext < this.loaded.length) return this.loaded[this.loadedNext++];
    const found = this.options.persistentLoad?.(id);
    const value = found === undefined ? new PyPersistentId(id) : found;
    this.loaded.push(value);
    this.loadedNext++;
    return value;
  }
}
