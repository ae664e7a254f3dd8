import type { Lab, OpenCandidate } from "./lab.ts";
import type { Sample } from "./measure/sample.ts";
import type { Comparison } from "./report/report.ts";
import { relativeSpread } from "./report/statistics.ts";

/** One load, and the comparisons that it fills: one run of it gives one sample for each. */
export interface Cell {
  readonly comparisons: readonly Omit<Comparison, "rows">[];
  /** Which of the candidates can do it. Default: all. */
  readonly suits?: ((candidate: OpenCandidate) => boolean) | undefined;
  run(candidate: OpenCandidate): Promise<readonly Sample[]>;
}

/** How often cells are run. */
export interface Rounds {
  readonly rounds: number;
  /** With a spread over {@link noisySpread} there are further rounds, up to so many. */
  readonly roundsMax: number;
  readonly onProgress: (text: string) => void;
}

/** A candidate whose rates differ by more than this share of their median wants further rounds. */
const noisySpread = 0.25;
/** A run in which others took more than so many cores is made again, so many times. */
const foreignCoresMax = 0.25;
const repeatsMax = 2;

/**
 * Runs each cell in interleaved rounds: every candidate once, then every candidate again, each time beginning with
 * another, so that whatever drifts or disturbs hits all of them alike. Ratios are taken round by round.
 */
export async function interleave(
  lab: Lab,
  open: readonly OpenCandidate[],
  cells: readonly Cell[],
  options: Rounds,
): Promise<Comparison[]> {
  const done: Comparison[] = [];
  for (const [index, cell] of cells.entries()) {
    const suited = open.filter((each) => cell.suits?.(each) ?? true);
    if (suited.length === 0) continue;
    const { title } = cell.comparisons[0]!;
    done.push(
      ...(await runCell(lab, suited, cell, {
        ...options,
        onProgress: (text) => options.onProgress(`${index + 1}/${cells.length} ${title}: ${text}`),
      })),
    );
  }
  return done;
}

async function runCell(
  lab: Lab,
  suited: readonly OpenCandidate[],
  cell: Cell,
  { rounds, roundsMax, onProgress }: Rounds,
): Promise<Comparison[]> {
  const comparisons = cell.comparisons.map((each) => ({
    ...each,
    rows: suited.map(({ candidate: { id, name, promise } }) => ({
      candidate: id,
      name,
      promise,
      samples: [] as Sample[],
    })),
  }));
  for (let round = 0; round < roundsMax; round++) {
    if (round >= rounds && !comparisons.some(isNoisy)) break;
    onProgress(`round ${round + 1}`);
    await lab.tidy();
    for (let step = 0; step < suited.length; step++) {
      const at = (round + step) % suited.length;
      const samples = await quietRun(() => cell.run(suited[at]!), rounds > 1 ? repeatsMax : 0);
      samples.forEach((sample, index) => {
        comparisons[index]!.rows[at]!.samples.push(sample);
      });
    }
  }
  return comparisons;
}

function isNoisy({ rows }: Comparison): boolean {
  return rows.some(({ samples }) => relativeSpread(samples.map((each) => each.perSecond)) > noisySpread);
}

/** Runs until nobody else used the machine much, or it has been tried often enough; then the quietest counts. */
async function quietRun(run: () => Promise<readonly Sample[]>, repeats: number): Promise<readonly Sample[]> {
  let quietest = await run();
  for (let repeat = 0; repeat < repeats && foreign(quietest) > foreignCoresMax; repeat++) {
    const again = await run();
    if (foreign(again) < foreign(quietest)) quietest = again;
  }
  return quietest;
}

function foreign(samples: readonly Sample[]): number {
  return Math.max(...samples.map((each) => each.foreignCores ?? 0));
}
