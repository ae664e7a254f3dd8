// What each opcode does, except for the most frequent ones, which the decoder's loop handles itself.

import { knownGlobal } from "../types/known-types.ts";
import { compareArguments } from "../values/fresh-arguments.ts";
import { PyFloat } from "../values/py-float.ts";
import { PyGlobal, PyObject } from "../values/py-object.ts";
import { Op, type OpcodeName } from "../wire/opcodes.ts";
import { readTwosComplement } from "../wire/twos-complement.ts";
import { latin1 } from "../wire/utf8.ts";
import { build, instantiate, pushConstructed, reduce } from "./construct.ts";
import { Cost } from "./cost.ts";
import type { Decoder } from "./decoder.ts";
import { addItems, fillSet, makeList, makeTuple, setItems } from "./fill-containers.ts";
import { currentGlobalName } from "./global-names.ts";
import type { PickleInput } from "./pickle-input.ts";
import type { PickleMachine } from "./pickle-machine.ts";
import { parseFloatLine, parseIntegerLine, parseRawUnicode, parseStringLine } from "./text-arguments.ts";

type Handler = (decoder: Decoder) => void;

/** The opcodes that the decoder's loop handles itself; a test holds its cases against these. */
export const loopOpcodes = [
  ...["SHORT_BINUNICODE", "MEMOIZE", "BINGET", "LONG_BINGET", "BININT1", "BININT2", "BININT", "BINFLOAT"],
  ...["NONE", "NEWTRUE", "NEWFALSE", "EMPTY_DICT", "EMPTY_LIST", "MARK", "SETITEMS", "APPENDS", "SETITEM"],
  ...["APPEND", "TUPLE1", "TUPLE2", "TUPLE3", "FRAME", "STOP"],
] as const;

type LoopOpcode = (typeof loopOpcodes)[number];

const NAME_MAX_LENGTH = 1_000;

function globalOf(decoder: Decoder, module: unknown, name: unknown): unknown {
  const { input, protocol } = decoder;
  if (typeof module !== "string" || typeof name !== "string") throw input.fail("a module or name is no text");
  // They are looked up, which takes time by their length, each time that they are referred to.
  if (module.length + name.length > NAME_MAX_LENGTH)
    throw input.fail(`a module and name are longer than ${NAME_MAX_LENGTH} characters`);
  input.spend(Cost.object);
  const current = protocol >= 3 ? ([module, name] as const) : currentGlobalName(module, name);
  return knownGlobal(`${current[0]}.${current[1]}`) ?? new PyGlobal(...current);
}

/** The two lines that name a class or function, and what stands for it. */
function globalOfLines(decoder: Decoder): unknown {
  const module = decoder.input.readNameLine();
  return globalOf(decoder, module, decoder.input.readNameLine());
}

// An integral float stands as a PyFloat until it is taken.
function pushFloat(machine: PickleMachine, value: number): void {
  // -0 would need none, but as the key of a Map it becomes 0.
  if (Number.isSafeInteger(value)) {
    machine.unsettled = true;
    machine.push(new PyFloat(value));
  } else machine.push(value);
}

function pushLong({ input, machine }: Decoder, length: number, alwaysBig: boolean): void {
  if (length > input.integerMaxBytes) {
    throw input.fail(`an integer of ${length} bytes is over integerMaxBytes = ${input.integerMaxBytes}`);
  }
  input.need(length);
  input.spend(Cost.text + length * 2);
  const from = input.position;
  input.position = from + length;
  machine.push(readTwosComplement(input.bytes, from, input.position, alwaysBig));
}

// Texts of Python 2, which were bytes: what is ASCII arrives as text, anything else as bytes.
function pushByteString({ input, machine }: Decoder, bytes: Uint8Array): void {
  input.spend(Cost.bytes);
  const isText = bytes.every((byte) => byte < 0x80);
  machine.push(isText ? latin1(bytes) : bytes.slice());
}

