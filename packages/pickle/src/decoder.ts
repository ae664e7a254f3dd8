// Pickles to values. The reader is the stack machine that the format asks for, with data in place of calls: it
// imports and runs nothing.
//
// A Python dict with text keys becomes a plain object, any other a Map, which is known only when the first other
// key comes; by then the object may have been referred to. So the reader notes where in the input such a dict was
// created and reads the input once more, making it a Map from the start. Most are recognised by their first key.

import { appendItems, setItems } from "./construct.ts";
import { Cost, DecoderState } from "./decoder-state.ts";
import type { DecodeLimits } from "./limits.ts";
import { opcodeHandlers } from "./opcode-handlers.ts";
import { PyFloat } from "./py-float.ts";
import { PyPersistentId } from "./py-object.ts";

/** How {@link decode} reads a pickle. */
export interface DecodeOptions extends DecodeLimits {
  /**
   * Resolves a persistent id. Without it, or where it answers `undefined`, the id stays as a
   * {@link PyPersistentId}.
   */
  readonly persistentLoad?: ((id: unknown) => unknown) | undefined;
  /**
   * What a Python float with an integral value becomes: a number, which is written back as an int (the default),
   * or with `exact` a {@link PyFloat}, which is written back as it came.
   */
  readonly floats?: "number" | "exact" | undefined;
}

/** Reads one pickle after the other. */
export class Decoder extends DecoderState {
  options: DecodeOptions = {};
  exactFloats = false;
  /** Where the dicts were created that must be Maps. */
  private mapOrigins = new Set<number>();
  /** Whether this reading came upon a dict that should have been a Map. */
  private misread = false;
  /** Where each dict was created; kept only if the slots' origins did not tell. */
  private dictOrigins: Map<object, number> | undefined;
  private loaded: unknown[] = [];
  private loadedNext = 0;

  /** Decodes one pickle. Call {@link release} afterwards, whatever happens. */
  decode(bytes: Uint8Array, options: DecodeOptions): unknown {
    this.options = options;
    this.exactFloats = options.floats === "exact";
    let result: unknown;
    for (let reading = 0; reading < 4; reading++) {
      this.beginInput(bytes, options);
      this.misread = false;
      this.loadedNext = 0;
      try {
        result = this.run();
      } catch (caught) {
        if (!this.misread) throw caught;
      }
      if (!this.misread) return result;
    }
    throw this.fail("a dict cannot be told from a map");
  }

  /** Forgets everything about the last pickle. */
  release(): void {
    this.endInput();
    this.options = {};
    this.mapOrigins.clear();
    this.dictOrigins = undefined;
    this.loaded = [];
  }

  private run(): unknown {
    const { bytes } = this;
    const end = bytes.length;
    for (;;) {
      if (this.size + 2 > this.depths.length) this.growStack();
      if (this.position >= end) throw this.fail("the pickle is cut off");
      const code = bytes[this.position++] as number;
      // The numbers are those of opcodes.ts; only literals make the engine build a jump table.
      switch (code) {
        case 0x8c: // SHORT_BINUNICODE
          this.push(this.readText(this.readUint1()));
          break;
        case 0x94: // MEMOIZE
          this.memoize();
          break;
        case 0x4b: // BININT1
          this.push(this.readUint1());
          break;
        case 0x68: // BINGET
          this.getMemo(this.readUint1());
          break;
        case 0x7d: // EMPTY_DICT
          this.beginDict();
          break;
        case 0x5d: // EMPTY_LIST
          this.spend(Cost.array);
          this.pushNested([], 1);
          break;
        case 0x28: // MARK
          this.mark();
          break;
        case 0x75: // SETITEMS
          setItems(this, this.popMark());
          break;
        case 0x65: // APPENDS
          appendItems(this, this.popMark());
          break;
        case 0x73: // SETITEM
          this.needStack(2);
          setItems(this, this.size - 2);
          break;
        case 0x61: // APPEND
          this.needStack(1);
          appendItems(this, this.size - 1);
          break;
        case 0x85: // TUPLE1
        case 0x86: // TUPLE2
        case 0x87: // TUPLE3
          this.needStack(code - 0x84);
          this.tupleFrom(this.size - (code - 0x84));
          break;
        case 0x47: // BINFLOAT
          this.need(8);
          this.pushFloat(this.view.getFloat64(this.position));
          this.position += 8;
          break;
        case 0x95: // FRAME
          this.need(8);
          this.position += 8;
          break;
        case 0x2e: // STOP
          return this.pop();
        default: {
          const handler = opcodeHandlers[code];
          if (handler === undefined) throw this.fail(`byte 0x${code.toString(16)} is no opcode`);
          handler(this);
        }
      }
    }
  }

  /** Pushes a float, by the `floats` option. */
  pushFloat(value: number): void {
    this.push(
      this.exactFloats && Number.isSafeInteger(value) && !Object.is(value, -0) ? new PyFloat(value) : value,
    );
  }

  /** Replaces the values from a slot on by a tuple of them. */
  tupleFrom(slot: number): void {
    const count = this.size - slot;
    this.countElements(count, Cost.element);
    this.spend(Cost.array);
    const items = this.stack.slice(slot, this.size);
    this.pushNested(Object.freeze(items), this.dropFrom(slot) + 1);
  }

  private beginDict(): void {
    const origin = this.position;
    let dict: object;
    if (this.mapOrigins.has(origin) || this.nextKeyIsNoText()) {
      this.spend(Cost.collection);
      dict = new Map();
    } else {
      this.spend(Cost.object);
      dict = {};
      this.dictOrigins?.set(dict, origin);
    }
    this.origins[this.size] = origin;
    this.pushNested(dict, 1);
  }

  // Looks past the memo opcode and the mark at the opcode that makes the first key.
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
    const origin = this.dictOrigins?.get(dict) ?? (this.origins[slot] as number);
    if (origin >= 0) this.mapOrigins.add(origin);
    else this.dictOrigins ??= new Map();
  }

  /** Resolves a persistent id, once for all readings of a pickle. */
  loadPersistent(id: unknown): unknown {
    if (this.loadedNext < this.loaded.length) return this.loaded[this.loadedNext++];
    const found = this.options.persistentLoad?.(id);
    const value = found === undefined ? new PyPersistentId(id) : found;
    this.loaded.push(value);
    this.loadedNext++;
    return value;
  }
}
