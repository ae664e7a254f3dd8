// What each opcode does, but for the most frequent ones, which the decoder's loop handles itself.

import { addItems, build, construct, reduce, setItems } from "./construct.ts";
import type { Decoder } from "./decoder.ts";
import { Cost } from "./decoder-state.ts";
import { currentGlobalName } from "./global-names.ts";
import {
  latin1,
  parseFloatLine,
  parseIntegerLine,
  parseRawUnicode,
  parseStringLine,
  readTwosComplement,
} from "./opcode-arguments.ts";
import { opcodes } from "./opcodes.ts";
import { PyGlobal } from "./py-object.ts";

type Handler = (decoder: Decoder) => void;

function globalOf(decoder: Decoder, module: unknown, name: unknown): PyGlobal {
  if (typeof module !== "string" || typeof name !== "string")
    throw decoder.fail("a module or name is no text");
  decoder.spend(Cost.object);
  if (decoder.protocol >= 3) return new PyGlobal(module, name);
  return new PyGlobal(...currentGlobalName(module, name));
}

function pushLong(decoder: Decoder, length: number, alwaysBig: boolean): void {
  if (length > decoder.limits.integerMaxBytes) {
    throw decoder.fail(
      `an integer of ${length} bytes is over integerMaxBytes = ${decoder.limits.integerMaxBytes}`,
    );
  }
  decoder.spend(Cost.text);
  decoder.push(readTwosComplement(decoder.readView(length), alwaysBig));
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

function frozenFrom(decoder: Decoder, slot: number): readonly unknown[] {
  const items = Object.freeze(decoder.stack.slice(slot, decoder.size));
  decoder.countElements(items.length, Cost.element);
  return items;
}

function instantiate(decoder: Decoder, callable: unknown, slot: number, dropTo: number): void {
  const args = frozenFrom(decoder, slot);
  // As Python does: without arguments the class is instantiated without a call of its initialiser.
  const value = construct(decoder, args.length === 0 ? "new" : "call", callable, args);
  decoder.pushNested(value, decoder.dropFrom(dropTo) + 1);
}

const handlers: Record<string, Handler> = {
  EMPTY_TUPLE: (d) => d.push(emptyTuple),
  POP: (d) => {
    // A mark on top is what is popped then.
    if (d.size === d.fence && d.marks.length > 0) d.popMark();
    else d.pop();
  },
  POP_MARK: (d) => void d.dropFrom(d.popMark()),
  DUP: (d) => {
    d.needStack(1);
    const depth = d.depths[d.size - 1] as number;
    d.origins[d.size] = -1;
    d.pushNested(d.stack[d.size - 1], depth);
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
    const id = d.stack[d.size - 1];
    d.pushNested(d.loadPersistent(id), d.dropFrom(d.size - 1) + 1);
  },
  REDUCE: reduce,
  STRING: (d) => pushByteString(d, parseStringLine(d, d.readLine())),
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
    if (((d.size - slot) & 1) !== 0) throw d.fail("a dict key has no value");
    const pairs = d.stack.slice(slot, d.size);
    const plain = pairs.every((key, index) => (index & 1) === 1 || typeof key === "string");
    const inner = d.dropFrom(slot);
    d.spend(Cost.collection);
    d.origins[d.size] = -1;
    d.pushNested(plain ? {} : new Map(), 1);
    d.depths[d.size - 1] = inner + 1;
    for (const item of pairs) d.push(item);
    setItems(d, slot + 1);
  },
  LIST: (d) => {
    const slot = d.popMark();
    const items = d.stack.slice(slot, d.size);
    d.countElements(items.length, Cost.element);
    d.spend(Cost.array);
    d.pushNested(items, d.dropFrom(slot) + 1);
  },
  TUPLE: (d) => d.tupleFrom(d.popMark()),
  GET: (d) => d.getMemo(memoNumber(d)),
  PUT: (d) => d.putMemo(memoNumber(d)),
  BINPUT: (d) => d.putMemo(d.readUint1()),
  LONG_BINPUT: (d) => d.putMemo(d.readUint4()),
  LONG_BINGET: (d) => d.getMemo(d.readUint4()),
  INST: (d) => {
    const module = d.readNameLine();
    const callable = globalOf(d, module, d.readNameLine());
    const slot = d.popMark();
    instantiate(d, callable, slot, slot);
  },
  OBJ: (d) => {
    const slot = d.popMark();
    if (d.size === slot) throw d.fail("there is no class to instantiate");
    instantiate(d, d.stack[slot], slot + 1, slot);
  },
  NEWOBJ: (d) => {
    d.needStack(2);
    const value = construct(d, "new", d.stack[d.size - 2], d.stack[d.size - 1]);
    d.pushNested(value, d.dropFrom(d.size - 2) + 1);
  },
  NEWOBJ_EX: (d) => {
    d.needStack(3);
    const [callable, args, keywords] = d.stack.slice(d.size - 3, d.size);
    const value = construct(d, "new_keywords", callable, args, keywords);
    d.pushNested(value, d.dropFrom(d.size - 3) + 1);
  },
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
    d.countElements(d.size - slot, Cost.property);
    d.spend(Cost.collection);
    const items = Object.freeze(new Set(d.stack.slice(slot, d.size)));
    d.pushNested(items, d.dropFrom(slot) + 1);
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