/** A length of four bytes, which has a sign. */
function readLength(input: PickleInput, what: string): number {
  const length = input.readInt4();
  if (length < 0) throw input.fail(`${what} has a negative length`);
  return length;
}

function memoNumber(input: PickleInput): number {
  const line = input.readLine();
  if (!/^\d{1,10}$/.test(line)) throw input.fail("a memo number is no number");
  return Number(line);
}

// INST and OBJ: without arguments Python instantiates the class without a call of its initialiser.
function callOrInstantiate(decoder: Decoder, slot: number, callable: unknown): void {
  makeTuple(decoder, slot);
  const args = decoder.machine.stack[slot] as readonly unknown[];
  pushConstructed(decoder, slot, { construction: args.length === 0 ? "new" : "call", callable, args });
}

// An object that is dropped in favour of one in the memo was met within its own arguments.
function dropped({ input, machine }: Decoder, value: unknown): void {
  if (!(value instanceof PyObject)) return;
  const code = input.bytes[input.position];
  if (code !== Op.GET && code !== Op.BINGET && code !== Op.LONG_BINGET) return;
  input.position++;
  if (code === Op.BINGET) machine.getMemo(input.readUint1());
  else machine.getMemo(code === Op.GET ? memoNumber(input) : input.readUint4());
  const kept = machine.stack[machine.size - 1];
  if (kept instanceof PyObject)
    compareArguments(value, kept, (count) => input.spend(count * Cost.setElement));
}

function refuseExtension(input: PickleInput, code: number): never {
  throw input.fail(`it uses extension code ${code}, which only the writing program could explain`);
}

function refuseBuffer({ input }: Decoder): never {
  throw input.fail("it refers to an out-of-band buffer, which is not part of the pickle");
}

const emptyTuple: readonly unknown[] = Object.freeze([]);

