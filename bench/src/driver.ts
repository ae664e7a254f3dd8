// The client's half of a measurement, in a process of its own: opens one client and runs loops on it when asked.
import type { DictClient } from "./clients/dict-client.ts";
import { openClient } from "./clients/open-client.ts";
import { closedLoop } from "./measure/closed-loop.ts";
import { iterate } from "./measure/iterate.ts";
import { openLoop } from "./measure/open-loop.ts";
import type { Sample } from "./measure/sample.ts";
import type { DriverReply, DriverRequest, OpenResult } from "./processes/driver-messages.ts";
import { entries, type ValueSize, type Workload, workload } from "./workload.ts";

const defaultBatchSize = 500;
const addedTogether: Readonly<Record<ValueSize, number>> = { "100 B": 5000, "10 KiB": 100 };
/** What one `getMany` reads. */
const keysTogether = 100;
let client: DictClient;
let serverPid: number | undefined;
const workloads = new Map<ValueSize, Workload>();
/** Fresh keys: those below `popped` are gone again, those from there to `fresh` are there. */
let fresh = 0;
let popped = 0;

async function answer(request: DriverRequest): Promise<unknown> {
  switch (request.do) {
    case "open":
      client = await openClient(request.client);
      serverPid = request.serverPid;
      return {
        updateWays: Object.keys(client.updates),
        iterates: client.iteration !== undefined,
        modifies: client.modify !== undefined,
      } satisfies OpenResult;
    case "fill":
      return fill(request);
    case "closedLoop":
      return runClosedLoop(request);
    case "openLoop": {
      const { key, value } = load("100 B");
      const operation =
        request.operation === "get"
          ? (sequence: number) => client.get(key(sequence))
          : (sequence: number) => client.put(key(sequence), value(sequence));
      return openLoop(operation, { ...request, serverPid });
    }
    case "update":
      return runUpdate(request);
    case "addEntries":
      for (const batch of entries(request.size, request.count, addedTogether[request.size]))
        await client.iteration?.(request.size).add(batch);
      return undefined;
    case "iterate":
      return iterate(client.iteration?.(request.size), request.raw, serverPid);
    case "clear": {
      const startMs = performance.now();
      await client.clear?.();
      return performance.now() - startMs;
    }
    case "close":
      return client?.close();
  }
}

function load(size: ValueSize): Workload {
  const found = workloads.get(size);
  if (found === undefined) throw new Error(`nothing was filled with values of ${size}`);
  return found;
}

async function fill(request: DriverRequest & { do: "fill" }): Promise<void> {
  const { size, keyCount, batchSize = defaultBatchSize } = request;
  const filled = workload(keyCount, size);
  workloads.set(size, filled);
  const update = Object.values(client.updates)[0]!;
  for (const batch of filled.fill(batchSize)) await update(batch);
}

async function runClosedLoop(request: DriverRequest & { do: "closedLoop" }): Promise<Sample> {
  const { key, value, freshKey } = load(request.size);
  const { operation } = request;
  const options = { ...request, serverPid };
  switch (operation) {
    case "get":
      return (await closedLoop((at) => client.get(key(at)), { ...options, mustAnswer: true })).sample;
    case "put":
      return (await closedLoop((at) => client.put(key(at), value(at)), options)).sample;
    case "len": {
      const { len } = client;
      if (len === undefined) throw new Error("this client has no len");
      return (await closedLoop(len, options)).sample;
    }
    case "increment":
    case "increment one":
    case "transfer":
    case "getMany":
    case "modify":
    case "modify one":
      return (await closedLoop(atomicOperation(operation, load(request.size)), options)).sample;
    case "putIfAbsent": {
      const from = fresh;
      const run = await closedLoop((at) => client.putIfAbsent(freshKey(from + at), value(at)), options);
      fresh = from + run.issued;
      return run.sample;
    }
    case "pop":
    case "remove": {
      const from = popped;
      popped = fresh;
      const operationsMax = fresh - from;
      const popping = { ...options, mustAnswer: true, operationsMax, measureMs: Number.POSITIVE_INFINITY };
      return (await closedLoop((at) => client[operation](freshKey(from + at)), popping)).sample;
    }
  }
}

function atomicOperation(
  operation: "increment" | "increment one" | "transfer" | "getMany" | "modify" | "modify one",
  { key, value }: Workload,
): (sequence: number) => Promise<unknown> {
  const { modify } = client;
  switch (operation) {
    case "increment":
      return (at) => client.increment(key(at));
    case "increment one":
      return () => client.increment(key(0));
    case "transfer":
      return (at) => client.transfer(key(at), key(at + 1));
    case "getMany":
      return (at) => client.getMany(Array.from({ length: keysTogether }, (_, index) => key(at + index)));
    default: {
      if (modify === undefined) throw new Error("this client has no modify");
      return operation === "modify" ? (at) => modify(key(at), value(at)) : (at) => modify(key(0), value(at));
    }
  }
}

/** Updates one after the other; counted in entries. */
async function runUpdate(request: DriverRequest & { do: "update" }): Promise<Sample> {
  const update = client.updates[request.way]!;
  const batches = [...entries(request.size, request.entries * 4, request.entries)];
  const keys = batches.map((batch) => batch.map(([key]) => key));
  // The same keys with other values each time: after the first round every update overwrites.
  const operation = (sequence: number): Promise<unknown> => {
    const from = batches[(sequence + Math.floor(sequence / batches.length)) % batches.length]!;
    const to = keys[sequence % keys.length]!;
    return update(to.map((key, index) => [key, from[index]![1]]));
  };
  const { sample } = await closedLoop(operation, { ...request, outstanding: 1, serverPid });
  return {
    ...sample,
    perSecond: sample.perSecond * request.entries,
    clientCpuUs: sample.clientCpuUs / request.entries,
    serverCpuUs: sample.serverCpuUs === undefined ? undefined : sample.serverCpuUs / request.entries,
  };
}

process.on("message", (request: DriverRequest) => {
  answer(request).then(
    (ok) => {
      process.send?.({ ok } satisfies DriverReply);
      if (request.do === "close") process.disconnect();
    },
    (error: unknown) =>
      process.send?.({ error: String((error as Error)?.stack ?? error) } satisfies DriverReply),
  );
});
