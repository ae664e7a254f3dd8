/** The recorded answers of the commit script, whose form is told there. */

import type { Changed, CommitOutcome, Refused } from "@everdict/protocol";

const versionBytes = 8;
/** `R`, a letter, an index. */
const refusalHeadBytes = 6;
/** The end of a pointer to a large value, by which it is known. */
const pointerBytes = 26;
const reasons = { c: "condition", n: "not_a_number", o: "out_of_bounds" } as const;

/** What a commit did. */
export interface CommitAnswer {
  readonly outcome: CommitOutcome;
  /** Pointers of large values that it wrote over or removed. */
  readonly retired: readonly Buffer[];
}

/** Reads an answer about so many changes. */
export function readAnswer(answer: Buffer, changes: number): CommitAnswer {
  if (answer[0] === 82) return { outcome: readRefusal(answer), retired: [] };
  const results: Changed[] = [];
  let at = 1;
  while (results.length < changes) {
    const form = answer[at++]! - 48;
    if (form === 0) {
      results.push({ version: undefined });
      continue;
    }
    const version = answer.toString("hex", at, at + versionBytes);
    at += versionBytes;
    if (form === 1) {
      results.push({ version });
      continue;
    }
    const end = at + 2 + answer.readUInt16BE(at);
    results.push({ version, value: Uint8Array.from(answer.subarray(at + 2, end)) });
    at = end;
  }
  const retired: Buffer[] = [];
  for (; at < answer.length; at += pointerBytes) retired.push(answer.subarray(at, at + pointerBytes));
  return { outcome: { committed: true, results }, retired };
}

function readRefusal(answer: Buffer): Refused {
  const hasVersion = answer.length > refusalHeadBytes;
  return {
    committed: false,
    reason: reasons[String.fromCharCode(answer[1]!) as keyof typeof reasons],
    index: answer.readUInt32BE(2),
    found: hasVersion ? answer.toString("hex", refusalHeadBytes) : undefined,
  };
}
