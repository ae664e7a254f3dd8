// The mistakes that people make, each made here, with what they then see: a table of docs/errors.md.

/** By what they are about: code that fails, as it may stand in a program. `jobs` is an open dictionary. */
const mistakes = {
  "Options and their values": [
    `await jobs.put("lock", 1, { skipIfExist: true })`,
    `await jobs.put("lock", 1, { skip_if_exists: true })`,
    `await jobs.put("lock", 1, true)`,
    `await jobs.get("next", { timeoutMs: 5000 })`,
    `await jobs.get("next", undefined, { timeout: 5000 })`,
    `await jobs.get("next", undefined, { timeoutMs: "5000" })`,
    `await jobs.len(AbortSignal.timeout(5000))`,
    `await jobs.len({ signal: new AbortController() })`,
    `await jobs.len({ timeoutMs: 0 })`,
    `Dict.fromName("jobs", client)`,
    `Dict.fromName("jobs", { client: "https://dict.example" })`,
    `await Dict.objects.list({ client, maxObjects: -1 })`,
    `Client.connect("memory:")`,
    `Client.connect({ url: new URL("https://dict.example") })`,
    `Client.connect({ url: "memory:", codec: { floats: "Exact" } })`,
  ],
  "Expiry and durability": [
    `Dict.fromName("new", { client, expiry: "never" })`,
    `Dict.fromName("new", { client, expiry: 3_600_000 })`,
    `Dict.fromName("new", { client, expiry: { ttlMs: 3_600_000 } })`,
    `Dict.fromName("new", { client, expiry: { afterUseMs: 3_600_000 } })`,
    `Dict.fromName("new", { client, expiry: { policy: "AfterWrite", ttlMs: 3_600_000 } })`,
    `Dict.fromName("new", { client, expiry: { policy: "afterWrite", ttlMs: 0 } })`,
    `Dict.fromName("new", { client, durability: "everySecond" })`,
    `await Dict.fromName("jobs", { client, expiry: { policy: "never" } }).len()`,
  ],
  "Conditions, counters and reads of many": [
    `await jobs.put("next", 1, { ttl: 60_000 })`,
    `await jobs.put("next", 1, { ttlMs: Number.POSITIVE_INFINITY })`,
    `await jobs.put("next", 1, { ifVersion: (await jobs.entry("absent"))?.version })`,
    `await jobs.put("next", 1, { ifVersion: 7 })`,
    `await jobs.put("next", 1, { skipIfExists: true, onlyIfExists: true })`,
    `await jobs.modify("next", 1)`,
    `await jobs.modify("next", () => {})`,
    `await jobs.increment("next", { by: 1 })`,
    `await jobs.put("word", "5"); await jobs.increment("word")`,
    `await jobs.increment("runs", 1, { max: 0 })`,
    `await jobs.getMany("a")`,
    `await jobs.removeMany({ prefx: "a" })`,
    `await jobs.keys({ prefix: 7 }).next()`,
    `await jobs.page({ limit: 0 })`,
    `await jobs.transaction().check("a", undefined).commit()`,
    `await jobs.transaction().put("a", 1).put("a", 2).commit()`,
  ],
  "Entries, keys and values": [
    `await jobs.update(Promise.resolve({ a: 1 }))`,
    `await jobs.update(["a", 1])`,
    `await jobs.update([["a", 1, 2]])`,
    `await jobs.update("a")`,
    `await jobs.update(() => ({ a: 1 }))`,
    `await jobs.update(new Uint8Array())`,
    `Dict.fromName("new", { client, createIfMissing: true, data: jobs })`,
    `await jobs.put({ id: 7 }, 1)`,
    `await jobs.put(undefined, 1)`,
    `await jobs.put("a", undefined)`,
    `await jobs.put("a", { at: Promise.resolve(1) })`,
    `await jobs.put("a", { done: () => {} })`,
    `await jobs.pop("absent")`,
  ],
  "Names and places": [
    `new Dict("jobs")`,
    `new Client({ url: "memory:" })`,
    `Dict.fromName()`,
    `Dict.fromName("my jobs")`,
    `Dict.fromName("jobs", { client }).objectId`,
    `await Dict.fromName("absent", { client }).len()`,
    `await Client.connect({ url: "localhost:7227" }).service()`,
    `await Client.connect({ url: "file://data" }).service()`,
    `await Client.connect({ url: "https://dict.example", tokenId: "ak-1" }).service()`,
  ],
};

const AsyncFunction = (async () => {}).constructor;

/**
 * The section of docs/errors.md: every mistake is made in memory, and what is thrown is written down.
 *
 * @param everdict the client package.
 */
export async function typicalMistakes({ Client, Dict }) {
  const client = Client.connect({ url: "memory:typical-mistakes" });
  const jobs = Dict.fromName("jobs", { createIfMissing: true, client });
  await jobs.hydrate();
  const sections = [];
  for (const [about, snippets] of Object.entries(mistakes)) {
    const rows = [];
    for (const code of snippets) {
      const error = await thrownBy(new AsyncFunction("Client", "Dict", "client", "jobs", code), [
        Client,
        Dict,
        client,
        jobs,
      ]);
      if (error?.code === undefined) throw new Error(`${code} is no mistake, or not told well: ${error}`);
      rows.push(`| \`${code}\` | \`${error.code}\`: ${cell(error.message)} |`);
    }
    sections.push(`### ${about}\n\n| this | throws |\n| --- | --- |\n${rows.join("\n")}\n`);
  }
  await client.close();
  return `## Typical mistakes\n\nEach was made to write this page; \`jobs\` is an open dictionary.\n\n${sections.join("\n")}`;
}

async function thrownBy(run, given) {
  try {
    await run(...given);
    return undefined;
  } catch (error) {
    return error;
  }
}

function cell(message) {
  return message.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("\n", "<br>");
}
