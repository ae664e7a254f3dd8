// A process that makes tokens: `node token-process.mjs DIRECTORY NAME COUNT`. Prints one JSON line per token.
// It runs the built package, as every process that a test starts.
import { openTokenFile } from "@everdict/server";

const [directory, name, count] = process.argv.slice(2);
const tokens = await openTokenFile(directory);
for (let index = 0; index < Number(count); index++) {
  console.log(JSON.stringify(await tokens.create({ name: `${name}-${index}` })));
}
