// One of the processes of linearizability.mjs: some callers, each with one call under way at a time. Says when it is
// connected, and writes the history, an operation a line, when it is done.
import { generateInputs, HistoryRecorder, keyOperations, perform } from "@everdict/store/suite";
import { Client, Dict } from "everdict";

const { serverUrl, tokenId, tokenSecret, transport, callers, seconds, seed, index, kill } = JSON.parse(
  process.argv[2],
);
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
// All processes of a machine share this clock.
const recorder = new HistoryRecorder(() => Number(process.hrtime.bigint()));
const endMs = performance.now() + seconds * 1000;

await Promise.all(
  Array.from({ length: callers }, async (_, caller) => {
    const name = `p${index}c${caller}`;
    const inputs = generateInputs({ seed, client: name, keys: 4, isWhole: true, isRepeatable: kill });
    while (performance.now() < endMs) {
      const input = inputs.next().value;
      // What an error means is that the outcome is unknown, and so it is recorded.
      await recorder.record(input, () => perform(texts, input)).catch(() => {});
    }
  }),
);
await client.close();
for (const operation of recorder.operations) console.log(JSON.stringify(operation));
