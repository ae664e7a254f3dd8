// Gives hostile bytes to the codec, in a process of its own so that memory can be measured, and prints what came of
// it as a line of JSON.
//
//   node hostile-child.mjs CODEC prefixes CORPUS PICKLES
//   node hostile-child.mjs CODEC mutations CORPUS COUNT SEED
//   node hostile-child.mjs CODEC shown CORPUS COUNT SEED
//   node hostile-child.mjs CODEC bomb NAME

import { readFileSync, writeFileSync } from "node:fs";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { seededRandom } from "@everdict/store/seeded-random";
import { bombs } from "./hostile-bombs.mjs";

const [codecUrl, job, ...args] = process.argv.slice(2);
const { decode, encode, disassemble, DeserializationError, SerializationError } = await import(codecUrl);
const shownMax = 5;
const shownBytesMax = 2_000;
const result = {
  inputs: 0,
  values: 0,
  refused: 0,
  unwritable: 0,
  wrong: [],
  slowestMs: 0,
  slowest: "",
  growthMiB: 0,
  inputMiB: 0,
};
const sample = encode({ id: 7, tags: ["a", new Set([1])], at: new Map([[1, 2n]]) });

/** Ends the process, and says by which input, if one of them is not done with in a minute. */
const watch = {
  shown: new Uint8Array(new SharedArrayBuffer(4 + shownBytesMax)),
  look(input) {
    new DataView(this.shown.buffer).setUint32(0, ++this.looks);
    this.shown.fill(0, 4).set(input.subarray(0, shownBytesMax), 4);
  },
  looks: 0,
};
new Worker(
  `const { workerData: shown } = require("node:worker_threads");
  let before = "";
  setInterval(() => {
    const now = Buffer.from(shown).toString("hex");
    if (now !== before) return void (before = now);
    require("node:fs").writeSync(2, "not done with after 30 s: " + now.slice(8) + "\\n");
    process.kill(process.pid, "SIGKILL");
  }, 30_000);`,
  { eval: true, workerData: watch.shown },
).unref();

