// The losses that are known are still losses: see testing/known-failures.ts.
import { expect, test } from "vitest";
import { knownFailures } from "../testing/known-failures.ts";
import { findPython, fromBase64, PythonOracle, toBase64 } from "../testing/python-oracle.ts";
import { decode, encode } from "./index.ts";

const python = findPython();

test.skipIf(python === undefined).each(knownFailures)(
  "$python is not what it was: $reason",
  async (known) => {
    using oracle = new PythonOracle(python!);
    // By its pickle: equality leaves out the order of dicts, the sign of zero and the identity of NaN.
    const own = await oracle.ask<string>("evaluate", { expression: known.python, protocol: 4 });
    const moved = toBase64(encode(decode(fromBase64(own))));
    const isSame = `repr(value) == repr(${known.python})`;
    expect(await oracle.ask("check", { data: own, expression: isSame })).toBe(true);
    expect(await oracle.ask("check", { data: moved, expression: isSame })).not.toBe(true);
  },
);
