// Which Python dicts become plain objects and which become Maps.
//
// A dict with text keys becomes a plain object, any other a Map, which is known only when the first other key comes; by
// then the object may have been referred to. So the decoder notes where in the input such a dict was created and reads
// the input once more, making it a Map from the start. Most are recognised by the opcode that makes their first key.

import { Op } from "../wire/opcodes.ts";
import { Cost } from "./cost.ts";
import type { PickleInput } from "./pickle-input.ts";
import type { PickleMachine } from "./pickle-machine.ts";

const { MEMOIZE, BINPUT, LONG_BINPUT, MARK } = Op;

/** By opcode: whether it makes a key that is surely no text. Others may, but seldom do. */
const makesNoText = noTextByCode();

function noTextByCode(): Uint8Array {
  const byCode = new Uint8Array(256);
  const numbers = [Op.BININT1, Op.BININT2, Op.BININT, Op.LONG1, Op.BINFLOAT];
  const others = [Op.NONE, Op.NEWTRUE, Op.NEWFALSE, Op.SHORT_BINBYTES, Op.EMPTY_TUPLE];
  for (const code of [...numbers, ...others]) byCode[code] = 1;
  return byCode;
}

/** The dicts of one pickle at a time, and what earlier readings of it found out about them. */
export class DictKinds {
  /** How many Maps are guessed: their first key has not come yet. */
  guessCount = 0;
  /** Whether this reading came upon a dict that should have been of the other kind. */
  isMisread = false;
  private readonly input: PickleInput;
  private readonly machine: PickleMachine;
  /** Where the dicts were created that must be Maps. */
  private readonly mapOrigins = new Set<number>();
  /** Where the dicts were created that look like Maps and are none. */
  private readonly objectOrigins = new Set<number>();
  /** The guessed Maps, and where they were created. */
  private readonly guessedMaps = new Map<object, number>();
  /** Where each dict was created; kept only if the slots' origins did not tell. */
  private dictOrigins: Map<object, number> | undefined;

  constructor(input: PickleInput, machine: PickleMachine) {
    this.input = input;
    this.machine = machine;
  }

  /** Begins another reading, which knows what those before found out. */
  readAgain(): void {
    this.isMisread = false;
    this.forgetGuesses();
  }

  private forgetGuesses(): void {
    if (this.guessCount > 0) this.guessedMaps.clear();
    this.guessCount = 0;
  }

  /** Ends a reading: what still counts as a Map by a guess has no key that proves it. */
  endReading(): void {
    if (this.guessCount === 0) return;
    for (const origin of this.guessedMaps.values()) this.objectOrigins.add(origin);
    this.forgetGuesses();
    this.machine.hasNotes = this.isMisread = true;
  }

  /** Forgets the pickle. */
  release(): void {
    this.readAgain();
    if (this.mapOrigins.size > 0) this.mapOrigins.clear();
    if (this.objectOrigins.size > 0) this.objectOrigins.clear();
    this.dictOrigins = undefined;
  }

  /** Pushes a new dict: a plain object, or a Map if it is known to have keys that are no texts. */
  push(): void {
    const { input, machine } = this;
    const origin = input.position;
    const isNoText = this.nextKeyIsNoText();
    let dict: object;
    if (isNoText || machine.hasNotes) dict = this.unsureDict(origin, isNoText);
    else {
      input.spend(Cost.object);
      dict = {};
    }
    machine.pushNested(dict, 1);
    machine.origins[machine.size - 1] = origin;
  }

  // The first key is no text, or earlier readings know more.
  private unsureDict(origin: number, isNoText: boolean): object {
    const { input } = this;
    if (this.mapOrigins.size > 0 && this.mapOrigins.has(origin)) {
      input.spend(Cost.collection);
      return new Map();
    }
    if (isNoText && !(this.objectOrigins.size > 0 && this.objectOrigins.has(origin))) {
      input.spend(Cost.collection * 2);
      const map = new Map();
      this.guessedMaps.set(map, origin);
      this.guessCount++;
      return map;
    }
    input.spend(Cost.object);
    const dict = {};
    this.dictOrigins?.set(dict, origin);
    return dict;
  }

  // Looks past the memo opcode and the mark at the opcode that makes the first key, unless the dict is empty: then it
  // is something else that is made there.
  private nextKeyIsNoText(): boolean {
    const { bytes, position } = this.input;
    let at = position;
    if (bytes[at] === MEMOIZE) at++;
    else if (bytes[at] === BINPUT) at += 2;
    else if (bytes[at] === LONG_BINPUT) at += 5;
    if (bytes[at] === MARK) at++;
    return at < bytes.length && makesNoText[bytes[at] as number] === 1;
  }

  /** Puts another in the place of a plain dict that is untaken. */
  replace(slot: number, dict: object): void {
    this.dictOrigins?.set(dict, this.machine.originOf(slot));
    this.machine.replaceUntaken(slot, dict);
  }

  /** Notes that the plain dict in a slot has a key that is no text. */
  noteMixedKeys(dict: object, slot: number): void {
    this.machine.hasNotes = this.isMisread = true;
    const origin = this.dictOrigins?.get(dict) ?? this.machine.originOf(slot);
    if (origin >= 0) this.mapOrigins.add(origin);
    else this.dictOrigins ??= new Map();
  }

  /** Notes that a Map has a key that is no text. */
  confirmMap(map: object): void {
    if (this.guessCount > 0 && this.guessedMaps.delete(map)) this.guessCount--;
  }
}
