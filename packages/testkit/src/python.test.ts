import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Python, PythonError, startPython } from "./python.ts";
import { pythonIsSetUp } from "./python-environment.ts";

describe.skipIf(!pythonIsSetUp(["newest"]))("a driven Python", () => {
  let python: Python;
  beforeAll(() => {
    python = startPython("newest", {});
  });
  afterAll(() => python.stop());

  test("answers the last expression as repr and JSON", async () => {
    expect(await python.run("x = (1, 'a')\nx")).toEqual({ repr: "(1, 'a')", json: [1, "a"] });
    expect(await python.run("float('nan')")).toEqual({ repr: "nan", json: null });
    expect(await python.run("x = 1")).toEqual({ repr: "None", json: null });
  });

  test("keeps the variables of a scope apart, and until it is forgotten", async () => {
    await python.run("y = value", { scope: "a", variables: { value: [1, null] } });
    expect((await python.run("y", { scope: "a" })).json).toEqual([1, null]);
    await expect(python.run("y", { scope: "b" })).rejects.toThrow("name 'y' is not defined");
    await python.forget("a");
    await expect(python.run("y", { scope: "a" })).rejects.toThrow("name 'y' is not defined");
  });

  test("rejects with the exception's classes and message", async () => {
    const error = await python.run("{}['k']").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PythonError);
    expect(error).toMatchObject({ name: "KeyError", message: "'k'" });
    expect((error as PythonError).classes).toContain("LookupError");
  });

  test("what a snippet prints does not disturb the answers", async () => {
    expect((await python.run("print('noise')\n7")).repr).toBe("7");
  });

  test("same() tells types, signed zeros and time zones apart, and takes nan for nan", async () => {
    const code = `
from datetime import datetime, timedelta, timezone
utc, east = timezone.utc, timezone(timedelta(hours=2))
loop = []; loop.append(loop)
other = []; other.append(other)
[same(*pair) for pair in [
  (float("nan"), float("nan")), ({"a": [1]}, {"a": [1]}), (loop, other), ({1, 2}, {2, 1}),
  (1, 1.0), (True, 1), (0.0, -0.0), ((1,), [1]), ({1: 2}, {1.0: 2}), ({1}, frozenset({1})), (b"a", bytearray(b"a")),
  (datetime(2024, 1, 1, 2, tzinfo=east), datetime(2024, 1, 1, 0, tzinfo=utc)),
]]`;
    expect((await python.run(code)).json).toEqual([...Array(4).fill(true), ...Array(8).fill(false)]);
  });

  test("a snippet that ends the process fails the waiting caller", async () => {
    const short = startPython("newest", {});
    await expect(short.run("import os; os._exit(3)")).rejects.toThrow("Python ended with 3");
    await short.stop();
  });
});
