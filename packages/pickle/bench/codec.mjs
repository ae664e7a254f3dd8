// How fast values become bytes and values again, beside what else a program might use: JSON through Buffer, msgpackr,
// cbor-x and v8.serialize. Usage, after a build: node packages/pickle/bench/codec.mjs [--rounds N] [--ms N] [ROW…]
//
// Every row encodes one of several different values and decodes the result, so that nobody profits from having seen
// the very same value before. The codecs take turns in many short rounds, in another order each time. What is compared
// are the speeds within one round, and the median of that: what else the machine does then hits all alike.

// Both would otherwise look for native code, which this project does not install.
process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED = "true";
process.env.CBOR_NATIVE_ACCELERATION_DISABLED = "true";

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { deserialize, serialize } from "node:v8";
import { decode, encode } from "@everdict/pickle";
import { fixtures } from "./fixtures.mjs";

const require = createRequire(new URL("../../../bench/package.json", import.meta.url));

/**
 * The codecs, ours first. Those for JSON take what JSON cannot hold in the usual detour over base64. msgpackr and cbor-x
 * come twice: so that their bytes stand alone, as a dictionary's must, and with records whose names stay in the memory
 * of the one codec that writes and reads them, which is as fast as they can be without native code.
 */
function codecs() {
  const { Packr } = require("msgpackr");
  const cbor = require("cbor-x");
  const packr = new Packr({ useRecords: false });
  const encoder = new cbor.Encoder({ useRecords: false });
  const recordPackr = new Packr({ structures: [] });
  const recordEncoder = new cbor.Encoder({ structures: [] });
  return {
    pickle: { encode, decode },
    "JSON + Buffer": { encode: toJson, decode: fromJson },
    msgpackr: { encode: (value) => packr.pack(value), decode: (bytes) => packr.unpack(bytes) },
    "cbor-x": { encode: (value) => encoder.encode(value), decode: (bytes) => encoder.decode(bytes) },
    "msgpackr, records": {
      encode: (value) => recordPackr.pack(value),
      decode: (bytes) => recordPackr.unpack(bytes),
    },
    "cbor-x, records": {
      encode: (value) => recordEncoder.encode(value),
      decode: (bytes) => recordEncoder.decode(bytes),
    },
    "v8.serialize": { encode: serialize, decode: deserialize },
  };
}

function toJson(value) {
  const plain =
    value instanceof Uint8Array
      ? Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64")
      : value;
  return Buffer.from(JSON.stringify(plain));
}

function fromJson(bytes, isBinary) {
  const value = JSON.parse(bytes.toString());
  return isBinary ? Buffer.from(value, "base64") : value;
}

/** Round trips a second of one codec on one row, measured for about `ms` milliseconds. */
function measure(codec, row, ms) {
  const { values, batch } = row;
  const isBinary = values[0] instanceof Uint8Array;
  const began = performance.now();
  let count = 0;
  let elapsed = 0;
  do {
    for (let index = 0; index < batch; index++) {
      const back = codec.decode(codec.encode(values[index % values.length]), isBinary);
      if (back === undefined) throw new Error("nothing came back");
    }
    count += batch;
    elapsed = performance.now() - began;
  } while (elapsed < ms);
  return (count / elapsed) * 1000;
}

/** Neighbours change, too: what one codec leaves behind is collected during the turn of the next. */
function orderOf(all, round) {
  const step = 1 + (round % (all.length - 1));
  return all.map((_, at) => all[(round + at * step) % all.length]);
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/**
 * Measures every codec on every row: `[{ row, codec, perSecond, ratio, pickleRatio }]`, where `ratio` says how many times
 * as fast as JSON + Buffer a codec is, and `pickleRatio` how many times as fast as this codec ours is.
 */
export function benchCodecs({ rounds = 25, ms = 25, rows = Object.keys(fixtures) } = {}) {
  const all = Object.entries(codecs());
  const results = [];
  for (const name of rows) {
    const row = fixtures[name];
    const found = Object.fromEntries(all.map(([codec]) => [codec, []]));
    for (const [, codec] of all) measure(codec, row, ms * 4);
    for (let round = 0; round < rounds; round++) {
      for (const [codec, implementation] of orderOf(all, round)) {
        found[codec].push(measure(implementation, row, ms));
      }
    }
    const ratio = (codec, other) => median(found[codec].map((speed, round) => speed / found[other][round]));
    for (const [codec] of all) {
      const perSecond = median(found[codec]);
      const compared = { ratio: ratio(codec, "JSON + Buffer"), pickleRatio: ratio("pickle", codec) };
      results.push({ row: name, codec, perSecond, ...compared });
    }
  }
  return results;
}

/** The results as a table for people: times as fast as JSON + Buffer, and our round trips a second. */
export function renderCodecs(results) {
  const names = [...new Set(results.map(({ codec }) => codec))];
  const lines = [["row", "pickle round trips/s", ...names, "pickle against the fastest"]];
  for (const row of new Set(results.map((result) => result.row))) {
    const ofRow = results.filter((result) => result.row === row);
    lines.push([
      row,
      Math.round(ofRow[0].perSecond).toLocaleString("en"),
      ...ofRow.map(({ ratio }) => `${ratio.toFixed(2)}x`),
      `${Math.min(...ofRow.map(({ pickleRatio }) => pickleRatio)).toFixed(2)}x`,
    ]);
  }
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const format = (line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join("  ");
  return lines.map(format).join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: "string", default: "25" }, ms: { type: "string", default: "25" } },
  });
  const unknown = positionals.find((name) => !(name in fixtures));
  if (unknown !== undefined)
    throw new Error(`no row '${unknown}'; there are ${Object.keys(fixtures).join(", ")}`);
  const rows = positionals.length > 0 ? positionals : undefined;
  const results = benchCodecs({ rounds: Number(values.rounds), ms: Number(values.ms), rows });
  console.log("Encode + decode; times as fast as JSON + Buffer\n");
  console.log(renderCodecs(results));
}
