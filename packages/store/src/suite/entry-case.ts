import type { DictHandle } from "./dict-handle.ts";
import { dictStates } from "./dict-states.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

/** Behaviour of a live, empty dictionary, whatever its past. */
export interface EntryCase {
  readonly title: string;
  readonly run: (dict: DictHandle, world: World) => Promise<void>;
}

/** Runs each case in each state that a dictionary may be in. */
export function entryCases(suite: Suite, operation: string, cases: readonly EntryCase[]): void {
  suite.describe(operation, () => {
    for (const state of dictStates(suite)) {
      suite.describe(`on ${state.title}`, () => {
        for (const { title, run } of cases) {
          suite.test(title, async (world) => await run(await state.prepare(world), world));
        }
      });
    }
  });
}
