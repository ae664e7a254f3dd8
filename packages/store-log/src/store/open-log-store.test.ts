// The contract, on a real disk with default options, and on a simulated one with everything made small: there
// segments are sealed and compacted all the time, values come from the log, and the power can be taken away.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  linearizabilitySuite,
  modelSuite,
  type OpenStoreOptions,
  type SuiteOptions,
  storeSuite,
} from "@everdict/store/suite";
import { seededRandom } from "@everdict/testkit";
import { describe, test } from "vitest";
import { noFaults, SimulatedDisk } from "../testing/simulated-disk.ts";
import { openLogStore } from "./open-log-store.ts";
import type { LogStoreOptions } from "./options.ts";

const small = { segmentMaxBytes: 4096, valueCacheMaxBytes: 0 };
const runner = {
  describe,
  test,
  capabilities: {
    durability: "sync",
    persistent: true,
    atomicUpdate: true,
    commitsAnyKeys: true,
    durableAnswers: true,
  },
} as const;

function onDisk(name: string, options: Partial<LogStoreOptions> = {}): SuiteOptions {
  const open = async (openOptions: OpenStoreOptions) => {
    const directory = await mkdtemp(join(tmpdir(), "everdict-store-log-"));
    const openAgain = () => openLogStore({ directory, ...options, ...openOptions });
    let store = await openAgain();
    const reopen = async () => {
      await store.close();
      store = await openAgain();
      return store;
    };
    const destroy = async () => {
      await store.close();
      await rm(directory, { recursive: true });
    };
    return { store, reopen, destroy };
  };
  return { ...runner, name, open };
}

function simulated(name: string): SuiteOptions {
  const open = async (openOptions: OpenStoreOptions) => {
    const faults = { ...noFaults, fullChance: 0, syncFailureChance: 0 };
    let disk = new SimulatedDisk(seededRandom(1), faults);
    const openAgain = () => openLogStore({ directory: "/data", files: disk, ...small, ...openOptions });
    let store = await openAgain();
    const reopen = async () => {
      await store.close();
      store = await openAgain();
      return store;
    };
    const crash = async () => {
      const abandoned = store;
      disk = disk.crash(faults);
      store = await openAgain();
      // On the disk of its own that it goes on with.
      await abandoned.close();
      return store;
    };
    return { store, reopen, crash, destroy: () => store.close() };
  };
  return { ...runner, name, open, canCrash: true };
}

storeSuite(onDisk("log"));
storeSuite(simulated("log, small, losing power"));
modelSuite({ ...simulated("log, small, losing power"), runs: 60 });
modelSuite({ ...onDisk("log, small", small), runs: 10 });
linearizabilitySuite(onDisk("log"));
linearizabilitySuite({ ...simulated("log, small, losing power"), seed: 101 });
