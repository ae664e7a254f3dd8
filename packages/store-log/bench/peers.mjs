// The store beside others that keep entries, in interleaved rounds: Everdict, LMDB, LevelDB and Deno KV inside a
// process, Redis behind ioredis. No codec. Prints medians with their spread, and how many times the peer's figure
// Everdict's is. What it does not measure: a real network, values larger than 100 bytes, entries larger than memory.
//
//   node packages/store-log/bench/peers.mjs [--entries 10000,1000000] [--rounds 3] [--measure-ms 1000]
//        [--steady-seconds 5] [--durability sync,everysec] [--peers everdict,redis,…] [--directory DIR]
//        [--json FILE] [--smoke]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PeerProcess } from "./peer-client.mjs";
import { peerNames, peerOf } from "./peer-list.mjs";
import { printTables } from "./peer-tables.mjs";
import { setupPeers } from "./setup-peers.mjs";

const { values: flags } = parseArgs({
  options: {
    entries: { type: "string" },
    rounds: { type: "string" },
    "measure-ms": { type: "string" },
    "steady-seconds": { type: "string" },
    durability: { type: "string", default: "sync,everysec" },
    peers: { type: "string", default: peerNames.join(",") },
    directory: { type: "string", default: tmpdir() },
    json: { type: "string" },
    smoke: { type: "boolean", default: false },
  },
});
const { smoke } = flags;
const rounds = Number(flags.rounds ?? (smoke ? 1 : 3));
const measureMs = Number(flags["measure-ms"] ?? (smoke ? 50 : 1000));
const steadySeconds = Number(flags["steady-seconds"] ?? (smoke ? 0.2 : 5));
const entryCounts = (flags.entries ?? (smoke ? "20000" : "10000,1000000")).split(",").map(Number);

const cases = [
  { name: "get x256", operation: "get", callers: 256 },
  { name: "get x1", operation: "get", callers: 1 },
  { name: "get of nothing x256", operation: "miss", callers: 256 },
  { name: "put x1", operation: "put", callers: 1 },
  { name: "put x256", operation: "put", callers: 256 },
  { name: "put x4096", operation: "put", callers: 4096 },
  { name: "putIfAbsent that loses x256", operation: "putIfAbsent", callers: 256 },
  { name: "pop and put x256", operation: "popAndPut", callers: 256 },
];

setupPeers();
const base = mkdtempSync(join(flags.directory, "everdict-peers-"));
process.on("exit", () => rmSync(base, { recursive: true, force: true }));
const results = [];
for (const durability of flags.durability.split(",")) {
  for (const entries of entryCounts) results.push(await compare(durability, entries));
}
printTables(results);
if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(results, null, 2));

async function compare(durability, entries) {
  const peers = await start(durability, entries);
  const figures = [];
  const note = (what, unit, { name }, value) => figures.push({ what, unit, peer: name, value });
  for (const peer of peers) {
    progress(peer, "load");
    note("load", "entries/s", peer, await peer.ask("load"));
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { name, operation, callers } of cases) {
      for (const peer of turned(peers, round)) {
        progress(peer, `round ${round}, ${name}`);
        const value = await peer.ask("rate", { operation, callers, warmUpMs: measureMs / 4, measureMs });
        note(name, "ops/s", peer, value);
      }
    }
    for (const peer of turned(peers, round)) {
      progress(peer, `round ${round}, update and scan`);
      note("update of 10,000", "ms", peer, await peer.ask("batch", { times: smoke ? 1 : 5 }));
      note("iterate", "entries/s", peer, await peer.ask("scan"));
    }
    for (const peer of turned(peers, round)) {
      progress(peer, `round ${round}, steady load`);
      const seconds = steadySecondsOf(peer);
      noteSteady(peer, note, await peer.ask("steady", { callers: 256, seconds }));
    }
  }
  for (const peer of peers) await finish(peer, note);
  for (const peer of peers) await peer.end();
  return { durability, entries, peers: peers.map(({ name, title }) => ({ name, title })), figures };
}

/** Ours has to compact meanwhile, and what it holds has to become garbage first. */
function steadySecondsOf({ name, entries }) {
  return name.startsWith("everdict") && entries > 100_000 ? 3 * steadySeconds : steadySeconds;
}

/** What a load of puts, long enough for compaction to run, does to the disk and to the event loop. */
function noteSteady(peer, note, steady) {
  note("steady puts x256", "ops/s", peer, steady.putsPerSecond);
  note("write amplification", "x", peer, steady.writeAmplification);
  note("disk, of key and value bytes", "x", peer, steady.diskPerLive);
  for (const [percentile, ms] of Object.entries(steady.delayMs))
    note(`event loop delay ${percentile}`, "ms", peer, ms);
  if (steady.compacted !== undefined) note("segments compacted meanwhile", "", peer, steady.compacted);
}

/** What can be done once. */
async function finish(peer, note) {
  progress(peer, "reopening, clear");
  note("open", "ms", peer, await peer.ask("reopen"));
  const { rssBytes } = await peer.ask("memory");
  note("resident after opening", "MiB", peer, rssBytes / 2 ** 20);
  const clearMs = await peer.ask("clear");
  if (clearMs !== undefined && clearMs !== null) note("clear", "ms", peer, clearMs);
}

async function start(durability, entries) {
  const wanted = flags.peers.split(",").filter((name) => {
    const { entriesMax, durabilities } = peerOf(name);
    return entries <= entriesMax && durabilities.includes(durability);
  });
  const peers = [];
  for (const name of wanted) {
    if (name === "redis" && spawnSync("redis-server", ["--version"]).status !== 0) {
      console.error("Redis is left out, since it is not installed: sudo apt-get install redis-server");
      continue;
    }
    const directory = mkdtempSync(join(base, `${name}-`));
    try {
      const { title } = peerOf(name);
      peers.push(await PeerProcess.start({ name, title, directory, durability, entries }));
    } catch (error) {
      console.error(`${name} is left out: ${error.message}`);
    }
  }
  return peers;
}

// Every second round the other way round, so that nobody always follows the same one.
function turned(peers, round) {
  return round % 2 === 0 ? peers.toReversed() : peers;
}

function progress({ name, durability, entries }, text) {
  if (process.stderr.isTTY)
    process.stderr.write(`\r\x1b[K${durability}, ${entries} entries, ${name}: ${text}`);
}
