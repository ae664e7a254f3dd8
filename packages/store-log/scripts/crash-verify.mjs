// Whether what is found after a crash may be there.
import {
  clientCount,
  emptyState,
  entryValue,
  environmentId,
  isBalanced,
  keyOf,
  ownDictName,
  Replay,
  sharedDictId,
  textOf,
  transferAnswer,
  transferRequest,
  valueText,
} from "./crash-model.mjs";

/** Everything in the store, by client. */
export async function readAll(store) {
  const states = Array.from({ length: clientCount }, emptyState);
  const read = async (dictId, take) => {
    for await (const batch of store.contents(dictId, { keys: true, values: true })) {
      for (const { key, value } of batch) take(Buffer.from(key).toString(), textOf(Buffer.from(key), value));
    }
  };
  if (store.getDict(sharedDictId) !== undefined) {
    await read(sharedDictId, (key, value) => states[Number(key.split("-")[1])].shared.set(key, value));
  }
  for (const [client, state] of states.entries()) {
    const dict = store.findDict(environmentId, ownDictName(client));
    if (dict === undefined) continue;
    state.own = new Map();
    await read(dict.id, (key, value) => state.own.set(key, value));
    const len = store.len(dict.id);
    if (len !== state.own.size)
      throw new Error(`${dict.id} has len ${len}, but ${state.own.size} entries were found`);
  }
  for (const [client, { shared, own }] of states.entries()) {
    if (!isBalanced(shared) || !isBalanced(own ?? []))
      throw new Error(`client ${client}: a transfer was done by halves`);
  }
  return states;
}

/**
 * Whatever their durability: a killed process leaves what it wrote in the page cache, and a promise resolves no sooner.
 * Checks every client, that what is left of all of them is the beginning of what was done, and the answers to
 * repeated calls. Answers the clients' states from here on. @throws if something is wrong
 */
export async function verifyClients({ store, lines, before, found, totals }) {
  const operations = operationsByClient(lines);
  const outcomes = before.map((state, client) =>
    replay({ client, state, found: found[client], operations: operations[client], totals }),
  );
  requireCommonCut(outcomes);
  for (const [client, outcome] of outcomes.entries()) await repeatTokens(store, client, outcome, totals);
  return await readAll(store);
}

/** The journal by client: each operation with the places of its begin and its end, if it was answered. */
function operationsByClient(lines) {
  const operations = Array.from({ length: clientCount }, () => []);
  for (const [place, line] of lines.entries()) {
    if (line.begin !== undefined) operations[line.client].push({ ...line.begin, beganAt: place });
    else if (line.client !== undefined) {
      // An answer `undefined` is not written down.
      Object.assign(operations[line.client].at(-1), { endedAt: place, answer: line.end });
    }
  }
  return operations;
}

/** Does a client's operations again, and finds the states on the way that are what was found. */
function replay({ client, state, found, operations, totals }) {
  const current = new Replay(state, found);
  let matches = current.isAsFound ? [0] : [];
  // So many operations must be there.
  let least = 0;
  for (const [index, operation] of operations.entries()) {
    const changesBefore = current.changes;
    const answer = current.apply(client, operation);
    if (operation.endedAt !== undefined && JSON.stringify(answer) !== JSON.stringify(operation.answer)) {
      throw new Error(
        `client ${client}: ${JSON.stringify(operation)} should have been answered ${JSON.stringify(answer)}`,
      );
    }
    // An answer that changes nothing promises nothing of what others were doing.
    const isChange = current.changes > changesBefore;
    if (isChange && operation.endedAt !== undefined) {
      least = index + 1;
      matches = [];
    }
    if (current.isAsFound) matches.push(index + 1);
  }
  if (matches.length === 0) {
    const wanted = new Replay(state, found);
    for (const operation of operations.slice(0, least)) wanted.apply(client, operation);
    throw new Error(
      `client ${client}: ${least} of ${operations.length} operations must be there, the last of all is ` +
        `${JSON.stringify(operations.at(-1))}; after those that must be there:\n${wanted.describe()}`,
    );
  }
  count(operations, matches.at(-1), totals);
  return { operations, matches };
}

/** A dictionary itself comes and goes as durably as the store can. */
function isOfRegistry({ do: what }) {
  return what === "create" || what === "delete";
}

function count(operations, match, totals) {
  const underWay = operations.at(-1)?.endedAt === undefined ? operations.at(-1) : undefined;
  totals.acknowledged += operations.length - (underWay === undefined ? 0 : 1);
  if (underWay !== undefined) totals.underWay++;
  if (underWay !== undefined && match === operations.length) totals.appliedUnderWay++;
}

/**
 * What a crash takes back is the end of what was under way. So there is a place in the journal such that everything
 * begun before it is there and nothing else. When a dictionary's coming or going is decided is up to the store.
 */
function requireCommonCut(outcomes) {
  let cuts = [{ from: 0, before: Number.POSITIVE_INFINITY }];
  for (const { operations, matches } of outcomes) {
    const own = matches.map((match) => {
      const after = operations[match];
      const before = isOfRegistry(after ?? {}) ? after.endedAt : after?.beganAt;
      return { from: operations[match - 1]?.beganAt ?? 0, before: before ?? Number.POSITIVE_INFINITY };
    });
    cuts = cuts
      .flatMap((cut) =>
        own.map(({ from, before }) => ({
          from: Math.max(cut.from, from),
          before: Math.min(cut.before, before),
        })),
      )
      .filter(({ from, before }) => from < before);
    cuts = cuts.slice(0, 1000);
  }
  if (cuts.length === 0)
    throw new Error("what is left is not the beginning of what was done: clients disagree");
}

/**
 * An idempotency key is scoped by its dictionary, so only those of the shared one, which stays, can be repeated: the last
 * that certainly happened, and the one under way, which is answered the same whether it had happened or not.
 */
async function repeatTokens(store, client, { operations, matches }, totals) {
  const isCertain = matches.length === 1;
  const last = operations
    .slice(0, matches[0])
    .findLast(({ idempotencyKey, shared }) => idempotencyKey !== undefined && shared);
  if (last !== undefined && last.endedAt !== undefined) {
    totals.callsRepeated++;
    await repeat(store, client, last, last.answer);
  }
  const next = operations[matches[0]];
  if (!isCertain || next?.endedAt !== undefined || next?.idempotencyKey === undefined || !next.shared) return;
  totals.callsRepeated++;
  const first = await repeat(store, client, next);
  await repeat(store, client, next, first);
}

async function repeat(store, client, operation, expected) {
  const answer = await callAgain(store, client, operation);
  if (expected !== undefined && JSON.stringify(answer) !== JSON.stringify(expected))
    throw new Error(`client ${client}: a repeated ${operation.do} answered ${answer}, not ${expected}`);
  return answer;
}

async function callAgain(store, client, operation) {
  const key = keyOf(client, operation.index);
  const { idempotencyKey, value } = operation;
  switch (operation.do) {
    case "transfer":
      return transferAnswer(
        await store.commit(sharedDictId, transferRequest(client, operation), { idempotencyKey }),
      );
    case "pop":
      return valueText(await store.pop(sharedDictId, key, { idempotencyKey }));
    default:
      return await store.putIfAbsent(sharedDictId, key, entryValue(value, operation.index), {
        idempotencyKey,
      });
  }
}
