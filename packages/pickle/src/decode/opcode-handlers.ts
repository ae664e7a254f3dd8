// What each opcode does, but for the most frequent ones, which the decoder's loop handles itself.

import { knownGlobal } from "../types/known-types.ts";
import { compareArguments } from "../values/fresh-arguments.ts";
import { PyGlobal, PyObject } from "../values/py-object.ts";
import { opcodes } from "../wire/opcodes.ts";
import { readTwosComplement } from "../wire/twos-complement.ts";
import { latin1 } from "../wire/utf8.ts";
import { build, instantiate, pushConstructed, reduce } from "./construct.ts";
import { Cost } from "./decode-budget.ts";
import type { Decoder } from "./decoder.ts";
import { addItems, fillSet, makeList, makeTuple, setItems } from "./fill-containers.ts";
import { currentGlobalName } from "./global-names.ts";
import { parseFloatLine, parseIntegerLine, parseRawUnicode, parseStringLine } from "./opcode-arguments.ts";
import { settle } from "./pending-objects.ts";

type Handler = (decoder: Decoder) => void;

const NAME_MAX_LENGTH = 1_000;

function globalOf(decoder: Decoder, module: unknown, name: unknown): unknown {
  if (typeof module !== "string" || typeof name !== "string")
    throw decoder.fail("a module or name is no text");
  // They are looked up, which takes time by their length, each time that they are referred to.
  if (module.length + name.length > NAME_MAX_LENGTH)
    throw decoder.fail(`a module and name are longer than ${NAME_MAX_LENGTH} characters`);
  decoder.spend(Cost.object);
  const current = decoder.protocol >= 3 ? ([module, name] as const) : currentGlobalName(module, name);
  return knownGlobal(`${current[0]}.${current[1]}`) ?? new PyGlobal(...current);
}

function pushLong(decoder: Decoder, length: number, alwaysBig: boolean): void {
  if (length > decoder.integerMaxBytes) {
    throw decoder.fail(`an integer of ${length} bytes is over integerMaxBytes = ${decoder.integerMaxBytes}`);
  }
  decoder.need(length);
  decoder.spend(Cost.text + length * 2);
  const from = decoder.position;
  decoder.position = from + length;
  decoder.push(readTwosComplement(decoder.bytes, from, decoder.position, alwaysBig));
}

function pushBytes(decoder: Decoder, length: number): void {
  decoder.push(decoder.readBytes(length));
}

// Texts of Python 2, which were bytes: what is ASCII arrives as text, anything else as bytes.
function pushByteString(decoder: Decoder, bytes: Uint8Array): void {
  decoder.spend(Cost.bytes);
  const isText = bytes.every((byte) => byte < 0x80);
  decoder.push(isText ? latin1(bytes) : bytes.slice());
}

function memoNumber(decoder: Decoder): number {
  const line = decoder.readLine();
  if (!/^\d{1,10}$/.test(line)) throw decoder.fail("a memo number is no number");
  return Number(line);
}

// INST and OBJ: without arguments Python instantiates the class without a call of its initialiser.
function callOrInstantiate(decoder: Decoder, slot: number, callable: unknown): void {
  makeTuple(decoder, slot);
  const args = decoder.stack[slot] as readonly unknown[];
  pushConstructed(decoder, slot, { construction: args.length === 0 ? "new" : "call", callable, args });
}

// An object that is dropped in favour of one in the memo was met within its own arguments.
function dropped(decoder: Decoder, value: unknown): void {
  if (!(value instanceof PyObject)) return;
  const name = opcodes.find(({ code }) => code === decoder.bytes[decoder.position])?.name;
  if (name !== "GET" && name !== "BINGET" && name !== "LONG_BINGET") return;
  decoder.position++;
  if (name === "BINGET") decoder.getMemo(decoder.readUint1());
  else handlers[name]?.(decoder);
  const kept = decoder.stack[decoder.size - 1];
  if (kept instanceof PyObject)
    compareArguments(value, kept, (count) => decoder.spend(count * Cost.setElement));
}

