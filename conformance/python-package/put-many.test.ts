// Entries of `put_many` that do not go into one request travel in several.
import {
  type EverdictProcess,
  type Python,
  pythonIsSetUp,
  startEverdict,
  startPython,
} from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InstalledPackage, installPackage } from "./install-package.ts";

describe.skipIf(!pythonIsSetUp(["package"]))("put_many", () => {
  let installed: InstalledPackage;
  let server: EverdictProcess;
  let python: Python<"package">;
  beforeAll(async () => {
    installed = await installPackage();
    server = await startEverdict({ memory: true });
    python = startPython("package", { ...server.env, ...installed.env });
    await python.run(`
import everdict
from everdict import _bulk
d = everdict.Dict.from_name("parts", create_if_missing=True)
parts = []
ask = _bulk.call
async def note(client, name, request):
    parts.append(len(request.entries))
    return await ask(client, name, request)
_bulk.call = note
def put(entries, **options):
    parts.clear()
    d.clear()
    try:
        d.put_many(entries, **options)
    except Exception as error:
        return [list(parts), type(error).__name__, d.len()]
    return [list(parts), None, d.len()]`);
  }, 120_000);
  afterAll(async () => {
    await python?.stop();
    await server?.[Symbol.asyncDispose]();
    installed?.[Symbol.dispose]();
  });

  const put = async (code: string) => (await python.run(code)).json;

  test("sends as few requests as the server takes", async () => {
    expect(await put("put({})")).toEqual([[0], null, 0]);
    expect(await put("put({n: n for n in range(10_000)})")).toEqual([[10_000], null, 10_000]);
    expect(await put("put({n: n for n in range(20_001)}, ttl=60)")).toEqual([
      [10_000, 10_000, 1],
      null,
      20_001,
    ]);
    expect(await put(`[d[0], d[20_000], d.entry(20_000).expires_at is not None]`)).toEqual([0, 20_000, true]);
  });

  test("splits by bytes, too, and one entry travels alone rather than not at all", async () => {
    await python.run("_bulk._put_bytes_max, _bulk._put_key_bytes_max = 10_000, 1_000");
    expect(await put(`put({n: b"v" * 4_000 for n in range(5)})`)).toEqual([[2, 2, 1], null, 5]);
    expect(await put(`put({"k" * 300 + str(n): n for n in range(7)})`)).toEqual([[3, 3, 1], null, 7]);
    expect(await put(`put({0: 0, 1: b"v" * 20_000, 2: 2})`)).toEqual([[1, 1, 1], null, 3]);
  });

  test("writes each part all or nothing, and nothing at all if an entry has no bytes", async () => {
    await python.run("_bulk._put_max, _bulk._put_bytes_max, _bulk._put_key_bytes_max = 2, 2**26, 2**26");
    const tooLarge = `{0: 0, 1: 1, 2: 2, "k" * 2_000_000: 3, 4: 4}`;
    expect(await put(`put(${tooLarge})`)).toEqual([[2, 2], "RequestSizeError", 2]);
    expect(await put("put({0: 0, 1: 1, 2: 2, 3: (n for n in [])})")).toEqual([[], "TypeError", 0]);
  });
});
