// A server in a process of its own that measures how long its event loop is held, and does what its parent asks by IPC.
// Its parts are those of `everdict serve`; its clock can be moved, and it sweeps only when asked to.
//
//   fork("loop-server.mjs", [DIRECTORY])     without a directory it keeps everything in memory
import { openMemoryEngine } from "@everdict/embedded";
import { openLogEngine } from "@everdict/embedded/log";
import { startServer } from "@everdict/server";
import { loopMeter } from "./loop-meter.mjs";

const caller = { id: "loop", name: "loop" };
const meter = loopMeter();
let aheadMs = 0;
const [, , directory] = process.argv;
const options = { clock: () => Date.now() + aheadMs, sweepIntervalMs: 0 };
const engine = await (directory === undefined
  ? openMemoryEngine(options)
  : openLogEngine({ ...options, directory, log: { valueCacheMaxBytes: 0 } }));
const server = await startServer({
  engine,
  authenticator: {
    authenticate: () => caller,
    isCurrent: () => true,
    describe: (tokenId) => ({ tokenId, name: tokenId, createdAtSeconds: 0 }),
  },
  port: 0,
});

const commands = {
  /** The longest hold since the last time, in milliseconds. */
  take: () => meter.take(),
  /** Moves the clock ahead. */
  advance: (ms) => {
    aheadMs += ms;
  },
  sweep: () => engine.sweep(),
  backup: (file) => engine.backup(file),
};

process.on("message", async ({ id, command, argument }) => {
  try {
    process.send({ id, result: await commands[command](argument) });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
});
process.on("disconnect", () => process.exit());
process.send({ url: server.url });
