// What every runtime has to get right against a real server, in plain JavaScript that any of them runs. Each check is a
// name and what it does; it fails by throwing.

const key = (index) => `key-${index}`;

function equal(actual, expected) {
  const [one, other] = [actual, expected].map((value) =>
    JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part)),
  );
  if (one !== other) throw new Error(`got ${one?.slice(0, 200)} instead of ${other?.slice(0, 200)}`);
}

async function codeOf(call) {
  try {
    await call();
  } catch (error) {
    return error.code;
  }
  return "no error";
}

const operations = {
  "put, get, contains, len, pop, remove": async ({ dict }) => {
    equal(await dict.put("a", { at: [1, 2n ** 70n], text: "ü€" }), true);
    equal(await dict.get("a"), { at: [1, 2n ** 70n], text: "ü€" });
    equal([await dict.contains("a"), await dict.contains("b"), await dict.len()], [true, false, 1]);
    equal(await dict.pop("a"), { at: [1, 2n ** 70n], text: "ü€" });
    equal(await dict.get("a", "default"), "default");
    equal(await dict.remove("a"), false);
  },
  "bytes, dates, maps and sets": async ({ dict }) => {
    const value = {
      bytes: Uint8Array.of(0, 255),
      date: new Date(1234),
      map: new Map([[1, "one"]]),
      set: new Set([true]),
    };
    await dict.put("types", value);
    const read = await dict.get("types");
    equal(
      [...read.bytes, read.date.getTime(), [...read.map], [...read.set]],
      [0, 255, 1234, [[1, "one"]], [true]],
    );
  },
  "one of a hundred conditional puts wins, and one of a hundred pops": async ({ dict }) => {
    const puts = await Promise.all(
      Array.from({ length: 100 }, (_, by) => dict.put("lock", by, { skipIfExists: true })),
    );
    equal(puts.filter((wrote) => wrote).length, 1);
    const pops = await Promise.all(Array.from({ length: 100 }, () => dict.pop("lock", null)));
    equal(pops.filter((value) => value !== null).length, 1);
  },
  "two thousand calls at once": async ({ dict }) => {
    await Promise.all(Array.from({ length: 2000 }, (_, index) => dict.put(key(index), index)));
    const read = await Promise.all(Array.from({ length: 2000 }, (_, index) => dict.get(key(index))));
    equal(
      read.every((value, index) => value === index),
      true,
    );
  },
  "update, and iteration over ten thousand entries": async ({ dict }) => {
    await dict.clear();
    await dict.update(new Map(Array.from({ length: 10_000 }, (_, index) => [key(index), "x".repeat(100)])));
    const seen = new Set();
    for await (const [name, value] of dict) if (value.length === 100) seen.add(name);
    equal([seen.size, await dict.len()], [10_000, 10_000]);
  },
  "an iteration that is stopped": async ({ dict }) => {
    let count = 0;
    for await (const _ of dict.keys()) if (++count === 10) break;
    equal([count, await dict.len()], [10, 10_000]);
  },
  "a value of 5 MiB, beside small calls": async ({ dict }) => {
    const large = new Uint8Array(5 * 1024 * 1024).map((_, index) => index * 31);
    const [, ...small] = await Promise.all([
      dict.put("large", large),
      ...Array.from({ length: 50 }, (_, index) => dict.get(key(index))),
    ]);
    equal(
      small.every((value) => value === "x".repeat(100)),
      true,
    );
    const read = await dict.get("large");
    equal([read.length, read.every((byte, index) => byte === large[index])], [large.length, true]);
  },
  "deadlines and signals": async ({ dict }) => {
    equal(await codeOf(() => dict.get("a", 0, { timeoutMs: 0 })), "deadline_exceeded");
    equal(await codeOf(() => dict.get("a", 0, { signal: AbortSignal.abort() })), "cancelled");
    equal(await dict.get("none", 0, { timeoutMs: 10_000, signal: new AbortController().signal }), 0);
  },
  "errors by code": async ({ everdict: { Dict }, client, dict }) => {
    equal(await codeOf(() => dict.pop("none")), "key_not_found");
    equal(await codeOf(() => Dict.fromName("none", { client }).len()), "dict_not_found");
    equal(await codeOf(() => dict.put("k", () => {})), "serialization_failed");
  },
  "ephemeral dictionaries, lists and environments": async ({ everdict: { Dict }, client, name }) => {
    const scratch = await Dict.ephemeral({ client, data: { a: 1 } });
    equal(await scratch.get("a"), 1);
    await scratch[Symbol.asyncDispose]();
    equal(await codeOf(() => scratch.get("a")), "dict_not_found");
    const names = (await Dict.objects.list({ client })).map((each) => each.name);
    equal([names.includes(name), (await client.environments.list()).length > 0], [true, true]);
    await Dict.delete(name, { client });
    equal(await codeOf(() => Dict.fromName(name, { client }).len()), "dict_not_found");
  },
};

/**
 * Runs every check with a client of its own for each way to connect. Answers one line for each that failed, and how
 * many there were.
 *
 * @param ways names and options of `Client.connect`
 */
export async function runOperations(everdict, ways) {
  const failures = [];
  let checks = 0;
  for (const [way, options] of Object.entries(ways)) {
    const client = everdict.Client.connect(options);
    const name = `runtime-${Math.random().toString(36).slice(2)}`;
    const dict = everdict.Dict.fromName(name, { client, createIfMissing: true });
    for (const [check, run] of Object.entries(operations)) {
      checks++;
      try {
        await run({ everdict, client, dict, name });
      } catch (error) {
        failures.push(`${way}: ${check}: ${error.stack ?? error}`);
      }
    }
    const wrong = everdict.Client.connect({ ...options, tokenSecret: "as-wrong" });
    const refused = await codeOf(() => wrong.environments.list());
    if (refused !== "unauthenticated") failures.push(`${way}: a wrong token: ${refused}`);
    await wrong.close();
    await client.close();
  }
  return { checks, failures };
}