const handlers: Readonly<Record<Exclude<OpcodeName, LoopOpcode>, Handler>> = {
  EMPTY_TUPLE: ({ machine }) => machine.push(emptyTuple),
  POP: (decoder) => {
    const { machine } = decoder;
    // A mark on top is what is popped then.
    if (machine.size === machine.fence && machine.marks.length > 0) machine.popMark();
    else dropped(decoder, machine.pop());
  },
  POP_MARK: ({ machine }) => void machine.dropFrom(machine.popMark()),
  DUP: ({ machine }) => {
    machine.needStack(1);
    machine.duplicate(machine.size - 1);
  },
  BINBYTES: ({ input, machine }) => machine.push(input.readBytes(input.readUint4())),
  SHORT_BINBYTES: ({ input, machine }) => machine.push(input.readBytes(input.readUint1())),
  BINBYTES8: ({ input, machine }) => machine.push(input.readBytes(input.readUint8())),
  BYTEARRAY8: ({ input, machine }) => machine.push(input.readBytes(input.readUint8()).buffer),
  FLOAT: ({ input, machine }) => pushFloat(machine, parseFloatLine(input, input.readLine())),
  INT: ({ input, machine }) => machine.push(parseIntegerLine(input, input.readLine(), true)),
  LONG: ({ input, machine }) => machine.push(parseIntegerLine(input, input.readLine(), false)),
  LONG1: (decoder) => pushLong(decoder, decoder.input.readUint1(), false),
  LONG4: (decoder) => pushLong(decoder, readLength(decoder.input, "an integer"), true),
  PERSID: (decoder) => decoder.machine.push(decoder.loadPersistent(decoder.input.readLine())),
  BINPERSID: (decoder) => {
    const { machine, pending } = decoder;
    machine.needStack(1);
    const slot = machine.size - 1;
    if (machine.unsettled) pending.settle(slot);
    const id = machine.stack[slot];
    machine.pushNested(decoder.loadPersistent(id), machine.dropFrom(slot) + 1);
  },
  REDUCE: reduce,
  STRING: (decoder) => pushByteString(decoder, parseStringLine(decoder.input)),
  BINSTRING: (decoder) => {
    const { input } = decoder;
    pushByteString(decoder, input.readView(readLength(input, "a text")));
  },
  SHORT_BINSTRING: (decoder) => pushByteString(decoder, decoder.input.readView(decoder.input.readUint1())),
  UNICODE: ({ input, machine }) => machine.push(parseRawUnicode(input)),
  BINUNICODE: ({ input, machine }) => machine.push(input.readText(input.readUint4())),
  BINUNICODE8: ({ input, machine }) => machine.push(input.readText(input.readUint8())),
  BUILD: build,
  GLOBAL: (decoder) => decoder.machine.push(globalOfLines(decoder)),
  STACK_GLOBAL: (decoder) => {
    const { machine } = decoder;
    const name = machine.pop();
    machine.push(globalOf(decoder, machine.pop(), name));
  },
  DICT: (decoder) => {
    const { machine, dicts } = decoder;
    const slot = machine.popMark();
    const pairs = machine.stack.slice(slot, machine.size);
    // The dict takes the place of the first of the pairs, which move up by one slot.
    const inner = machine.dropFrom(slot);
    dicts.push();
    if (pairs.length > 0) machine.deepen(slot, inner);
    for (const item of pairs) machine.push(item);
    setItems(decoder, slot + 1);
  },
  LIST: (decoder) => makeList(decoder, decoder.machine.popMark()),
  TUPLE: (decoder) => makeTuple(decoder, decoder.machine.popMark()),
  GET: ({ input, machine }) => machine.getMemo(memoNumber(input)),
  PUT: ({ input, machine }) => machine.putMemo(memoNumber(input)),
  BINPUT: ({ input, machine }) => machine.putMemo(input.readUint1()),
  LONG_BINPUT: ({ input, machine }) => machine.putMemo(input.readUint4()),
  INST: (decoder) => {
    const callable = globalOfLines(decoder);
    callOrInstantiate(decoder, decoder.machine.popMark(), callable);
  },
  OBJ: (decoder) => {
    const { input, machine } = decoder;
    const slot = machine.popMark();
    if (machine.size === slot) throw input.fail("there is no class to instantiate");
    const [callable, ...args] = machine.stack.slice(slot, machine.size);
    const inner = machine.dropFrom(slot);
    for (const item of args) machine.push(item);
    callOrInstantiate(decoder, slot, callable);
    machine.deepen(slot, inner);
  },
  NEWOBJ: (decoder) => instantiate(decoder, "new"),
  NEWOBJ_EX: (decoder) => instantiate(decoder, "new_keywords"),
  PROTO: (decoder) => {
    const protocol = decoder.input.readUint1();
    if (protocol > 5) throw decoder.input.fail(`protocol ${protocol} is not known`);
    decoder.protocol = protocol;
  },
  EXT1: ({ input }) => refuseExtension(input, input.readUint1()),
  EXT2: ({ input }) => refuseExtension(input, input.readUint2()),
  EXT4: ({ input }) => refuseExtension(input, input.readInt4()),
  EMPTY_SET: ({ input, machine }) => {
    input.spend(Cost.collection);
    machine.pushNested(new Set(), 1);
  },
  ADDITEMS: (decoder) => addItems(decoder, decoder.machine.popMark()),
  FROZENSET: (decoder) => {
    const { input, machine } = decoder;
    const slot = machine.popMark();
    input.spend(Cost.collection);
    const set = new Set();
    fillSet(decoder, set, slot);
    machine.pushNested(Object.freeze(set), machine.dropFrom(slot) + 1);
  },
  NEXT_BUFFER: refuseBuffer,
  READONLY_BUFFER: refuseBuffer,
};

/** By opcode byte: what it does, or `undefined` if it is no opcode or the decoder's loop handles it. */
export const opcodeHandlers: readonly (Handler | undefined)[] = handlersByCode();

function handlersByCode(): (Handler | undefined)[] {
  const byCode: (Handler | undefined)[] = new Array(256).fill(undefined);
  for (const name of Object.keys(handlers) as (keyof typeof handlers)[]) byCode[Op[name]] = handlers[name];
  return byCode;
}
