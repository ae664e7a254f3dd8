/** How much the chaos tests do: a short form in CI, a long one by `npm run chaos -- ROUNDS`. */

const rounds = Number(process.env.EVERDICT_CHAOS_ROUNDS ?? 1);
const isLong = rounds > 1;
// Decides who has the bad time, and at which moment; the title of every round has it.
const firstSeed = Number(process.env.EVERDICT_CHAOS_SEED ?? Date.now() % 1_000_000);

/** The sizes in force. */
export const chaos = {
  seeds: Array.from({ length: rounds }, (_, round) => firstSeed + round),
  isLong,
  /** How long there is load before and after a fault. */
  loadMs: isLong ? 3_000 : 500,
  /** Keys that are put and popped through failovers, and how many of those there are. */
  popped: isLong ? 30_000 : 3_000,
  /** Commits that are made through failovers, at least. */
  commits: isLong ? 30_000 : 3_000,
  failovers: isLong ? 3 : 1,
  /** Slots that move as an operator moves them; 0: only the dictionary's own. */
  slotsMoved: isLong ? 3_000 : 0,
} as const;

/** What keeps the promises, and what does not: for the controls. */
export const safe = { profile: "replicated" } as const;
export const unsafe = { profile: "fast", allowUnsafe: true } as const;
