// Every option of every method, given wrongly in every way: refused with the same words on every transport, before
// anything is sent.
import { openMemoryEngine } from "@everdict/embedded";
import { methodRule, methods } from "@everdict/protocol";
import { startServer } from "@everdict/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, Dict, EverdictError, InvalidError } from "../index.ts";
import { connectTokens } from "../tokens.ts";
import type { OptionRow } from "./option-faults.ts";
import { type CheckedMethod, optionTable } from "./option-table.ts";

const tokenId = "ak-one";
const tokenSecret = "as-one";
type World = { readonly client: Client; readonly dict: Dict; readonly url: string };
const worlds: Record<string, World> = {};
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const engine = await openMemoryEngine();
  const authenticator = {
    authenticate: () => ({ id: "one", name: "one" }),
    isCurrent: () => true,
    describe: () => ({ tokenId, name: "one", createdAtSeconds: 0 }),
  };
  const server = await startServer({ engine, authenticator, port: 0, shutdownGraceMs: 100 });
  const clients = {
    "in-process": Client.fromService(engine.serviceFor({ id: "one", name: "one" })),
    "over a session": Client.connect({ url: server.url, tokenId, tokenSecret, transport: "session" }),
    "over gRPC": Client.connect({ url: server.url, tokenId, tokenSecret, transport: "grpc" }),
  };
  for (const [place, client] of Object.entries(clients)) {
    const dict = Dict.fromName("d", { client, createIfMissing: true });
    await dict.put("key", "value");
    worlds[place] = { client, dict, url: server.url };
    closing.push(() => client.close());
  }
  closing.push(
    () => server.close(),
    () => engine.close(),
  );
});
afterAll(async () => {
  for (const close of closing) await close();
});

/** How each method is called with options. What it answers does not matter here: it must not come to that. */
type Call = (world: World, options: never) => unknown;
/** Those that take a key, and then options. */
const callsOnKey = Object.fromEntries(
  methods
    .filter((method) => methodRule(method).request === "key")
    .map((method): [string, Call] => [
      method,
      ({ dict }, options) => (dict as unknown as Record<string, Call>)[method]!("key" as never, options),
    ]),
);
const calls = {
  ...callsOnKey,
  modify: ({ dict }, options) => dict.modify("key", () => "other", options),
  increment: ({ dict }, options) => dict.increment("key", 1, options),
  touch: ({ dict }, options) => dict.touch("key", options),
  getMany: ({ dict }, options) => dict.getMany(["key"], options),
  removeMany: ({ dict }, options) => dict.removeMany(["key"], options),
  page: ({ dict }, options) => dict.page(options),
  stats: ({ dict }, options) => dict.stats(options),
  configure: ({ dict }, options) => dict.configure({}, options),
  "configure, the change": ({ dict }, change) => dict.configure(change),
  "transaction.put": async ({ dict }, options) => dict.transaction().put("key", "other", options),
  "transaction.increment": async ({ dict }, options) => dict.transaction().increment("key", 1, options),
  "transaction.touch": async ({ dict }, options) => dict.transaction().touch("key", options),
  "transaction.commit": ({ dict }, options) => dict.transaction().commit(options),
  "Dict.fromName": (_world, options) => Dict.fromName("new", options),
  "Dict.lookup": (_world, options) => Dict.lookup("new", options),
  "Dict.fromId": (_world, options) => Dict.fromId("di-1", options),
  "Dict.ephemeral": (_world, options) => Dict.ephemeral(options),
  "Dict.delete": (_world, options) => Dict.delete("d", options),
  "Dict.objects.create": (_world, options) => Dict.objects.create("new", options),
  "Dict.objects.list": (_world, options) => Dict.objects.list(options),
  "Dict.objects.delete": (_world, options) => Dict.objects.delete("d", options),
  hydrate: ({ dict }, options) => dict.hydrate(options),
  info: ({ dict }, options) => dict.info(options),
  get: ({ dict }, options) => dict.get("key", undefined, options),
  put: ({ dict }, options) => dict.put("key", "other", options),
  update: ({ dict }, options) => dict.update({ key: "other" }, options),
  pop: ({ dict }, options) => dict.pop("key", undefined, options),
  len: ({ dict }, options) => dict.len(options),
  clear: ({ dict }, options) => dict.clear(options),
  keys: ({ dict }, options) => dict.keys(options).next(),
  values: ({ dict }, options) => dict.values(options).next(),
  items: ({ dict }, options) => dict.items(options).next(),
  "Client.connect": (_world, options) => Client.connect(options),
  "Client.fromService": (_world, options) => Client.fromService({} as never, options),
  "client.service": ({ client }, options) => client.service(options),
  "client.role": ({ client }, options) => client.role(options),
  "client.supports": ({ client }, options) => client.supports("page", options),
  "client.close": ({ client }, options) => client.close(options),
  "environments.list": ({ client }, options) => client.environments.list(options),
  "environments.get": ({ client }, options) => client.environments.get("", options),
  "environments.create": ({ client }, options) => client.environments.create("new", options),
  "environments.update": ({ client }, options) => client.environments.update("main", {}, options),
  "environments.update, the change": ({ client }, change) => client.environments.update("main", change),
  "environments.delete": ({ client }, options) => client.environments.delete("main", options),
  connectTokens: (_world, options) => connectTokens(options),
  "tokens.create": async ({ url }, token) => {
    await using tokens = await connectTokens({ url, tokenId, tokenSecret });
    return await tokens.create(token);
  },
} as Record<CheckedMethod, Call>;
const checkedMethods = Object.keys(optionTable) as CheckedMethod[];

