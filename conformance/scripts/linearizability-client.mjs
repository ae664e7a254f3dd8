// One of the processes of linearizability.mjs: some callers, each with one call under way at a time. Says when it is
// connected, and writes the history, an operation a line, when it is done.
import {
  generateInputs,
  HistoryRecorder,
  KnownVersions,
  keyOperations,
  perform,
} from "@everdict/store/suite";
import { Client, Dict } from "everdict";

const {
  serverUrl,
  tokenId,
  tokenSecret,
  transport,
  processes,
  callers,
  seconds,
  seed,
  index,
  kill,
  commits,
} = JSON.parse(process.argv[2]);
const client = Client.connect({ url: serverUrl, tokenId, tokenSecret, transport });
const dict = Dict.fromName("linearizability", { createIfMissing: true, client });
await dict.hydrate();
console.log("ready");

const texts = {
  ...Object.fromEntries(Object.keys(keyOperations).map((name) => [name, (key) => dict[name](key)])),
  pop: (key) => dict.pop(key, undefined),
  putIfAbsent: (key, value) => dict.put(key, value, { skipIfExists: true }),
  putAll: (entries) => dict.update(entries),
  clear: () => dict.clear(),
  len: () => dict.len(),
};
// With commits values are numbers, which stand in the history as texts.
const decimal = (value) => (value === undefined ? undefined : String(value));
const numbers = {
  ...texts,
  get: async (key) => decimal(await dict.get(key)),
  pop: async (key) => decimal(await dict.pop(key, undefined)),
  putIfAbsent: (key, value) => dict.put(key, Number(value), { skipIfExists: true }),
  putAll: (entries) => dict.update(entries.map(([key, value]) => [key, Number(value)])),
  getMany: async (keys) => (await dict.getMany(keys)).map(decimal),
  entry: async (key) => {
    const found = await dict.entry(key);
    return found && { value: decimal(found.value), version: found.version };
  },
  commit: async (key, { expected, change }) => {
    const transaction = dict.transaction();
    if (expected !== undefined) transaction.check(key, expected);
    if (change.kind === "put") transaction.put(key, Number(change.value));
    else if (change.kind === "add") transaction.increment(key, change.by, { max: change.max });
    else transaction[change.kind](key);
    const result = await transaction.commit();
    if (!result.committed) return { committed: false, reason: result.reason, found: result.found };
    const [{ version, sum }] = result.changes;
    return { committed: true, version, value: decimal(sum) };
  },
};
// All processes of a machine share this clock.
const recorder = new HistoryRecorder(() => Number(process.hrtime.bigint()));
const endMs = performance.now() + seconds * 1000;

await Promise.all(
  Array.from({ length: callers }, async (_, caller) => {
    const name = `p${index}c${caller}`;
    const inputs = generateInputs({
      ...{ seed, client: name, keys: 4, isWhole: !commits, isRepeatable: kill },
      commits: commits ? { client: index * callers + caller, clients: processes * callers } : undefined,
    });
    const versions = new KnownVersions();
    while (performance.now() < endMs) {
      const input = versions.fill(inputs.next().value);
      // What an error means is that the outcome is unknown, and so it is recorded.
      const made = recorder.record(input, () => perform(commits ? numbers : texts, input));
      await made.then((output) => versions.learn(input, output)).catch(() => {});
    }
  }),
);
await client.close();
for (const operation of recorder.operations) console.log(JSON.stringify(operation));
