// The damage matrix in docs/backups.md, from what `damage-matrix.mjs` found. `npm run generate` writes it;
// packages/cli/src/commands/damage-matrix.test.ts compares.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const begin = "<!-- damage matrix: made by `npm run generate` from what the program does. Do not edit. -->";
const end = "<!-- end of damage matrix -->";

/** Tries every case. Takes some ten seconds, and the built program. */
export async function damageMatrix() {
  const script = fileURLToPath(new URL("damage-matrix.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { maxBuffer: 1 << 28 });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** The page with its table replaced. */
export function withDamageMatrix(page, cases) {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`the page has no place for the table: ${begin} … ${end}`);
  return `${before}${begin}\n\n${renderDamageMatrix(cases)}\n\n${end}${after}`;
}

/** The table as Markdown: one row for all damages of a file that come to the same. */
export function renderDamageMatrix(cases) {
  const rows = new Map();
  for (const each of cases) {
    const outcome = [doctorText(each), serveText(each.serve), salvageText(each)];
    const key = JSON.stringify([each.state, each.file, ...outcome]);
    const row = rows.get(key) ?? { ...each, damages: [], outcome };
    row.damages.push(each.damage);
    rows.set(key, row);
  }
  const lines = [
    ["after a", "file", "damage", "`doctor`", "`serve`", "`doctor --salvage` saves"],
    Array(6).fill("---"),
    ...[...rows.values()].map(({ state, file, damages, outcome }) => [
      state,
      file,
      damages.join(", "),
      ...outcome,
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function doctorText({ doctor: { status, report } }) {
  return `${status}: ${finding(report)}`;
}

function finding({ segments, missing, files, end_proven: isEndProven }) {
  const damage = segments.flatMap((segment) => segment.damage);
  if (damage.some(({ mendable }) => !mendable)) return "segment and bytes";
  if (missing.length > 0) return "the missing segment";
  if (damage.length > 0) return "the header; nothing is lost";
  if (files.some(({ damaged }) => damaged)) return "the file";
  const unfinished = segments.some(({ unfinished_bytes: bytes }) => bytes > 0);
  if (!isEndProven) return `the last writes may be missing${unfinished ? "; the bytes not in use" : ""}`;
  if (unfinished) return "whole; the bytes not in use";
  return files.some(({ state }) => state.includes("not needed")) ? "whole; the file is not needed" : "whole";
}

function serveText({ refusal, refused, gone, warnings, madeToken }) {
  if (refusal !== undefined) return "refuses";
  if (refused > 0) return "starts; refuses what is damaged when it is read";
  if (gone > 0) return "starts without the last writes";
  if (warnings > 0) return "starts, warns, mends";
  return madeToken ? "starts, makes a first token" : "starts";
}

function salvageText({ saved, salvage }) {
  if (saved.gone > 0) return salvage.status === 0 ? "all but the last writes" : "all but what it lists";
  return saved.isTokenValid ? "everything" : "everything but the tokens, which it says";
}
