// The checks in a browser: asks the test's server what to do, and tells it what was found.
import * as everdict from "everdict";
import { runOperations } from "./operations.mjs";

const report = (found) => fetch("/report", { method: "POST", body: JSON.stringify(found) });

async function run() {
  const ways = await (await fetch("/ways")).json();
  await report(await runOperations(everdict, ways));
}

run().catch((error) => report({ checks: 0, failures: [String(error.stack ?? error)] }));
