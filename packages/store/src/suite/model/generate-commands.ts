/**
 * Random commands for a model run, in the manner of swarm testing: each run leaves some kinds of command out
 * altogether and skews the rest, so that runs differ in character and not only in detail.
 */

import { idempotencyRetentionMs } from "@everdict/protocol";
import {
  type ChangeSpec,
  type Command,
  type CommitSpec,
  type ConditionSpec,
  type EntryChange,
  type EntrySpec,
  removals,
  type TtlSpec,
  tickMs,
  type ValueSpec,
} from "./command.ts";
import { SeededRandom } from "./seeded-random.ts";

const environmentPlaces = 3;
const dictPlaces = 4;
const names = 4;
const keys = 12;
const idempotencyKeys = 6;

type Make<Made> = (random: SeededRandom) => Made;

const entryChanges: readonly (readonly [Make<EntryChange>, number])[] = [
  [(random) => ({ do: "update", dict: dict(random), entries: entries(random, 6) }), 24],
  [
    (random) => ({
      do: "putIfAbsent",
      dict: dict(random),
      key: key(random),
      value: value(random),
      idempotencyKey: idempotencyKey(random),
    }),
    20,
  ],
  ...removals.map((removal): [Make<EntryChange>, number] => [
    (random) => ({
      do: removal,
      dict: dict(random),
      key: key(random),
      idempotencyKey: idempotencyKey(random),
    }),
    removal === "pop" ? 14 : 6,
  ]),
  [commit, 30],
  [
    (random) => ({
      do: "removeMany",
      dict: dict(random),
      keys: someKeys(random),
      idempotencyKey: idempotencyKey(random),
    }),
    3,
  ],
  [(random) => ({ do: "clear", dict: dict(random) }), 1],
];

const steps: readonly (readonly [Make<Command>, number])[] = [
  ...entryChanges,
  [together, 10],
  [(random) => ({ do: "get", dict: dict(random), key: key(random) }), 40],
  [(random) => ({ do: "contains", dict: dict(random), key: key(random) }), 30],
  [(random) => ({ do: "entry", dict: dict(random), key: key(random) }), 30],
  [(random) => ({ do: "getMany", dict: dict(random), keys: someKeys(random) }), 10],
  [
    (random) => ({
      do: "pages",
      dict: dict(random),
      limit: 1 + random.integer(6),
      prefix: random.oneIn(2) ? key(random) : undefined,
    }),
    4,
  ],
  [(random) => ({ do: "len", dict: dict(random) }), 20],
  [(random) => ({ do: "contents", dict: dict(random) }), 20],
  [(random) => ({ do: "deleteDict", dict: dict(random) }), 2],
  [(random) => ({ do: "getDict", dict: dict(random) }), 2],
  [(random) => ({ do: "extendDict", dict: dict(random), lifeTicks: 1 + random.integer(9) }), 3],
  [(random) => ({ do: "findDict", environment: environment(random), name: random.integer(names) }), 2],
  [listDicts, 4],
  [
    (random) => ({ do: "createEnvironment", environment: environment(random), name: random.integer(names) }),
    6,
  ],
  [updateEnvironment, 1],
  [(random) => ({ do: "deleteEnvironment", environment: environment(random) }), 1],
  [() => ({ do: "listEnvironments" }), 1],
  [(random) => ({ do: "findEnvironment", name: random.integer(names) }), 1],
  [(random) => ({ do: "advance", ticks: ticks(random) }), 20],
  [() => ({ do: "sweep" }), 8],
  [(random) => ({ do: "rest", turns: 1 + random.integer(30) }), 8],
];

/** Which ways to reopen the store and which policies a run may use, by their places. */
export interface Freedom {
  readonly reopenings: readonly number[];
  readonly policies: readonly number[];
}

/** So many commands, at least four, that depend on the seed only. */
export function generateCommands(seed: number, count: number, freedom: Freedom): Command[] {
  const random = new SeededRandom(seed);
  const swarm = steps.flatMap(([make, weight]): [Make<Command>, number][] =>
    random.oneIn(4) ? [] : [[make, weight * (1 + random.integer(6))]],
  );
  const create = (by: SeededRandom) => createDict(by, freedom.policies);
  // Every run begins with some dictionaries and makes new ones again and again: absence is found out quickly,
  // and most commands should concern what is there.
  const commands: Command[] = [0, 1].flatMap((place) => [
    { do: "createEnvironment", environment: place, name: place },
    { ...create(random), dict: place, environment: place },
  ]);
  swarm.push([create, 20 + random.integer(100)]);
  if (freedom.reopenings.length > 0) {
    swarm.push([(by) => ({ do: "reopen", how: by.pick(freedom.reopenings) }), 1 + random.integer(8)]);
  }
  while (commands.length < count) commands.push(random.weighted(swarm)(random));
  return commands;
}