/** The corpus is a sequence of pickles, each behind its length in four bytes. */
function readCorpus(file) {
  const data = readFileSync(file);
  const pickles = [];
  for (let at = 0; at < data.length; ) {
    const length = data.readUInt32LE(at);
    pickles.push(new Uint8Array(data.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return pickles;
}

function complain(input, what, caught) {
  if (result.wrong.length >= shownMax) return;
  const hex = Buffer.from(input.subarray(0, shownBytesMax)).toString("hex");
  result.wrong.push(`${what}: ${caught instanceof Error ? caught.stack : String(caught)}\ninput: ${hex}`);
}

/** One input: a value or the one error; what is read must be writable, or be refused by the other one error. */
function feed(input, name = "") {
  result.inputs++;
  watch.look(input);
  const value = timed(input, `read ${name}`, () => read(input));
  result.inputMiB = Math.max(result.inputMiB, input.length / 2 ** 20);
  if (job === "bomb") noteGrowth();
  if (value !== undefined) timed(input, `write ${name}`, () => write(input, value));
  if (value !== undefined && job === "shown") timed(input, `show ${name}`, () => show(input, value));
  list(input);
  if (result.inputs % 64 === 1) readSample(input);
}

function timed(input, name, work) {
  const startedAtMs = performance.now();
  const startedUsage = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(startedUsage);
  // Processor time where others wanted the processor, too; the clock's where several threads of this process ran.
  const tookMs = Math.min(performance.now() - startedAtMs, (user + system) / 1_000);
  if (tookMs > result.slowestMs) {
    result.slowestMs = tookMs;
    result.slowest = name + Buffer.from(input.subarray(0, shownBytesMax)).toString("hex");
  }
  return value;
}

function read(input) {
  try {
    const value = decode(input);
    result.values++;
    return value;
  } catch (caught) {
    const isExpected = caught instanceof DeserializationError && caught.code === "deserialization_failed";
    if (isExpected) result.refused++;
    else complain(input, "decode", caught);
    return undefined;
  }
}

/** On the console and as JSON, where bigints, circles and depth throw whatever they are in. */
function show(input, value) {
  try {
    inspect(value);
    JSON.stringify(value);
  } catch (caught) {
    const isOfJson = /BigInt|circular structure|Maximum call stack/.test(String(caught));
    if (!isOfJson) complain(input, "show", caught);
  }
}

function write(input, value) {
  try {
    encode(value);
  } catch (caught) {
    if (caught instanceof SerializationError) result.unwritable++;
    else complain(input, "encode", caught);
  }
}

function list(input) {
  try {
    disassemble(input);
  } catch (caught) {
    complain(input, "disassemble", caught);
  }
}

// The reader is used again right after it has been given this input.
function readSample(input) {
  const value = decode(sample);
  const isIntact =
    value.id === 7 &&
    value.tags[1].has(1) &&
    value.at.get(1) === 2n &&
    Object.keys(value).join() === "id,tags,at";
  if (!isIntact) complain(input, "afterwards", "the next pickle was read wrong");
  if ({}.polluted !== undefined || Object.keys(Object.prototype).length > 0)
    complain(input, "afterwards", "a prototype was changed");
}

function mutate(pickles, random) {
  const input = Buffer.from(pickles[random.integer(pickles.length)]);
  const edits = 1 + random.integer(3);
  let data = input;
  for (let edit = 0; edit < edits && data.length > 0; edit++) data = mutateOnce(data, pickles, random);
  return new Uint8Array(data);
}

const opcodes = [
  ...Buffer.from(
    "0123()lNtuesaabcdgijopqrQPRSTUVXIJKLMFGBCh]}.\x80\x81\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98",
    "latin1",
  ),
];

function mutateOnce(data, pickles, random) {
  const at = random.integer(data.length);
  const end = Math.min(data.length, at + 1 + random.integer(16));
  switch (random.integer(8)) {
    case 0:
      data[at] ^= 1 << random.integer(8);
      return data;
    case 1:
      data[at] = random.integer(256);
      return data;
    case 2:
      data[at] = opcodes[random.integer(opcodes.length)];
      return data;
    case 3:
      return Buffer.concat([
        data.subarray(0, at),
        Buffer.of(opcodes[random.integer(opcodes.length)]),
        data.subarray(at),
      ]);
    case 4:
      return Buffer.concat([data.subarray(0, at), data.subarray(end)]);
    case 5:
      return Buffer.concat([data.subarray(0, end), data.subarray(at)]);
    case 6: {
      const other = pickles[random.integer(pickles.length)];
      return Buffer.concat([data.subarray(0, at), other.subarray(random.integer(other.length))]);
    }
    default:
      // A length or a number that is far too large.
      for (let offset = 0; offset < 4 && at + offset < data.length; offset++)
        data[at + offset] = random.integer(4) === 0 ? 0x7f : 0xff;
      return data;
  }
}

function warmUp(pickles) {
  for (const pickle of pickles.slice(0, 200)) {
    try {
      decode(pickle);
    } catch {}
  }
  decode(sample);
  globalThis.gc?.();
}

/** Forgets how much memory making the input took, where the system can; answers how much there is now. */
function resetPeak() {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
    return process.memoryUsage.rss();
  } catch {
    return peakBytes();
  }
}

function peakBytes() {
  try {
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** What reading makes the process grow by; for bombs without what writing the value takes. */
function noteGrowth() {
  const growth = Math.round((peakBytes() - before) / 2 ** 20);
  if (growth > result.growthMiB) result.growthMiB = growth;
}

const jobs = {
  prefixes(file, count) {
    const pickles = readCorpus(file).slice(0, Number(count));
    warmUp(pickles);
    return () => {
      for (const pickle of pickles) {
        for (let length = 0; length <= pickle.length; length++) feed(pickle.subarray(0, length));
      }
    };
  },
  mutations(file, count, seed) {
    const pickles = readCorpus(file);
    const random = seededRandom(Number(seed));
    warmUp(pickles);
    return () => {
      for (let done = 0; done < Number(count); done++) feed(mutate(pickles, random));
    };
  },
  shown(file, count, seed) {
    return jobs.mutations(file, count, seed);
  },
  bomb(name) {
    const input = new Uint8Array(bombs[name]());
    warmUp([]);
    return () => feed(input, name);
  },
};

const run = jobs[job](...args);
globalThis.gc?.();
const before = resetPeak();
run();
// As JSON, a value takes what its text does.
if (job === "prefixes" || job === "mutations") noteGrowth();
result.slowestMs = Math.round(result.slowestMs * 10) / 10;
readSample(sample);
console.log(JSON.stringify(result));
