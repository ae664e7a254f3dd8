import { entry, numberedEntries } from "./bytes.ts";
import type { DictHandle } from "./dict-handle.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

/** A way in which a dictionary came to be live and empty. */
export interface DictState {
  readonly title: string;
  readonly prepare: (world: World) => Promise<DictHandle>;
}

const states: readonly DictState[] = [
  { title: "a new dictionary", prepare: (world) => world.createDict() },
  { title: "an anonymous dictionary", prepare: (world) => world.createEphemeral(60_000) },
  { title: "a cleared dictionary", prepare: cleared },
  { title: "a dictionary that was popped empty", prepare: poppedEmpty },
  { title: "a dictionary whose entries expired and were swept", prepare: sweptEmpty },
  { title: "a dictionary created again after it was deleted", prepare: createdAgain },
  { title: "a dictionary in a renamed environment", prepare: inRenamedEnvironment },
  { title: "a dictionary among others with the same keys", prepare: amongOthers },
];

/** The states that the store under test can be brought into. */
export function dictStates(suite: Suite): readonly DictState[] {
  const reopened = suite.reopenings.map(({ title, reopen }) => ({
    title: `a dictionary ${title}`,
    prepare: async (world: World) => {
      const dict = await poppedEmpty(world);
      await reopen(world);
      return dict;
    },
  }));
  return [...states, ...reopened];
}

// The keys that the cases use ("a", "b") are among these, so that traces of earlier entries would show.
const former = [...numberedEntries(20), entry("a", "former"), entry("b", "former")];

async function cleared(world: World): Promise<DictHandle> {
  const dict = await world.createDict({ data: former });
  await dict.clear();
  return dict;
}

async function poppedEmpty(world: World): Promise<DictHandle> {
  const dict = await world.createDict({ data: former });
  await Promise.all(former.map(({ key }) => dict.pop(key)));
  return dict;
}

async function sweptEmpty(world: World): Promise<DictHandle> {
  const dict = await world.createDict({ data: former, expiry: { policy: "afterWrite", ttlMs: 1000 } });
  world.advance(1000);
  await world.sweepAll();
  return dict;
}

async function createdAgain(world: World): Promise<DictHandle> {
  const first = await world.createDict({ name: "again", data: former });
  await world.store.deleteDict(first.id);
  return await world.createDict({ name: "again" });
}

async function inRenamedEnvironment(world: World): Promise<DictHandle> {
  const environmentId = await world.createEnvironment("before");
  const dict = await world.createDict({ environmentId });
  await world.store.updateEnvironment(environmentId, { name: "after" });
  return dict;
}

async function amongOthers(world: World): Promise<DictHandle> {
  await world.createDict({ data: former });
  const dict = await world.createDict();
  await world.createDict({ data: former });
  await world.createEphemeral(60_000, { data: former });
  return dict;
}
