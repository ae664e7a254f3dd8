// The checks in a runtime that reads `node_modules`. What it is told comes as JSON; what it found goes to standard output.
import * as everdict from "everdict";
import { runOperations } from "./operations.mjs";

const ways = JSON.parse(process.argv[2]);
const found = await runOperations(everdict, ways);

// A client that is used and not closed: it must not keep the process alive.
const left = everdict.Client.connect(Object.values(ways)[0]);
const dict = everdict.Dict.fromName("left-open", { client: left, createIfMissing: true });
await dict.put("a", 1);
console.log(JSON.stringify({ ...found, left: await dict.get("a") }));
