// A leaderboard: scores that many processes add to, and the best of one game found by the beginning of the key.
//
// Run it as often as you like, against a server (`npm start`), after pasting the lines that the server prints. Each run adds
// some points, and shows the best players of one game:
//
//     node examples/run.mjs leaderboard chess
//
// A key is a tuple of game and player. The server compares the beginning of its keys and sends only those of the game. Pages
// come in an order that means nothing, so that the best are known when the last page was read; memory holds only them.

import { type Cursor, Dict } from "everdict";

const scores = Dict.fromName<readonly [game: string, player: string], number>("scores", {
  createIfMissing: true,
});
const game = process.argv[2] ?? "chess";

// Additions of any number of processes come together: none is lost.
for (const [player, points] of [
  ["ann", 5],
  ["bob", 3],
  ["cem", 8],
  ["dora", 1],
] as const) {
  await scores.increment([game, player], points);
  await scores.increment(["another game", player], 100);
}

type Place = readonly [player: string, score: number];

/** The players of a game with the most points, the best first. */
async function best(places: number): Promise<readonly Place[]> {
  let top: readonly Place[] = [];
  let after: Cursor | undefined;
  do {
    const { entries, next } = await scores.page({ prefix: [game], limit: 100, after });
    const found = entries.map(([[, player], score]): Place => [player, score]);
    top = [...top, ...found].sort(([, left], [, right]) => right - left).slice(0, places);
    after = next;
  } while (after !== undefined);
  return top;
}

for (const [index, [player, score]] of (await best(3)).entries())
  console.log(`${index + 1}. ${player}: ${score}`);
