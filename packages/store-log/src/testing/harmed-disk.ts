import type { EverdictError } from "@everdict/protocol";
import type { SeededRandom } from "@everdict/testkit";
import { keyText } from "../bytes/key-text.ts";
import { type SalvagedLog, salvageLog } from "../doctor/salvage-log.ts";
import { examineLog, type LogProofs } from "../examine/examine-log.ts";
import { ReadOnlyFile } from "../files/read-only-file.ts";
import { reserveName } from "../files/reserve-file.ts";
import { findHint, hintNumber } from "../segments/hint.ts";
import { readLastSegment } from "../segments/last-segment.ts";
import { segmentName, segmentNumber } from "../segments/segment.ts";
import type { LogStore } from "../store/log-store.ts";
import { noFaults, SimulatedDisk } from "./simulated-disk.ts";

const directory = "/data";

export interface HarmedDiskOptions {
  readonly random: SeededRandom;
  open(disk: SimulatedDisk): Promise<LogStore>;
  readonly nowMs: number;
}

/** Everything in a store, by dictionary and key. */
type Content = ReadonlyMap<string, string>;

/**
 * Takes away bytes that were synced, where a clean stop or a seal promises that they are there, and expects that the
 * store refuses what is left, changes nothing of it, and that salvage saves all but what it says is lost.
 */
export class HarmedDisk {
  readonly #options: HarmedDiskOptions;

  constructor(options: HarmedDiskOptions) {
    this.#options = options;
  }

  /** @param disk - of a store that was closed in order; stays as it is */
  async afterCleanStop(disk: SimulatedDisk): Promise<void> {
    const { content, segments } = await this.#look(disk);
    if (segments.length === 0) return;
    const number = this.#options.random.pick(segments);
    const harmed = await this.#harm(disk, number);
    if (await this.#isListed(disk, number)) await this.#expectRefusal(harmed, number);
    await this.#expectSaved(harmed, content);
    await this.#expectSaved(await this.#scratch(disk, segments), content);
  }

  /** @param disk - of a store that was killed; stays as it is */
  async afterKill(disk: SimulatedDisk): Promise<void> {
    const { segments } = await this.#look(disk);
    const sealed = segments.slice(0, -1);
    if (sealed.length === 0) return;
    const number = this.#options.random.pick(sealed);
    const harmed = await this.#harm(disk, number);
    if (await this.#isListed(disk, number)) await this.#expectRefusal(harmed, number);
  }

  /** Saves a whole log, and opens a store on that. */
  async saved(disk: SimulatedDisk): Promise<LogStore> {
    return this.#options.open((await this.#salvage(disk)).output);
  }

  async #look(disk: SimulatedDisk): Promise<{ content: Content; segments: readonly number[] }> {
    const store = await this.#options.open(disk.crash(noFaults));
    // Those that the store took over. It may have begun another, and one that was only being created it has removed.
    const used = new Set(store.segmentUsage().map(({ number }) => number));
    const found = (await segmentsOf(disk)).map(({ number }) => number);
    const segments = found.filter((number) => used.has(number));
    const content = await contentOf(store);
    await store.close();
    return { content, segments };
  }

  /** A copy of a disk on which a segment is cut, emptied or gone. */
  async #harm(disk: SimulatedDisk, number: number): Promise<SimulatedDisk> {
    const harmed = disk.crash(noFaults);
    const path = `${directory}/${segmentName(number)}`;
    const fate = this.#options.random.next();
    if (fate < 0.3) {
      await harmed.remove(path);
      return harmed;
    }
    const file = await harmed.open(path);
    await file.truncate(fate < 0.4 ? 0 : this.#options.random.integer(await file.size()));
    return harmed;
  }

  /** A copy of a disk on which some segments have bytes that nobody wrote, and some hints may be gone. */
  async #scratch(disk: SimulatedDisk, segments: readonly number[]): Promise<SimulatedDisk> {
    const { random } = this.#options;
    const scratched = disk.crash(noFaults);
    for (let left = 1 + random.integer(3); left > 0; left--) {
      const file = await scratched.open(`${directory}/${segmentName(random.pick(segments))}`);
      const at = random.integer(await file.size());
      const length = random.pick([1, 100, 2000]);
      await file.write([Buffer.alloc(Math.min(length, (await file.size()) - at), random.integer(2))], at);
    }
    for (const name of await scratched.list(directory)) {
      if (hintNumber(name) !== undefined && random.chance(0.2))
        await scratched.remove(`${directory}/${name}`);
    }
    return scratched;
  }

