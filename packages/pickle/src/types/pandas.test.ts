// What a program sees of pandas, networkx and scipy. The pickles were written by pandas 1.5, 2 and 3
// (testing/pandas-fixtures.py, which also checks with pandas itself that what is written back is equal); here Python
// checks it with stubs in place of these packages.
import { readFileSync, writeFileSync } from "node:fs";
import { inspect } from "node:util";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPython, PythonOracle, toBase64 } from "../../testing/python-oracle.ts";
import {
  decode,
  encode,
  PyDataFrame,
  PyIndex,
  PyInterval,
  PyNanoTimeDelta,
  PyObject,
  PySeries,
  PyTimestamp,
  PyZoneInfo,
  pyNA,
  pyNaT,
} from "../index.ts";

const fixtures = JSON.parse(
  readFileSync(new URL("../../testing/pandas-fixtures.json", import.meta.url), "utf8"),
) as Record<string, Record<string, string>>;
const versions = Object.keys(fixtures);
const newest = versions.at(-1) as string;
const pickleOf = (version: string, name: string): Uint8Array =>
  new Uint8Array(inflateSync(Buffer.from(fixtures[version]?.[name] as string, "base64")));

/** As the newest pandas says it, which has microseconds where older ones have nanoseconds, and its own type of texts. */
const rows: readonly (readonly [name: string, console: string, json: string])[] = ROWS;

const python = findPython();

describe("what pandas wrote", () => {
  test.each(rows)("is shown as what it is, for each version of pandas: %s", (name, shown, json) => {
    expect(inspect(decode(pickleOf(newest, name)))).toBe(shown);
    for (const version of versions)
      expect(JSON.stringify(decode(pickleOf(version, name))), `pandas ${version}`).toBe(json);
  });
});