const handlers: Record<string, Handler> = {
  EMPTY_TUPLE: (d) => d.push(emptyTuple),
  POP: (d) => {
    // A mark on top is what is popped then.
    if (d.size === d.fence && d.marks.length > 0) d.popMark();
    else dropped(d, d.pop());
  },
  POP_MARK: (d) => void d.dropFrom(d.popMark()),
  DUP: (d) => {
    d.needStack(1);
    d.duplicate(d.size - 1);
  },
  BINBYTES: (d) => pushBytes(d, d.readUint4()),
  SHORT_BINBYTES: (d) => pushBytes(d, d.readUint1()),
  BINBYTES8: (d) => pushBytes(d, d.readUint8()),
  BYTEARRAY8: (d) => d.push(d.readBytes(d.readUint8()).buffer),
  FLOAT: (d) => d.pushFloat(parseFloatLine(d, d.readLine())),
  INT: (d) => d.push(parseIntegerLine(d, d.readLine(), true)),
  LONG: (d) => d.push(parseIntegerLine(d, d.readLine(), false)),
  BININT: (d) => d.push(d.readInt4()),
  BININT2: (d) => d.push(d.readUint2()),
  LONG1: (d) => pushLong(d, d.readUint1(), false),
  LONG4: (d) => {
    const length = d.readInt4();
    if (length < 0) throw d.fail("an integer has a negative length");
    pushLong(d, length, true);
  },
  NONE: (d) => d.push(null),
  NEWTRUE: (d) => d.push(true),
  NEWFALSE: (d) => d.push(false),
  PERSID: (d) => d.push(d.loadPersistent(d.readLine())),
  BINPERSID: (d) => {
    d.needStack(1);
    if (d.unsettled) settle(d, d.size - 1);
    const id = d.stack[d.size - 1];
    d.pushNested(d.loadPersistent(id), d.dropFrom(d.size - 1) + 1);
  },
  REDUCE: reduce,
  STRING: (d) => pushByteString(d, parseStringLine(d)),
  BINSTRING: (d) => {
    const length = d.readInt4();
    if (length < 0) throw d.fail("a text has a negative length");
    pushByteString(d, d.readView(length));
  },
  SHORT_BINSTRING: (d) => pushByteString(d, d.readView(d.readUint1())),
  UNICODE: (d) => d.push(parseRawUnicode(d)),
  BINUNICODE: (d) => d.push(d.readText(d.readUint4())),
  BINUNICODE8: (d) => d.push(d.readText(d.readUint8())),
  BUILD: build,
  GLOBAL: (d) => {
    const module = d.readNameLine();
    d.push(globalOf(d, module, d.readNameLine()));
  },
  STACK_GLOBAL: (d) => {
    const name = d.pop();
    d.push(globalOf(d, d.pop(), name));
  },
  DICT: (d) => {
    const slot = d.popMark();
    const pairs = d.stack.slice(slot, d.size);
    // The dict takes the place of the first of the pairs, which move up by one slot.
    const inner = d.dropFrom(slot);
    d.beginDict();
    if (pairs.length > 0) d.deepen(slot, inner);
    for (const item of pairs) d.push(item);
    setItems(d, slot + 1);
  },
  LIST: (d) => makeList(d, d.popMark()),
  TUPLE: (d) => makeTuple(d, d.popMark()),
  GET: (d) => d.getMemo(memoNumber(d)),
  PUT: (d) => d.putMemo(memoNumber(d)),
  BINPUT: (d) => d.putMemo(d.readUint1()),
  LONG_BINPUT: (d) => d.putMemo(d.readUint4()),
  LONG_BINGET: (d) => d.getMemo(d.readUint4()),
  INST: (d) => {
    const module = d.readNameLine();
    const callable = globalOf(d, module, d.readNameLine());
    callOrInstantiate(d, d.popMark(), callable);
  },
  OBJ: (d) => {
    const slot = d.popMark();
    if (d.size === slot) throw d.fail("there is no class to instantiate");
    const callable = d.stack[slot];
    const args = d.stack.slice(slot + 1, d.size);
    const inner = d.dropFrom(slot);
    for (const item of args) d.push(item);
    callOrInstantiate(d, slot, callable);
    d.deepen(slot, inner);
  },
  NEWOBJ: (d) => instantiate(d, "new"),
  NEWOBJ_EX: (d) => instantiate(d, "new_keywords"),
  PROTO: (d) => {
    const protocol = d.readUint1();
    if (protocol > 5) throw d.fail(`protocol ${protocol} is not known`);
    d.protocol = protocol;
  },
  EXT1: (d) => refuseExtension(d, d.readUint1()),
  EXT2: (d) => refuseExtension(d, d.readUint2()),
  EXT4: (d) => refuseExtension(d, d.readInt4()),
  EMPTY_SET: (d) => {
    d.spend(Cost.collection);
    d.pushNested(new Set(), 1);
  },
  ADDITEMS: (d) => addItems(d, d.popMark()),
  FROZENSET: (d) => {
    const slot = d.popMark();
    d.spend(Cost.collection);
    const set = new Set();
    fillSet(d, set, slot);
    d.pushNested(Object.freeze(set), d.dropFrom(slot) + 1);
  },
  NEXT_BUFFER: (d) => {
    throw d.fail("it refers to an out-of-band buffer, which is not part of the pickle");
  },
  READONLY_BUFFER: (d) => {
    throw d.fail("it refers to an out-of-band buffer, which is not part of the pickle");
  },
};

const emptyTuple: readonly unknown[] = Object.freeze([]);

function refuseExtension(decoder: Decoder, code: number): never {
  throw decoder.fail(`it uses extension code ${code}, which only the writing program could explain`);
}

/** By opcode byte: what it does, or `undefined` if it is no opcode or the decoder's loop handles it. */
export const opcodeHandlers: readonly (Handler | undefined)[] = handlersByCode();

function handlersByCode(): (Handler | undefined)[] {
  const byCode: (Handler | undefined)[] = new Array(256).fill(undefined);
  for (const { code, name } of opcodes) byCode[code] = handlers[name];
  return byCode;
}
