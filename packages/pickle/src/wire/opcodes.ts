// tidy: long-file because it is a table

/** How an opcode's argument is laid out after the opcode byte. */
export type OpcodeArgument =
  | "none"
  | "uint1"
  | "uint2"
  | "int4"
  | "uint4"
  | "uint8"
  | "float8"
  /** Text up to a line feed, once or twice. */
  | "line"
  | "twoLines"
  /** A length in 1, 4 or 8 bytes, then UTF-8. */
  | "text1"
  | "text4"
  | "text8"
  /** A length in 1, 4 or 8 bytes, then bytes. */
  | "bytes1"
  | "bytes4"
  | "bytes8"
  /** A length in 1 or 4 bytes, then an integer in two's complement, least byte first. */
  | "long1"
  | "long4";

/** What the pickle format says about one opcode. */
export interface Opcode {
  /** The name that Python's documentation uses. */
  readonly name: string;
  /** The byte. */
  readonly code: number;
  /** What follows the byte. */
  readonly argument: OpcodeArgument;
  /** What it takes from the stack and what it leaves: `before -- after`. */
  readonly stack: string;
  /** The protocol that introduced it. */
  readonly protocol: number;
}

function opcode<Name extends string>(
  name: Name,
  code: number,
  argument: OpcodeArgument,
  stack: string,
  protocol: number,
): Opcode & { readonly name: Name } {
  return { name, code, argument, stack, protocol };
}

const table = [
  opcode("MARK", 0x28, "none", "-- mark", 0),
  opcode("EMPTY_TUPLE", 0x29, "none", "-- tuple", 1),
  opcode("STOP", 0x2e, "none", "any --", 0),
  opcode("POP", 0x30, "none", "any --", 0),
  opcode("POP_MARK", 0x31, "none", "mark any* --", 1),
  opcode("DUP", 0x32, "none", "any -- any any", 0),
  opcode("BINBYTES", 0x42, "bytes4", "-- bytes", 3),
  opcode("SHORT_BINBYTES", 0x43, "bytes1", "-- bytes", 3),
  opcode("FLOAT", 0x46, "line", "-- float", 0),
  opcode("BINFLOAT", 0x47, "float8", "-- float", 1),
  opcode("INT", 0x49, "line", "-- int-or-bool", 0),
  opcode("BININT", 0x4a, "int4", "-- int", 1),
  opcode("BININT1", 0x4b, "uint1", "-- int", 1),
  opcode("LONG", 0x4c, "line", "-- int", 0),
  opcode("BININT2", 0x4d, "uint2", "-- int", 1),
  opcode("NONE", 0x4e, "none", "-- none", 0),
  opcode("PERSID", 0x50, "line", "-- any", 0),
  opcode("BINPERSID", 0x51, "none", "any -- any", 1),
  opcode("REDUCE", 0x52, "none", "callable tuple -- any", 0),
  opcode("STRING", 0x53, "line", "-- str-or-bytes", 0),
  opcode("BINSTRING", 0x54, "bytes4", "-- str-or-bytes", 1),
  opcode("SHORT_BINSTRING", 0x55, "bytes1", "-- str-or-bytes", 1),
  opcode("UNICODE", 0x56, "line", "-- str", 0),
  opcode("BINUNICODE", 0x58, "text4", "-- str", 1),
  opcode("EMPTY_LIST", 0x5d, "none", "-- list", 1),
  opcode("APPEND", 0x61, "none", "list any -- list", 0),
  opcode("BUILD", 0x62, "none", "any any -- any", 0),
  opcode("GLOBAL", 0x63, "twoLines", "-- any", 0),
  opcode("DICT", 0x64, "none", "mark any* -- dict", 0),
  opcode("APPENDS", 0x65, "none", "list mark any* -- list", 1),
  opcode("GET", 0x67, "line", "-- any", 0),
  opcode("BINGET", 0x68, "uint1", "-- any", 1),
  opcode("INST", 0x69, "twoLines", "mark any* -- any", 0),
  opcode("LONG_BINGET", 0x6a, "uint4", "-- any", 1),
  opcode("LIST", 0x6c, "none", "mark any* -- list", 0),
  opcode("OBJ", 0x6f, "none", "mark class any* -- any", 1),
  opcode("PUT", 0x70, "line", "any -- any", 0),
  opcode("BINPUT", 0x71, "uint1", "any -- any", 1),
  opcode("LONG_BINPUT", 0x72, "uint4", "any -- any", 1),
  opcode("SETITEM", 0x73, "none", "dict any any -- dict", 0),
  opcode("TUPLE", 0x74, "none", "mark any* -- tuple", 0),
  opcode("SETITEMS", 0x75, "none", "dict mark any* -- dict", 1),
  opcode("EMPTY_DICT", 0x7d, "none", "-- dict", 1),
  opcode("PROTO", 0x80, "uint1", "--", 2),
  opcode("NEWOBJ", 0x81, "none", "class tuple -- any", 2),
  opcode("EXT1", 0x82, "uint1", "-- any", 2),
  opcode("EXT2", 0x83, "uint2", "-- any", 2),
  opcode("EXT4", 0x84, "int4", "-- any", 2),
  opcode("TUPLE1", 0x85, "none", "any -- tuple", 2),
  opcode("TUPLE2", 0x86, "none", "any any -- tuple", 2),
  opcode("TUPLE3", 0x87, "none", "any any any -- tuple", 2),
  opcode("NEWTRUE", 0x88, "none", "-- bool", 2),
  opcode("NEWFALSE", 0x89, "none", "-- bool", 2),
  opcode("LONG1", 0x8a, "long1", "-- int", 2),
  opcode("LONG4", 0x8b, "long4", "-- int", 2),
  opcode("SHORT_BINUNICODE", 0x8c, "text1", "-- str", 4),
  opcode("BINUNICODE8", 0x8d, "text8", "-- str", 4),
  opcode("BINBYTES8", 0x8e, "bytes8", "-- bytes", 4),
  opcode("EMPTY_SET", 0x8f, "none", "-- set", 4),
  opcode("ADDITEMS", 0x90, "none", "set mark any* -- set", 4),
  opcode("FROZENSET", 0x91, "none", "mark any* -- frozenset", 4),
  opcode("NEWOBJ_EX", 0x92, "none", "class tuple dict -- any", 4),
  opcode("STACK_GLOBAL", 0x93, "none", "str str -- any", 4),
  opcode("MEMOIZE", 0x94, "none", "any -- any", 4),
  opcode("FRAME", 0x95, "uint8", "--", 4),
  opcode("BYTEARRAY8", 0x96, "bytes8", "-- bytearray", 5),
  opcode("NEXT_BUFFER", 0x97, "none", "-- buffer", 5),
  opcode("READONLY_BUFFER", 0x98, "none", "buffer -- buffer", 5),
];

/** All opcodes of protocols 0 to 5. */
export const opcodes: readonly Opcode[] = table;

/** The name of an opcode. */
export type OpcodeName = (typeof table)[number]["name"];

/**
 * The byte of each opcode by its name. What runs often takes the bytes that it needs into constants of its own file, which
 * the engine knows to be constant: `const { MARK, TUPLE } = Op`.
 */
export const Op = Object.fromEntries(table.map(({ name, code }) => [name, code])) as Readonly<
  Record<OpcodeName, number>
>;

const { TUPLE, TUPLE1 } = Op;

/** The opcode that ends a tuple. Up to three items need no mark below them. */
export function tupleOpcode(length: number): number {
  return length > 3 ? TUPLE : TUPLE1 - 1 + length;
}