function environment(random: SeededRandom): number {
  return random.oneIn(6) ? random.integer(environmentPlaces) : 0;
}

function dict(random: SeededRandom): number {
  return random.oneIn(3) ? random.integer(dictPlaces) : 0;
}

// A few keys are met again and again, so that commands concern each other; the rest come now and then.
function key(random: SeededRandom): number {
  return random.integer(random.oneIn(3) ? keys : 3);
}

function idempotencyKey(random: SeededRandom): number | undefined {
  return random.oneIn(3) ? random.integer(idempotencyKeys) : undefined;
}

function ticks(random: SeededRandom): number {
  return random.weighted([
    [1 + random.integer(3), 12],
    [1 + random.integer(9), 6],
    [idempotencyRetentionMs / tickMs + random.integer(3), 1],
  ]);
}

function someKeys(random: SeededRandom): number[] {
  return Array.from({ length: random.integer(5) }, () => key(random));
}

function distinctKeys(random: SeededRandom, maxCount: number): number[] {
  return [...new Set(Array.from({ length: maxCount }, () => key(random)))];
}

function ttl(random: SeededRandom): TtlSpec {
  if (random.oneIn(2)) return undefined;
  return random.oneIn(6) ? null : random.integer(8);
}

/** Mostly of one key, as programs make them. */
function commit(random: SeededRandom): CommitSpec {
  const count = random.oneIn(3) ? 4 : 1;
  const changed = distinctKeys(random, count);
  const isOfOne = count === 1;
  const checked = random.oneIn(3) ? [] : isOfOne ? changed : distinctKeys(random, 3);
  return {
    do: "commit",
    dict: dict(random),
    conditions: checked.map((each) => condition(random, each)),
    changes: random.oneIn(20) ? [] : changed.map((each) => change(random, each)),
    idempotencyKey: idempotencyKey(random),
  };
}

function condition(random: SeededRandom, checked: number): ConditionSpec {
  const expected = random.weighted([
    ["last", 6],
    ["present", 3],
    ["absent", 2],
    ["former", 1],
  ] as const);
  return { key: checked, expected };
}

function change(random: SeededRandom, changed: number): ChangeSpec {
  const make = random.weighted([
    ["put", 6],
    ["add", 6],
    ["remove", 3],
    ["touch", 3],
  ] as const);
  switch (make) {
    case "put":
      return { make, key: changed, value: value(random), ttl: ttl(random) };
    case "add":
      return {
        make,
        key: changed,
        by: random.integer(200) - 50,
        initial: random.oneIn(3) ? random.integer(70_000) : undefined,
        max: random.oneIn(3) ? random.integer(400) : undefined,
        ttl: ttl(random),
      };
    case "remove":
      return { make, key: changed };
    case "touch":
      return { make, key: changed, ttl: ttl(random) };
  }
}

function value(random: SeededRandom): ValueSpec {
  if (random.oneIn(3)) return { number: random.integer(600) - 300 };
  const length = random.weighted([
    [random.integer(40), 20],
    [random.integer(5_000), 3],
    [60_000 + random.integer(20_000), 1],
  ]);
  return { length, seed: random.integer(1_000) };
}

function entries(random: SeededRandom, maxCount: number): EntrySpec[] {
  const count = random.oneIn(10) ? 0 : 1 + random.integer(maxCount);
  return Array.from({ length: count }, () => [key(random), value(random), ttl(random)] as const);
}

/** Clients that do not wait for each other: all on one dictionary, or each where it likes. */
function together(random: SeededRandom): Command {
  const place = random.oneIn(2) ? dict(random) : undefined;
  const count = 2 + random.integer(10);
  const changes = Array.from({ length: count }, () => {
    const change = random.weighted(entryChanges)(random);
    return place === undefined ? change : { ...change, dict: place };
  });
  return { do: "together", changes };
}

function createDict(
  random: SeededRandom,
  allowed: readonly number[],
): Extract<Command, { do: "createDict" }> {
  return {
    do: "createDict",
    dict: dict(random),
    environment: environment(random),
    name: random.oneIn(4) ? undefined : random.integer(names),
    lifeTicks: 1 + random.integer(9),
    policy: random.pick(allowed),
    // Initial content has no times to live.
    data: random.oneIn(2) ? entries(random, 8).map(([at, spec]) => [at, spec] as const) : [],
    idempotencyKey: idempotencyKey(random),
  };
}

function listDicts(random: SeededRandom): Command {
  return {
    do: "listDicts",
    environment: environment(random),
    maxObjects: random.oneIn(2) ? 1 + random.integer(4) : undefined,
    before: random.oneIn(3) ? dict(random) : undefined,
  };
}

function updateEnvironment(random: SeededRandom): Command {
  return {
    do: "updateEnvironment",
    environment: environment(random),
    name: random.oneIn(3) ? undefined : random.integer(names),
    webSuffix: random.oneIn(2) ? undefined : random.integer(5),
  };
}
