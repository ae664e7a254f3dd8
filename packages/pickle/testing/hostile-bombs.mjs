// Pickles that are small and want a lot: of depth, of memory, of time. Each is made from its name.

import { frameBombs } from "./hostile-frames.mjs";
import { integerOfHash } from "./hostile-numbers.mjs";

const text = new TextEncoder();

/** Bytes from texts, byte values and other bytes. */
function bytes(...parts) {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === "string"
        ? Buffer.from(part, "latin1")
        : typeof part === "number"
          ? Buffer.of(part)
          : Buffer.from(part),
    ),
  );
}

function repeat(part, count) {
  const unit = bytes(part);
  return Buffer.alloc(unit.length * count, unit);
}

function uint4(value) {
  const data = Buffer.alloc(4);
  data.writeUInt32LE(value);
  return data;
}

function uint8(value) {
  const data = Buffer.alloc(8);
  data.writeBigUInt64LE(BigInt(value));
  return data;
}

const protocol = bytes(0x80, 4);
const stop = ".";
const levels = 10_000_000;
/** Of what is no more than a flood: its cost may grow with the length of the pickle. */
const many = 1_000_000;
const megabytes10 = 10_000_000;

const unicode = (content) => bytes("X", uint4(text.encode(content).length), text.encode(content));
const binary = (content) => bytes("B", uint4(content.length), content);
const global = (module, name) => bytes("c", `${module}\n${name}\n`);
/** `count` calls of one function with arguments that are in the memo: the amplification by reference. */
function calls(module, name, args, count, opcode = "R") {
  const setUp = bytes(protocol, global(module, name), 0x94, "0", ...args, 0x94, "0");
  const perCall = bytes("h", 0, "h", countMemo(args), opcode);
  return bytes(setUp, "](", repeat(perCall, count), "e", stop);
}

// Memo 0 is the function; the arguments memoise their own parts before the tuple itself.
function countMemo(args) {
  return 1 + args.filter((part) => part === 0x94).length;
}

/** Ten references to the level below, thirty times over. */
function laughs(open, close) {
  let data = bytes(protocol, unicode("ha"), 0x94, "0");
  for (let level = 0; level < 30; level++) {
    data = bytes(data, open, repeat(bytes("h", level), 10), close, 0x94, "0");
  }
  return bytes(data, "h", 30, stop);
}

const get = (number) => bytes("j", uint4(number));
/** A dict of many names, as memo number 1. */
const largeState = (size) =>
  bytes(
    "}(",
    ...Array.from({ length: size }, (_, at) => bytes(unicode(`k${at}`), "N")),
    unicode("int"),
    "K\x01u",
    0x94,
    "0",
  );
const integersOfOneHash = (count) =>
  Array.from({ length: count }, (_, at) => integerOfHash((at << 16) | 0x1234));

const digits = repeat("9", megabytes10);
const ascii = repeat("a", megabytes10);
const dangerousNames =
  "__proto__ constructor prototype toString valueOf then length hasOwnProperty toJSON __defineGetter__".split(
    " ",
  );
const dangerous = () =>
  bytes(...dangerousNames.flatMap((name) => [unicode(name), "}", unicode("polluted"), 0x88, "s"]));