/** What a method says to options, or `undefined` if it takes them. */
async function refusal(world: World, method: CheckedMethod, options: unknown): Promise<string | undefined> {
  try {
    await calls[method](world, options as never);
    return undefined;
  } catch (error) {
    if (!(error instanceof EverdictError)) throw error;
    expect([error.code, error instanceof InvalidError]).toEqual(["invalid_argument", true]);
    return error.message;
  }
}

/** The one message that all places give. */
async function saidEverywhere(method: CheckedMethod, options: unknown): Promise<string> {
  const said = new Set<string | undefined>();
  for (const world of Object.values(worlds)) said.add(await refusal(world, method, options));
  expect([...said]).toEqual([expect.any(String)]);
  return [...said][0]!;
}

/** No option may be any of these, save lists where an empty one will do, and functions that are asked for. */
const neverRight = [null, () => {}, 5n, Symbol("x"), Number.NaN, new Map(), new Date(Number.NaN), []];
const emptyWillDo = ["data", "environments", "prefix"];
const nullWillDo = ["ttlMs", "ttlMsOnCreate"];
const bigintsWillDo = ["initial", "min", "max"];

describe.each(checkedMethods)("%s", (method) => {
  const row: OptionRow = optionTable[method];
  const names = Object.keys(row);

  test("a misspelt option is refused with the right name", async () => {
    for (const name of names) {
      const slips = [`${name.slice(0, -2)}${name.at(-1)}`, name.toUpperCase(), `${name}s`];
      for (const slip of slips.filter((each) => !names.includes(each))) {
        const said = await saidEverywhere(method, { [slip]: undefined });
        expect(said).toBe(`${method}: unknown option \`${slip}\`: did you mean \`${name}\`?`);
      }
    }
    const known = names
      .map((name) => `\`${name}\``)
      .join(", ")
      .replace(/, (?=[^ ]*$)/, " and ");
    expect(await saidEverywhere(method, { zzz: 1 })).toBe(
      `${method}: unknown option \`zzz\`: there is ${known}`,
    );
  });

  test("an option of the wrong kind is refused with what was expected and what came", async () => {
    for (const name of names) {
      for (const value of neverRight) {
        if (Array.isArray(value) && emptyWillDo.includes(name)) continue;
        if (value === null && nullWillDo.includes(name)) continue;
        if (typeof value === "bigint" && bigintsWillDo.includes(name)) continue;
        if (value instanceof Map && name === "data") continue;
        if (typeof value === "function" && name === "onUndecodable") continue;
        const said = await saidEverywhere(method, { [name]: value });
        expect(said).toMatch(new RegExp(`^${method}: \`${name}\` must be .*, not .`));
      }
    }
  });

  test("what is no object of options is refused", async () => {
    const wrong = [
      null,
      5,
      "5",
      true,
      [],
      () => {},
      new Map(),
      new Date(),
      AbortSignal.abort(),
      Promise.resolve({}),
    ];
    const handles = Object.values(worlds).flatMap(({ client, dict }) => [client, dict]);
    // A Dict has a name and values, and a Map values: where options have them too these pass for options, wrong ones.
    const passes = (given: unknown) =>
      (given instanceof Dict && names.includes("name")) ||
      ((given instanceof Dict || given instanceof Map) && names.includes("values"));
    for (const options of [...wrong, ...handles].filter((given) => !passes(given))) {
      const said = await saidEverywhere(method, options);
      expect(said).toMatch(
        new RegExp(`^${method}: the options must be an object such as { ${names[0]} }, not .`),
      );
    }
  });
});

