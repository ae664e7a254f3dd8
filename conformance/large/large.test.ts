// The documented limits at full size, over the real network path and both ways.
import { defaultLimits } from "@everdict/protocol";
import { pythonIsSetUp } from "@everdict/testkit";
import { Dict } from "everdict";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InteropServer, startInteropServer } from "../interop/interop-server.ts";

// A pickle of many bytes is the bytes and 9 more (protocol section 4.1).
const largestBytes = defaultLimits.valueMaxBytes - 9;
const pythonLimit = { timeoutMs: 120_000 };

describe.skipIf(!pythonIsSetUp(["newest"]))("at full size", () => {
  let all: InteropServer;
  beforeAll(async () => {
    all = await startInteropServer("newest");
    await all.python.run(`d = modal.Dict.from_name("large", create_if_missing=True)`);
  });
  afterAll(() => all[Symbol.asyncDispose]());

  test("a value of 100 MiB from Python is read by TypeScript", async () => {
    await all.python.run(
      `d["python"] = bytes(range(256)) * (${largestBytes} // 256) + b"end" * 82`,
      pythonLimit,
    );
    const read = await Dict.fromName<string, Uint8Array>("large", { client: all.client }).get("python");
    const whole = Math.floor(largestBytes / 256) * 256;
    expect(read!.length).toBe(whole + 246);
    expect(read!.subarray(0, whole).every((byte, index) => byte === index % 256)).toBe(true);
    expect(Buffer.from(read!.subarray(whole)).toString()).toBe("end".repeat(82));
  }, 120_000);

  test("a value of exactly 100 MiB from TypeScript is read by Python, and a byte more is refused", async () => {
    const dict = Dict.fromName<string, Uint8Array>("large", { client: all.client });
    await dict.put("typescript", new Uint8Array(largestBytes).fill(7));
    const compared = await all.python.run(`d["typescript"] == b"\\x07" * ${largestBytes}`, pythonLimit);
    expect(compared.repr).toBe("True");
    await expect(dict.put("over", new Uint8Array(largestBytes + 1))).rejects.toMatchObject({
      name: "RequestSizeError",
      code: "value_too_large",
    });
    expect(await dict.contains("over")).toBe(false);
  }, 120_000);

  test("a value over 100 MiB raises RequestSizeError in Python and leaves the entry as it was", async () => {
    const raised = all.python.run(
      `
d["over"] = "as it was"
d["over"] = bytes(${largestBytes} + 1)`,
      pythonLimit,
    );
    await expect(raised).rejects.toMatchObject({ name: "RequestSizeError" });
    expect(await Dict.fromName("large", { client: all.client }).get("over")).toBe("as it was");
    await expect(all.python.run(`d["over"] = bytes(200 * 1024 * 1024)`, pythonLimit)).rejects.toMatchObject({
      name: "RequestSizeError",
    });
    expect((await all.python.run(`d["over"]`)).repr).toBe("'as it was'");
  }, 120_000);

  test("250 dicts are listed page by page, in order and without gaps, by both", async () => {
    const listed = await all.python.run(
      `
modal.environments.create_environment("many")
for n in range(250): modal.Dict.objects.create(f"dict-{n:03}", environment_name="many")
[each.name for each in modal.Dict.objects.list(environment_name="many")]`,
      pythonLimit,
    );
    const newestFirst = Array.from(
      { length: 250 },
      (_, index) => `dict-${String(249 - index).padStart(3, "0")}`,
    );
    expect(listed.json).toEqual(newestFirst);
    const inTypeScript = await Dict.objects.list({ client: all.client, environment: "many" });
    expect(inTypeScript.map((each) => each.name)).toEqual(newestFirst);
    expect(
      await Dict.objects.list({ client: all.client, environment: "many", maxObjects: 101 }),
    ).toHaveLength(101);
    const some = `[each.name for each in modal.Dict.objects.list(environment_name="many", max_objects=230)]`;
    expect((await all.python.run(some)).json).toEqual(newestFirst.slice(0, 230));
  }, 60_000);

  test("an update of 10,000 entries with nested values arrives whole in the other language", async () => {
    await all.python.run(
      `
u = modal.Dict.from_name("updates", create_if_missing=True)
u.update({("python", n): {"n": n, "tags": ["a", str(n)]} for n in range(10_000)})`,
      pythonLimit,
    );
    const dict = Dict.fromName<[string, number], unknown>("updates", { client: all.client });
    const seen = new Map<number, unknown>();
    for await (const [[, n], value] of dict) seen.set(n, value);
    expect(seen.size).toBe(10_000);
    for (const [n, value] of seen) expect(value).toEqual({ n, tags: ["a", String(n)] });

    await dict.update(
      Array.from({ length: 10_000 }, (_, n) => [["typescript", n], { n, tags: ["a", String(n)] }] as const),
    );
    const compared = await all.python.run(
      `
read = {key[1]: value for key, value in u.items() if key[0] == "typescript"}
(u.len(), read == {n: {"n": n, "tags": ["a", str(n)]} for n in range(10_000)})`,
      pythonLimit,
    );
    expect(compared.json).toEqual([20_000, true]);
  }, 120_000);
});
