// A process that makes a token for every name that it is sent, and answers the id: `fork("token-on-demand.mjs", [DIRECTORY])`.
import { openTokenFile } from "@everdict/server";

const tokens = await openTokenFile(process.argv[2]);
process.on("message", async (name) => {
  process.send(await tokens.create({ name }).then(({ tokenId }) => tokenId, String));
});
process.send("ready");