/** Bombs by name. */
export const bombs = {
  ...frameBombs,
  "lists in lists": () => bytes(protocol, repeat("]", levels), repeat("a", levels - 1), stop),
  "lists in lists by marks": () => bytes(protocol, repeat("(", levels), repeat("l", levels), stop),
  "tuples in tuples": () => bytes(protocol, "N", repeat("\x85", levels), stop),
  "dicts in dicts": () => bytes(protocol, "}", repeat("K\0}", levels), repeat("s", levels), stop),
  "frozensets in frozensets": () => bytes(protocol, repeat("(", levels), repeat("\x91", levels), stop),
  "calls in calls": () =>
    bytes(protocol, repeat(bytes(global("m", "f"), "("), levels / 5), repeat("tR", levels / 5), stop),
  "states in states": () =>
    bytes(
      protocol,
      global("m", "C"),
      0x94,
      "0",
      repeat("h\0)\x81", levels / 5),
      repeat("b", levels / 5 - 1),
      stop,
    ),
  marks: () => bytes(protocol, repeat("(", levels)),
  "nothing but values": () => bytes(protocol, "(", repeat("N", many)),
  "nothing but duplicates": () => bytes(protocol, "(N", repeat("2", many)),
  "nothing but lists": () => bytes(protocol, "(", repeat("]", many)),
  "nothing but dicts": () => bytes(protocol, "(", repeat("}", many)),
  "nothing but sets": () => bytes(protocol, "(", repeat("\x8f", many)),
  "nothing but byte strings": () => bytes(protocol, "(", repeat("C\0", many / 2)),
  "nothing but frames": () => bytes(protocol, repeat(bytes(0x95, uint8(1)), 1_000_000), "N", stop),
  "a memo entry again and again": () => bytes(protocol, "N", repeat("\x94", many), stop),
  "a memo of distant numbers": () =>
    bytes(
      protocol,
      "N",
      Buffer.concat(Array.from({ length: many / 2 }, (_, at) => bytes("r", uint4(at * 8)))),
      stop,
    ),
  "the highest memo number": () => bytes(protocol, "Nr", uint4(0xffff_ffff), stop),
  "a memo number in text": () => bytes("Np", digits, "\n", stop),
  "a text of 2**62 bytes": () => bytes(protocol, 0x8d, uint8(2n ** 62n), "ab", stop),
  "a text of 4 GiB": () => bytes(protocol, "X", uint4(0xffff_ffff), "ab", stop),
  "bytes of 2**62 bytes": () => bytes(protocol, 0x8e, uint8(2n ** 62n), "ab", stop),
  "bytes of 4 GiB": () => bytes(protocol, "B", uint4(0xffff_ffff), "ab", stop),
  "a bytearray of 2**62 bytes": () => bytes(0x80, 5, 0x96, uint8(2n ** 62n), "ab", stop),
  "an integer of 2 GiB": () => bytes(protocol, 0x8b, uint4(0x7fff_ffff), "ab", stop),
  "an integer of 10 MB": () => bytes(protocol, 0x8b, uint4(ascii.length), ascii, stop),
  "an integer of 10 million digits": () => bytes("I", digits, "\n", stop),
  "a long integer of 10 million digits": () => bytes("L", digits, "L\n", stop),
  "a float of 10 million digits": () => bytes("F", digits, "\n", stop),
  "many integers of 64 KiB": () =>
    bytes(protocol, "](", repeat(bytes(0x8b, uint4(65_536), repeat("\x7f", 65_536)), 150), "e", stop),
  "many integers of many digits": () =>
    bytes("(", repeat(bytes("I", repeat("9", 60_000), "\n"), 150), "l", stop),
  "a frame of 2**63 bytes": () => bytes(protocol, 0x95, uint8(2n ** 63n), "N", stop),
  "a text line of 10 MB": () => bytes("S'", ascii, "'\n", stop),
  "a text line of escapes": () => bytes("S'", repeat("\\x41", 2 * many), "'\n", stop),
  "a unicode line of escapes": () => bytes("V", repeat("\\u0041", 2 * many), "\n", stop),
  "a module name of 10 MB": () => bytes("c", ascii, "\nname\n", stop),
  "a line without an end": () => bytes(repeat(bytes("N"), 1_000), "S", ascii),
  "lists that laugh": () => laughs("](", "e"),
  "tuples that laugh": () => laughs("(", "t"),
  "sets that laugh": () => laughs("(", "\x91"),
  "dicts that laugh": () => {
    let data = bytes(protocol, unicode("ha"), 0x94, "0");
    for (let level = 0; level < 30; level++) {
      const pairs = Array.from({ length: 10 }, (_, key) => bytes("K", key, "h", level));
      data = bytes(data, "}(", ...pairs, "u", 0x94, "0");
    }
    return bytes(data, "h", 30, stop);
  },
  "a key that contains itself": () => bytes(protocol, "}(]", 0x94, "(", repeat("h\0", 10), "eNK\x01Nu", stop),
  "keys that laugh": () => {
    const key = laughs("(", "t").subarray(protocol.length, -1);
    return bytes(protocol, "}(", key, "N(h", 29, "K\x01tNu", stop);
  },
  "a list in itself, ten times": () => bytes(protocol, "]", 0x94, "(", repeat("h\0", 10), "e", stop),
  "references to one text": () =>
    bytes(protocol, binary(ascii), 0x94, "0](", repeat("h\0", many / 2), "e", stop),
  "a float behind many values": () =>
    bytes(protocol, "](", repeat("N", 2_000_000), "G", new Uint8Array(8), "e", stop),
  "many integral floats": () =>
    bytes(protocol, "](", repeat(bytes("G", new Uint8Array(8)), 200_000), "e", stop),
  "keys that are integral floats": () =>
    bytes(
      protocol,
      "}(",
      Buffer.concat(Array.from({ length: 200_000 }, (_, at) => floatPair(at))),
      "u",
      stop,
    ),
  "instances of an unknown class": () => calls("m", "C", [")"], 340_000, "\x81"),
  "instances with a state": () =>
    bytes(protocol, global("m", "C"), 0x94, "0](", repeat("h\0)\x81}b", 250_000), "e", stop),
  errors: () => calls("builtins", "ValueError", [")"], 340_000),
  "errors with long messages": () =>
    calls("builtins", "ValueError", [unicode("m".repeat(1_000_000)), 0x85], 50_000),
  "decoded texts": () =>
    calls("_codecs", "encode", [unicode("a".repeat(1_000_000)), unicode("latin1"), 0x86], 50_000),
  "bytearrays of the same bytes": () =>
    calls("builtins", "bytearray", [binary(ascii.subarray(0, 1_000_000)), 0x85], 50_000),
  "arrays of the same bytes": () =>
    calls(
      "array",
      "_array_reconstructor",
      [
        global("array", "array"),
        unicode("b"),
        "K\x01",
        binary(ascii.subarray(0, 1_000_000)),
        0x94,
        0x85,
        "0",
        "(",
        global("array", "array"),
        unicode("b"),
        "K\x01",
        "h\x01t",
      ],
      50_000,
    ),
  "sets of the same list": () =>
    calls("builtins", "set", ["](", repeat("K\x01N", 50_000), "e", 0x85], 50_000),
  "frozensets of the same list": () =>
    calls("builtins", "frozenset", ["](", repeat("K\x01N", 50_000), "e", 0x85], 50_000),
  "counters of the same dict": () =>
    calls(
      "collections",
      "Counter",
      [
        "}(",
        Buffer.concat(Array.from({ length: 20_000 }, (_, at) => bytes("J", uint4(at), "K\x01"))),
        "u",
        0x85,
      ],
      50_000,
    ),
  "arrays of the same integers": () =>
    calls("array", "array", [unicode("q"), "](", repeat("K\x01", 100_000), "e", 0x86], 50_000),
  "instantiations of the same tuple": () =>
    calls("copyreg", "__newobj__", ["(", global("m", "C"), repeat("N", 100_000), "t"], 50_000),
  "fractions of many digits": () =>
    calls("fractions", "Fraction", [unicode(`${"9".repeat(3_900)}/${"7".repeat(3_900)}`), 0x85], 500_000),
  "decimals of many digits": () =>
    calls("decimal", "Decimal", [unicode("9".repeat(1_000_000)), 0x85], 500_000),
  "regular expressions": () => calls("re", "_compile", [unicode("a|".repeat(4_900)), "K\x20", 0x86], 50_000),
  "short regular expressions": () => calls("re", "_compile", [unicode("(a)"), "K\x20", 0x86], 500_000),
  "nested groups": () =>
    calls("re", "_compile", [unicode("(".repeat(4_900) + ")".repeat(4_900)), "K\x20", 0x86], 20_000),
  "a regular expression of brackets": () =>
    calls("re", "_compile", [unicode("(?P<".repeat(2_400)), "K\x20", 0x86], 20_000),
  URLs: () =>
    calls(
      "urllib.parse",
      "ParseResult",
      [
        bytes(
          "(",
          unicode("http"),
          unicode("a.b"),
          unicode(`/${"é/".repeat(45_000)}`),
          unicode(""),
          unicode(""),
          unicode(""),
          "t",
        ),
      ],
      50_000,
      "\x81",
    ),
  paths: () => calls("pathlib", "PurePosixPath", ["(", repeat(unicode("a"), 100_000), "t"], 50_000),
  dates: () =>
    calls("datetime", "datetime", [binary(Buffer.from("07e80102030405000000", "hex")), 0x85], 340_000),
  "integers to UUIDs": () =>
    bytes(
      protocol,
      global("uuid", "UUID"),
      0x94,
      "0}",
      unicode("int"),
      "K\x01s",
      0x94,
      "0](",
      repeat("h\0)\x81h\x01b", 250_000),
      "e",
      stop,
    ),
  "numpy arrays of the same bytes": () => {
    const dtype = bytes(
      global("numpy", "dtype"),
      unicode("i1"),
      0x89,
      0x88,
      0x87,
      "R(K\x03",
      unicode("|"),
      "NNN",
      "J",
      uint4(0xffffffff),
      "J",
      uint4(0xffffffff),
      "K\0tb",
    );
    const size = 1_000_000;
    const setUp = bytes(
      protocol,
      global("numpy.core.multiarray", "_reconstruct"),
      0x94,
      "0",
      global("numpy", "ndarray"),
      "K\0",
      0x85,
      "C\x01b",
      0x87,
      0x94,
      "0",
    );
    const state = bytes(
      "(K\x01J",
      uint4(size),
      0x85,
      dtype,
      0x89,
      binary(ascii.subarray(0, size)),
      "t",
      0x94,
      "0",
    );
    return bytes(setUp, state, "](", repeat("h\0h\x01Rh\x02b", 50_000), "e", stop);
  },
  "arguments that laugh, compared with others": () => {
    const laughing = (memo) => {
      const rows = [0, 1, 2].map((row) => bytes("(", repeat(get(memo + row), 60), "t", 0x94, "0"));
      return bytes("(", repeat("N", 60), "t", 0x94, "0", ...rows, get(0), get(memo + 3), "R", 0x94, "0");
    };
    const made = bytes(protocol, global("m", "C"), 0x94, "0", laughing(1), laughing(6));
    return bytes(made, repeat(bytes(get(5), "0", get(10), "0"), 1_000), get(10), stop);
  },
  "UUIDs of the same large state": () =>
    bytes(
      protocol,
      global("uuid", "UUID"),
      0x94,
      "0",
      largeState(20_000),
      "](",
      repeat("h\0)\x81h\x01b", 5_000),
      "e",
      stop,
    ),
  "errors of the same large state": () =>
    bytes(
      protocol,
      global("builtins", "ValueError"),
      0x94,
      "0",
      largeState(3_000),
      "](",
      repeat("h\0)Rh\x01b", 5_000),
      "e",
      stop,
    ),
  "errors of the same large integer": () =>
    calls("builtins", "ValueError", [bytes(0x8b, uint4(65_536), repeat("\x7f", 65_536)), 0x85], 5_000),
  "lists that are filled after they were put into others": () => {
    const lists = Array.from({ length: 60_000 }, (_, at) => bytes("]r", uint4(at), "0"));
    const links = Array.from({ length: 59_999 }, (_, at) => bytes(get(at), get(at + 1), "a0"));
    return bytes(protocol, ...lists, ...links, get(0), stop);
  },
  "lone surrogates": () => {
    const content = repeat("\xed\xa0\x80", 600_000);
    return bytes(protocol, "X", uint4(content.length), content, stop);
  },
  "integers of one hash in a set": () =>
    bytes(
      protocol,
      "\x8f(",
      ...integersOfOneHash(60_000).map((each) => bytes("J", uint4(each >>> 0))),
      "\x90",
      stop,
    ),
  "integers of one hash in a dict": () =>
    bytes(
      protocol,
      "}(",
      ...integersOfOneHash(60_000).map((each) => bytes("J", uint4(each >>> 0), "N")),
      "u",
      stop,
    ),
  "integers of one hash in a list that becomes a set": () =>
    bytes(
      protocol,
      global("builtins", "set"),
      "](",
      ...integersOfOneHash(60_000).map((each) => bytes("J", uint4(each >>> 0))),
      "e",
      0x85,
      "R",
      stop,
    ),
  "large integers of one hash in a dict": () =>
    bytes(
      protocol,
      "}(",
      ...Array.from({ length: 60_000 }, (_, at) => bytes(0x8a, 12, repeat("\0", 8), uint4(at), "N")),
      "u",
      stop,
    ),
  "a URL of an endless name": () => {
    const name = String.fromCharCode(
      ...Array.from({ length: 30_000 }, (_, at) => 0x4e00 + ((at * 7_919) % 20_000)),
    );
    const parts = ["http", name, "/", "", "", ""].map(unicode);
    return calls("urllib.parse", "ParseResult", [bytes("(", ...parts, "t")], 50, "\x81");
  },
  "dangerous names in a dict": () => bytes(protocol, "}(", dangerous(), "u", stop),
  "dangerous names in a state": () => bytes(protocol, global("m", "C"), ")\x81}(", dangerous(), "ub", stop),
  "dangerous names in an error": () =>
    bytes(protocol, global("builtins", "ValueError"), ")R}(", dangerous(), "ub", stop),
  "dangerous names of classes": () =>
    bytes(
      protocol,
      "(",
      ...dangerousNames.flatMap((name) => [global(name, name), ")R", global("builtins", name), ")\x81}b"]),
      "t",
      stop,
    ),
  "a memo number that is a name": () => bytes("Ng__proto__\n", stop),
  "persistent ids": () => bytes(protocol, "](", repeat("NQ", many / 2), "e", stop),
  "references entangled with dicts": () =>
    bytes(protocol, repeat(bytes("}", 0x94, unicode("a"), "Ns"), 100_000), "K\x01Ns", stop),
};

/** Those that are no more than many objects of a few bytes each. They take in proportion to their length. */
export const floods = new Set([
  "nothing but lists",
  "nothing but dicts",
  "nothing but sets",
  "nothing but byte strings",
  "instances of an unknown class",
  "instances with a state",
  "errors",
  "dates",
  "integers to UUIDs",
  "numpy arrays of the same bytes",
  "persistent ids",
]);

function floatPair(value) {
  const data = Buffer.alloc(10);
  data[0] = 0x47;
  data.writeDoubleBE(value, 1);
  data[9] = 0x4e;
  return data;
}
