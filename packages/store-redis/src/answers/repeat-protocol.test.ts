// Idempotency keys on paper: every interleaving of two callers who pop and put one key, with replies lost, attempts
// that arrive late, and one failover that takes back a suffix of what the master did and had not replicated.
//
// The model is what the scripts do (entry-scripts.ts) and when the router repeats and gives up (router.ts), reduced to
// one key. What must hold: a value is handed to at most one caller, as long as its effect was on a replica when the
// caller was told (profile `replicated`). With records that a failover does not take back together with their effect,
// or with no records at all, it must not hold, or the model would prove nothing.
import { expect, test } from "vitest";

/** A server's state: the entry, and the answers recorded by idempotency key. Both replicate as one. */
interface State {
  readonly value: string | undefined;
  readonly remembered: Readonly<Record<string, string>>;
}

interface Attempt {
  readonly idempotencyKey: string;
  readonly put: string | undefined;
}

interface World {
  /** States of the master since the one that its replica has, which is the first. The last is the current one. */
  readonly log: readonly State[];
  /** Attempts on their way to the server; any of them may be executed next, whatever its age. */
  readonly sent: readonly Attempt[];
  /** What each caller has left to do; the first is under way. */
  readonly plans: readonly (readonly Attempt[])[];
  readonly attemptsLeft: readonly number[];
  readonly failoversLeft: number;
  /** Values that callers were told they popped. */
  readonly received: readonly string[];
  /** Puts that were acknowledged, and not known to be popped. */
  readonly acknowledged: readonly string[];
}

interface Rules {
  readonly remembers: boolean;
  readonly recordsSurvive: boolean;
}

test("no value is handed out twice or lost, in every interleaving", () => {
  const outcome = explore({ remembers: true, recordsSurvive: true });
  expect(outcome.twice).toBe(0);
  expect(outcome.lost).toBe(0);
  expect(outcome.worlds).toBeGreaterThan(1_000);
});

test("control: without recorded answers values vanish", () => {
  expect(explore({ remembers: false, recordsSurvive: true }, true).lost).toBeGreaterThan(0);
});

test("control: with records beside the effects, which a failover does not take back with them, values vanish", () => {
  expect(explore({ remembers: true, recordsSurvive: false }, true).lost).toBeGreaterThan(0);
});

const plans: World["plans"] = [
  [
    { idempotencyKey: "put 1", put: "one" },
    { idempotencyKey: "pop 1", put: undefined },
  ],
  [
    { idempotencyKey: "pop 2", put: undefined },
    { idempotencyKey: "put 2", put: "two" },
  ],
];

/** Goes through all worlds that can be; stops at the first loss if that is all that is asked. */
function explore(rules: Rules, stopAtLoss = false) {
  const seen = new Set<string>();
  const outcome = { worlds: 0, twice: 0, lost: 0 };
  const open: World[] = [
    {
      log: [{ value: undefined, remembered: {} }],
      sent: [],
      plans,
      attemptsLeft: [2, 2],
      failoversLeft: 1,
      received: [],
      acknowledged: [],
    },
  ];
  for (let world = open.pop(); world !== undefined; world = open.pop()) {
    const name = JSON.stringify(world);
    if (seen.has(name)) continue;
    seen.add(name);
    outcome.worlds++;
    if (new Set(world.received).size < world.received.length) outcome.twice++;
    const next = steps(world, rules);
    if (next.length === 0 && isLost(world)) outcome.lost++;
    if (stopAtLoss && outcome.lost > 0) break;
    open.push(...next);
  }
  return outcome;
}

/** At the end: was a put acknowledged whose value nobody received and that is not there either? */
function isLost({ log, acknowledged, received, plans: left }: World): boolean {
  // A caller whose pop has no answer may have popped it: the outcome was told to be unknown.
  if (left.some((plan) => plan.length > 0)) return false;
  const value = log.at(-1)!.value;
  return acknowledged.some((put) => put !== value && !received.includes(put));
}

function steps(world: World, rules: Rules): World[] {
  const next: World[] = [];
  for (const [caller, plan] of world.plans.entries()) {
    const [current] = plan;
    // First attempt, or another one since no reply came: the earlier one may still be on its way.
    if (current === undefined || world.attemptsLeft[caller] === 0) continue;
    next.push({
      ...world,
      sent: [...world.sent, current],
      attemptsLeft: world.attemptsLeft.with(caller, world.attemptsLeft[caller]! - 1),
    });
  }
  for (const [index, attempt] of world.sent.entries()) {
    const sent = world.sent.toSpliced(index, 1);
    const [state, answer] = execute(world.log.at(-1)!, attempt, rules);
    const executed: World = { ...world, sent, log: [...world.log, state] };
    // The reply is lost; or it arrives, once the replica has all of it.
    next.push(executed, told({ ...executed, log: [state] }, attempt, answer));
  }
  if (world.log.length > 1) next.push({ ...world, log: world.log.slice(1) });
  if (world.failoversLeft > 0) next.push(failover(world, rules));
  return next;
}

/** Put if absent, or pop, under an idempotency key. */
function execute(state: State, { idempotencyKey, put }: Attempt, { remembers }: Rules): [State, string] {
  const known = remembers ? state.remembered[idempotencyKey] : undefined;
  if (known !== undefined) return [state, known];
  const answer =
    put === undefined ? (state.value ?? "absent") : state.value === undefined ? "written" : "present";
  const value = put === undefined ? undefined : (state.value ?? put);
  return [{ value, remembered: { ...state.remembered, [idempotencyKey]: answer } }, answer];
}

/** A caller hears the answer to the call it is at; one to an earlier attempt of a finished call goes unheard. */
function told(world: World, { idempotencyKey, put }: Attempt, answer: string): World {
  const caller = world.plans.findIndex(([current]) => current?.idempotencyKey === idempotencyKey);
  if (caller < 0) return world;
  const received = put === undefined && answer !== "absent" ? [...world.received, answer] : world.received;
  const acknowledged = answer === "written" ? [...world.acknowledged, put!] : world.acknowledged;
  return {
    ...world,
    received,
    acknowledged,
    plans: world.plans.with(caller, world.plans[caller]!.slice(1)),
    attemptsLeft: world.attemptsLeft.with(caller, 2),
  };
}

/** A replica takes over with what it has. */
function failover(world: World, { recordsSurvive }: Rules): World {
  const current = world.log[0]!;
  // The control: a table of records of its own, which has everything.
  const remembered = recordsSurvive ? current.remembered : world.log.at(-1)!.remembered;
  return { ...world, log: [{ ...current, remembered }], failoversLeft: 0 };
}
