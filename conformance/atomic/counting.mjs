// One of the processes that count: adds 1 to one number as often as it is told, by some callers at once. What it is
// told: how to connect, the dictionary, how many increments in all, how many callers.
import { Client, Dict } from "everdict";

const [connection, dictName, countText, callersText] = process.argv.slice(2);
const client = Client.connect({ ...JSON.parse(connection), timeoutMs: 120_000 });
const counters = Dict.fromName(dictName, { client });
let left = Number(countText);

async function count() {
  while (left > 0) {
    left--;
    await counters.increment("count");
  }
}

process.send("ready");
await Promise.all(Array.from({ length: Number(callersText) }, count));
await client.close();
process.send("done");
process.disconnect();
