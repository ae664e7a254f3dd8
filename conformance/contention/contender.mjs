// One of the processes that want the same lock: connects, then for each key that the parent sends lets its
// callers put at once, and answers which of them were told that they wrote.
import { Client, Dict } from "everdict";

const [connection, dictName, callersText, processName] = process.argv.slice(2);
const client = Client.connect(JSON.parse(connection));
const locks = Dict.fromName(dictName, { client });
await locks.hydrate();

process.on("message", async (key) => {
  const callers = Array.from({ length: Number(callersText) }, (_, index) => `${processName}-${index}`);
  const outcomes = await Promise.all(
    callers.map(async (caller) =>
      (await locks.put(key, caller, { skipIfExists: true })) ? caller : undefined,
    ),
  );
  process.send(outcomes.filter((caller) => caller !== undefined));
});
process.send("ready");