  async #expectRefusal(harmed: SimulatedDisk, number: number): Promise<void> {
    const before = await lengthsOf(harmed);
    const code = await this.#options.open(harmed).then(
      async (store) => {
        await store.close();
        return "none";
      },
      (error: EverdictError) => error.code,
    );
    if (code !== "data_loss")
      throw new Error(`segment ${number} was harmed, and opening gave ${code}: ${before}`);
    const after = await lengthsOf(harmed);
    if (after !== before) throw new Error(`refusing changed ${before} to ${after}`);
  }

  async #expectSaved(harmed: SimulatedDisk, content: Content): Promise<void> {
    const { output, result } = await this.#salvage(harmed);
    const store = await this.#options.open(output);
    const found = await contentOf(store);
    await store.close();
    if (!result.isAllKnown) return;
    const lost = new Set(result.lost.flatMap(({ id, keys }) => keys.map((key) => `${id} ${keyText(key)}`)));
    for (const [key, value] of content) {
      if (found.get(key) !== value && !lost.has(key)) throw new Error("salvage lost an entry in silence");
    }
    for (const key of found.keys())
      if (!content.has(key)) throw new Error("salvage brought an entry back that was gone");
  }

  async #salvage(disk: SimulatedDisk): Promise<{ output: SimulatedDisk; result: SalvagedLog }> {
    const proofs = await proofsOf(disk);
    const segments = await segmentsOf(disk);
    const examination = await examineLog(segments, proofs);
    const output = new SimulatedDisk(this.#options.random);
    const { nowMs } = this.#options;
    const log = { segments, proofs, examination, files: output, directory, nowMs };
    return { output, result: await salvageLog(log) };
  }

  /** Whether the log says that it has a segment. One that was about to go when a process died is missed by nobody. */
  async #isListed(disk: SimulatedDisk, number: number): Promise<boolean> {
    const without = (await segmentsOf(disk)).filter((segment) => segment.number !== number);
    const { missing } = await examineLog(without, await proofsOf(disk));
    return missing.some((each) => each.number === number);
  }
}

async function proofsOf(disk: SimulatedDisk): Promise<LogProofs> {
  const lastSegment = await readLastSegment(disk, directory);
  return { lastSegment, hintOf: (number) => findHint(disk, directory, number) };
}

async function segmentsOf(disk: SimulatedDisk) {
  const names = (await disk.list(directory)).filter((name) => segmentNumber(name) !== undefined).sort();
  return Promise.all(
    names.map(async (name) => {
      const file = await disk.open(`${directory}/${name}`);
      const bytes = await file.size();
      return { number: segmentNumber(name)!, file: new ReadOnlyFile(file, 0, bytes), bytes };
    }),
  );
}

/** Every file with its length, but for the one that is there to be cut. */
async function lengthsOf(disk: SimulatedDisk): Promise<string> {
  const names = (await disk.list(directory)).filter((name) => name !== reserveName).sort();
  const lengths = names.map(
    async (name) => `${name}: ${await (await disk.open(`${directory}/${name}`)).size()}`,
  );
  return (await Promise.all(lengths)).join(", ");
}

async function contentOf(store: LogStore): Promise<Map<string, string>> {
  const content = new Map<string, string>();
  for (const { id: environmentId } of store.listEnvironments()) {
    for (const { id } of store.listDicts({ environmentId })) {
      for await (const batch of store.contents(id, { keys: true, values: true })) {
        for (const { key, value } of batch) content.set(`${id} ${keyText(key)}`, keyText(value));
      }
    }
  }
  return content;
}
