import { expect, test } from "vitest";
import { figuresOf, type PeerResult } from "./store-peers.ts";

function resultOf(values: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>): PeerResult {
  const figures = Object.entries(values).flatMap(([what, byPeer]) =>
    Object.entries(byPeer).flatMap(([peer, all]) => all.map((value) => ({ what, unit: "", peer, value }))),
  );
  const peers = ["everdict", "everdict-log", "lmdb"].map((name) => ({ name, title: name.toUpperCase() }));
  return { durability: "sync", entries: 1000, peers, figures };
}

test("ratios are taken round by round, a round in which a peer did nothing left out", () => {
  const { figures } = figuresOf([resultOf({ "put x256": { everdict: [400, 40, 7], lmdb: [100, 10, 0] } })]);
  expect(figures).toEqual([
    {
      id: "store sync 1000 put x256 ratio lmdb",
      title: "1,000 entries, sync: put x256, against LMDB",
      unit: "x",
      values: [4, 4],
    },
  ]);
});

test("what a steady load did is told of rounds in which compaction ran, and how many were compacted of all", () => {
  const { figures, notes } = figuresOf([
    resultOf({
      "event loop delay p99.9": { everdict: [1, 8, 9], "everdict-log": [3, 3, 3] },
      "segments compacted meanwhile": { everdict: [0, 2, 5], "everdict-log": [0, 0, 0] },
    }),
  ]);
  expect(figures.map(({ id, values }) => [id, values])).toEqual([
    ["store sync 1000 event loop delay p99.9 everdict", [8, 9]],
  ]);
  expect(notes).toEqual([
    "1,000 entries, sync: beside LMDB (what else is missing does not install here, or takes no such part); " +
      "segments compacted under steady load, round by round: 0, 2, 5.",
  ]);
});
