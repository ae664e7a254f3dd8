// A process with one peer in it, which does what peers.mjs tells it: so that no peer's memory, threads or background
// work is there while another is measured, except what works on in its own process.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { peerOf } from "./peer-list.mjs";
import { keyBytes, keyOf, nextValue, valueBytes } from "./workload.mjs";

const [name, directory, durability, entryCount] = process.argv.slice(2);
const entries = Number(entryCount);
const batchSize = 10_000;
let peer = await open();
let next = 1;

const commands = { load, rate, batch, scan, reopen, memory, steady, clear, close };
process.on("message", async ({ id, command, ...options }) => {
  try {
    process.send({ id, answer: await commands[command](options) });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});
process.send({ ready: true });

function open() {
  return peerOf(name).open({ directory, durability });
}

async function load() {
  const startMs = performance.now();
  for (let start = 0; start < entries; start += batchSize) await peer.update(batchFrom(start));
  return entries / ((performance.now() - startMs) / 1000);
}

function batchFrom(start) {
  return Array.from({ length: Math.min(batchSize, entries - start) }, (_, index) => ({
    key: keyOf(start + index),
    value: nextValue(),
  }));
}

// Steps through all keys, far apart from each other.
function nextKey() {
  next = (next + 7_368_787) % entries;
  return keyOf(next);
}

const operations = {
  get: async () => {
    const value = await peer.get(nextKey());
    if (value === undefined || value === null) throw new Error("an entry is missing");
  },
  miss: () => peer.get(keyOf(0x80000000 + next++)),
  put: () => peer.put(nextKey(), nextValue()),
  putIfAbsent: () => peer.putIfAbsent(nextKey(), nextValue()),
  popAndPut: async () => {
    const key = nextKey();
    await peer.pop(key);
    await peer.put(key, nextValue());
  },
};

/** Calls a second of so many callers, each with one call at a time. */
async function rate({ operation, callers, warmUpMs, measureMs }) {
  const call = operations[operation];
  const fromMs = performance.now() + warmUpMs;
  const endMs = fromMs + measureMs;
  let calls = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) {
        await call();
        if (nowMs >= fromMs) calls++;
      }
    }),
  );
  return calls / ((performance.now() - fromMs) / 1000);
}

/** Milliseconds for an update of 10,000 entries that are there. */
async function batch({ times }) {
  const startMs = performance.now();
  for (let left = times; left > 0; left--) {
    const start = Math.max(0, Math.floor(Math.random() * (entries - batchSize)));
    await peer.update(batchFrom(start));
  }
  return (performance.now() - startMs) / times;
}

async function scan() {
  const startMs = performance.now();
  const count = await peer.scan();
  return count / ((performance.now() - startMs) / 1000);
}

async function reopen() {
  await peer.close();
  const startMs = performance.now();
  peer = await open();
  return performance.now() - startMs;
}

/** Resident bytes of the peer's processes together, and bytes on disk. */
function memory() {
  globalThis.gc?.();
  return { rssBytes: pids().reduce((sum, pid) => sum + rssBytes(pid), 0), diskBytes: diskBytes(directory) };
}

/**
 * Puts over all keys for so long, and what that does besides: how late the event loop comes, how many bytes go to disk
 * for each byte that was written, how much disk is taken.
 */
async function steady({ callers, seconds }) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const writtenBefore = writtenBytes();
  const compactedBefore = peer.compactedSegments?.();
  delay.enable();
  let puts = 0;
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (; performance.now() < endMs; puts++) await peer.put(nextKey(), nextValue());
    }),
  );
  delay.disable();
  // The histogram holds intervals, of which one millisecond is the timer's own.
  const lateMs = (percentile) => Math.max(0, delay.percentile(percentile) / 1e6 - 1);
  return {
    putsPerSecond: puts / ((performance.now() - startMs) / 1000),
    writeAmplification: (writtenBytes() - writtenBefore) / (puts * (keyBytes + valueBytes)),
    diskPerLive: diskBytes(directory) / (entries * (keyBytes + valueBytes)),
    compacted: compactedBefore === undefined ? undefined : peer.compactedSegments() - compactedBefore,
    delayMs: { p50: lateMs(50), p99: lateMs(99), "p99.9": lateMs(99.9), max: delay.max / 1e6 - 1 },
  };
}

/** Milliseconds until `clear` answers. */
async function clear() {
  if (peer.clear === undefined) return undefined;
  const startMs = performance.now();
  await peer.clear();
  return performance.now() - startMs;
}

async function close() {
  await peer.close();
  setImmediate(() => process.disconnect());
}

function pids() {
  return [process.pid, peer.serverPid].filter((pid) => pid !== undefined);
}

function rssBytes(pid) {
  return (
    1024 * Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN)
  );
}

function writtenBytes() {
  const bytes = (pid) => Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
  return bytes(peer.serverPid ?? process.pid);
}

function diskBytes(path) {
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const below = join(path, entry.name);
    // Files come and go while this looks.
    if (entry.isDirectory()) return sum + diskBytes(below);
    return sum + 512 * (statSync(below, { throwIfNoEntry: false })?.blocks ?? 0);
  }, 0);
}
