import assert from "node:assert/strict";
import { bytes, patternedBytes, text } from "./bytes.ts";
import type { DictHandle } from "./dict-handle.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const kib = 1024;

// Pairs that common 32-bit hashes do not tell apart: CRC-32, FNV-1a, FNV-1, djb2.
const collisions = [
  ["plumless", "buckeroo"],
  ["costarring", "liquid"],
  ["declinate", "macallums"],
  ["altarage", "zinke"],
  ["creamwove", "quists"],
  ["hetairas", "mentioner"],
].flat();

const families: readonly { readonly title: string; readonly keys: readonly Uint8Array[] }[] = [
  { title: "every single byte, and no byte", keys: [bytes(""), ...everyByte()] },
  { title: "runs of zeros", keys: Array.from({ length: 40 }, (_, length) => new Uint8Array(length)) },
  {
    title: "prefixes of each other",
    keys: Array.from({ length: 300 }, (_, length) => bytes("abc".repeat(100)).slice(0, length)),
  },
  {
    title: "what is no UTF-8",
    keys: ["\xff", "\xfe", "\xc3\x28", "\xed\xa0\x80", "\xef\xbf\xbd", "\xc0\x80", "\x00"].map(bytes),
  },
  {
    title: "names with a meaning in JavaScript",
    keys: ["__proto__", "constructor", "toString", "length"].map(bytes),
  },
  { title: "words that collide under common hashes", keys: collisions.map(bytes) },
  {
    title: "separators, spaces and line ends",
    keys: [":", "::", "/", "\n", "\r\n", " ", "  ", "\t", "{", "}", "{a}"].map(bytes),
  },
  {
    title: "numbers in every byte order",
    keys: Array.from({ length: 600 }, (_, number) => twoWords(number)),
  },
  { title: "long keys that differ in one byte", keys: longKeys() },
];

/** Keys are bytes, compared byte for byte, whatever they look like. */
export function binaryKeysSuite(suite: Suite): void {
  suite.describe("keys", () => {
    for (const { title, keys } of families) {
      suite.test(
        `are told apart: ${title}`,
        async (world) => await toldApart(await world.createDict(), keys, world),
      );
    }
    suite.test("are equal if their bytes are, whatever they are views of", async (world) => {
      const dict = await world.createDict();
      const wide = new Uint16Array([0x6261]);
      await dict.put(new Uint8Array(wide.buffer), "1");
      assert.equal(await dict.get("ab"), "1");
      assert.equal(await dict.get(Buffer.from("xab").subarray(1)), "1");
      assert.equal(await dict.len(), 1);
    });
  });
}

async function toldApart(dict: DictHandle, keys: readonly Uint8Array[], world: World): Promise<void> {
  await world.store.update(
    dict.id,
    keys.map((key, index) => ({ key, value: bytes(`${index}`) })),
  );
  assert.equal(await dict.len(), keys.length);
  for (const [index, key] of keys.entries()) assert.equal(await dict.get(key), `${index}`);
  const shown = new Map((await dict.pairs()).map(([key, value]) => [key, value]));
  assert.equal(shown.size, keys.length);
  for (const [index, key] of keys.entries()) assert.equal(shown.get(text(key)), `${index}`);
  for (const [index, key] of keys.entries()) {
    if (index % 2 === 0) assert.equal(await dict.pop(key), `${index}`);
    else assert.equal(await dict.putIfAbsent(key, "refused"), false);
  }
  for (const [index, key] of keys.entries()) assert.equal(await dict.contains(key), index % 2 === 1);
  assert.equal(await dict.len(), Math.floor(keys.length / 2));
}

function everyByte(): Uint8Array[] {
  return Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
}

function twoWords(number: number): Uint8Array {
  const key = new Uint8Array(16);
  new DataView(key.buffer).setUint32(number % 2 === 0 ? 0 : 12, number, number % 3 === 0);
  key[8] = number & 0xff;
  key[9] = number >> 8;
  return key;
}

function longKeys(): Uint8Array[] {
  const base = patternedBytes(256 * kib, 99);
  const changed = [0, 65_536, base.length - 1].map((place) => {
    const key = base.slice();
    key[place]! ^= 1;
    return key;
  });
  const shorter = [255, 256, 257, 64 * kib - 1, 64 * kib, 64 * kib + 1].map((length) =>
    base.slice(0, length),
  );
  return [base, ...changed, ...shorter];
}