const tooLong = 100 * 365 * 24 * 60 * 60 * 1000 + 1;
const form = '{ policy: "afterWrite" or "afterUse", ttlMs: milliseconds } or { policy: "never" }';
const entryLife = "a whole number of milliseconds from 1 to 3153600000000";
const life = "a number of milliseconds from 1 to 3153600000000";

describe("what people write instead", () => {
  const withPolicies = checkedMethods.filter((method) => "expiry" in optionTable[method]);

  test.each<[unknown, string]>([
    [1000, `must be ${form}, not 1000: did you mean { policy: "afterWrite", ttlMs: 1000 }?`],
    ["never", `must be ${form}, not "never": did you mean { policy: "never" }?`],
    [
      "afterUse",
      `must be ${form}, not "afterUse": did you mean { policy: "afterUse", ttlMs: milliseconds }?`,
    ],
    [
      "7d-after-use",
      `must be ${form}, not "7d-after-use": did you mean { policy: "afterUse", ttlMs: milliseconds }?`,
    ],
    [{}, `must be ${form}, not {}`],
    [[], `must be ${form}, not an empty array`],
    [null, `must be ${form}, not null`],
    [
      { afterUseMs: 1000 },
      `must be ${form}, not { afterUseMs }: did you mean { policy: "afterUse", ttlMs: 1000 }?`,
    ],
    [{ ttlMs: 1000 }, `must be ${form}, not { ttlMs }: did you mean { policy: "afterWrite", ttlMs: 1000 }?`],
    [{ never: true }, `must be ${form}, not { never }: did you mean { policy: "never" }?`],
  ])("expiry: %j", async (expiry, said) => {
    for (const method of withPolicies)
      expect(await saidEverywhere(method, { expiry })).toBe(`${method}: \`expiry\` ${said}`);
  });

  test.each<[object, string]>([
    [
      { policy: "AfterWrite", ttlMs: 1 },
      '.policy` must be "afterWrite", "afterUse" or "never", not "AfterWrite": did you mean "afterWrite"?',
    ],
    [{ policy: "afterWrite" }, `.ttlMs\` must be ${life}, not undefined`],
    [{ policy: "afterWrite", ttl: 5 }, "unknown option `expiry.ttl`: did you mean `expiry.ttlMs`?"],
    [{ policy: "afterWrite", ttlMs: 0 }, `.ttlMs\` must be ${life}, not 0`],
    [{ policy: "afterUse", ttlMs: -5 }, `.ttlMs\` must be ${life}, not -5`],
    [{ policy: "afterUse", ttlMs: Number.NaN }, `.ttlMs\` must be ${life}, not NaN`],
    [{ policy: "afterUse", ttlMs: tooLong }, `.ttlMs\` must be ${life}, not ${tooLong}`],
    [
      { policy: "afterUse", ttlMs: Number.POSITIVE_INFINITY },
      `.ttlMs\` must be ${life}, not Infinity: did you mean { policy: "never" }?`,
    ],
    [{ policy: "afterUse", ttlMs: "5" }, `.ttlMs\` must be ${life}, not "5"`],
    [{ policy: "never", ttlMs: 5 }, '` has a time to live, and "never" takes none'],
  ])("expiry: %j", async (expiry, said) => {
    for (const method of withPolicies)
      expect(await saidEverywhere(method, { expiry })).toBe(
        said.startsWith("unknown") ? `${method}: ${said}` : `${method}: \`expiry${said}`,
      );
  });

  test.each<[CheckedMethod, object, string]>([
    ["put", { skipIfExist: true }, "unknown option `skipIfExist`: did you mean `skipIfExists`?"],
    ["put", { skip_if_exists: true }, "unknown option `skip_if_exists`: did you mean `skipIfExists`?"],
    ["put", { skipIfExists: 1 }, "`skipIfExists` must be true or false, not 1"],
    ["put", { ttl: 5 }, "unknown option `ttl`: did you mean `ttlMs`?"],
    ["put", { ttlMs: 0 }, `\`ttlMs\` must be ${entryLife}, not 0`],
    ["put", { ttlMs: 1.5 }, `\`ttlMs\` must be ${entryLife}, not 1.5`],
    ["increment", { ttlMsOnCreate: 0.5 }, `\`ttlMsOnCreate\` must be ${entryLife}, not 0.5`],
    [
      "touch",
      { ttlMs: Number.POSITIVE_INFINITY },
      `\`ttlMs\` must be ${entryLife}, not Infinity: null is for ever`,
    ],
    ["remove", { ifVersion: "7" }, '`ifVersion` must be a version, as entry() gives it, not "7"'],
    ["keys", { prefix: 5 }, "`prefix` must be text, or an array of the first elements, not 5"],
    ["modify", { attemptsMax: 0 }, "`attemptsMax` must be a whole number, 1 or more, not 0"],
    [
      "page",
      { limit: Number.POSITIVE_INFINITY },
      "`limit` must be a whole number from 1 to 10000, not Infinity",
    ],
    ["page", { limit: 10_001 }, "`limit` must be a whole number from 1 to 10000, not 10001"],
    ["Dict.fromName", { shards: 2000 }, "`shards` must be a whole number from 1 to 1024, not 2000"],
    ["get", { timeout: 5 }, "unknown option `timeout`: did you mean `timeoutMs`?"],
    ["get", { timeoutMs: "5" }, '`timeoutMs` must be a number of milliseconds > 0, not "5"'],
    ["get", { signal: new AbortController() }, "`signal` must be an AbortSignal, not an AbortController"],
    [
      "Dict.fromName",
      { create_if_missing: true },
      "unknown option `create_if_missing`: did you mean `createIfMissing`?",
    ],
    [
      "Dict.fromName",
      { durability: "Sync" },
      '`durability` must be "sync", "everysec" or "memory", not "Sync": did you mean "sync"?',
    ],
    [
      "Dict.fromName",
      { client: "https://ak-1:as-1@dict.example" },
      "`client` must be a Client, as Client.connect returns it, not text",
    ],
    ["Dict.objects.list", { maxObjects: -1 }, "`maxObjects` must be a whole number, 0 or more, not -1"],
    ["Dict.objects.list", { maxObjects: 1.5 }, "`maxObjects` must be a whole number, 0 or more, not 1.5"],
    ["Dict.objects.list", { createdBefore: 5 }, "`createdBefore` must be a Date that is valid, not 5"],
    ["Client.connect", { timeoutMs: 0 }, "`timeoutMs` must be a number of milliseconds > 0, not 0"],
    ["Client.connect", { transport: "http" }, '`transport` must be "session" or "grpc", not "http"'],
    ["Client.connect", { url: new URL("http://ak-1:as-1@dict.example") }, "`url` must be text, not a URL"],
    [
      "Client.connect",
      { codec: { floats: "Exact" } },
      '`codec.floats` must be "number" or "exact", not "Exact": did you mean "exact"?',
    ],
    [
      "Client.connect",
      { codec: { maxDepth: 5 } },
      "unknown option `codec.maxDepth`: there is `floats`, `unknownClasses`, `repeats`, `depthMax`, `elementsMax`, `memoMax`, `stringMaxBytes`, `integerMaxBytes` and `memoryMaxBytes`",
    ],
    [
      "tokens.create",
      { name: "a", role: "reader" },
      '`role` must be "admin", "read-write" or "read-only", not "reader"',
    ],
  ])("%s: %o", async (method, options, said) => {
    expect(await saidEverywhere(method, options)).toBe(`${method}: ${said}`);
  });

  test("a call that has no time left is late, which is not a wrong option", async () => {
    for (const { dict } of Object.values(worlds)) {
      for (const timeoutMs of [0, -1])
        await expect(dict.get("key", 1, { timeoutMs })).rejects.toMatchObject({ code: "deadline_exceeded" });
      expect(await dict.get("key", 1, { timeoutMs: Number.POSITIVE_INFINITY })).toBe("value");
    }
  });
});

test("options that are right are taken: undefined ones, an instance of a class, an object without prototype", async () => {
  class Options {
    readonly timeoutMs = 5000;
  }
  const bare: object = Object.assign(Object.create(null), { signal: new AbortController().signal });
  const inherited: object = Object.create({ timeoutMs: 5000 });
  for (const { dict } of Object.values(worlds)) {
    for (const options of [{}, { signal: undefined, timeoutMs: undefined }, new Options(), bare, inherited])
      expect(await dict.get("key", 1, options)).toBe("value");
  }
});

test("nothing was changed by any of these", async () => {
  for (const { client, dict } of Object.values(worlds)) {
    expect(await dict.get("key")).toBe("value");
    expect((await Dict.objects.list({ client })).map(({ name }) => name)).toEqual(["d"]);
  }
});
