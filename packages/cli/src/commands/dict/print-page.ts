import type { Entry } from "@everdict/protocol";
import type { CliContext } from "../../cli-context.ts";
import { usageError } from "../../cli-error.ts";
import type { OpenDict } from "../../connection.ts";
import type { KeyFilter } from "../../input/prefix-option.ts";
import { writeOut } from "../../output/write-out.ts";
import { writeTable } from "../../output/write-table.ts";
import { entryHeadings, entryJson, entryRow } from "./shown-entry.ts";

const defaultLimit = 100;

/** Which page to print. */
export interface PageOptions {
  /** Where the page begins. Absent: at the beginning. */
  readonly after?: Uint8Array | undefined;
  /** How many entries it has, unless there are no more. Default: 100. */
  readonly limit?: number | undefined;
}

/** Prints a page of entries, and the cursor of the next one. */
export async function printPage(
  context: CliContext,
  open: OpenDict,
  filter: KeyFilter,
  options: PageOptions,
): Promise<void> {
  const { entries, next } = await readPage(open, filter, options);
  const cursor = next === undefined ? undefined : Buffer.from(next).toString("base64url");
  if (context.json) {
    const lines = entries.map((entry) => `\n  ${entryJson(entry)}`).join(",");
    await writeOut(context.stdout, `{"entries":[${lines}],"next":${JSON.stringify(cursor ?? null)}}\n`);
    return;
  }
  await writeTable(context.stdout, entryHeadings, entries.map(entryRow(context)));
  // Beside the result, so that what is piped on is entries only.
  if (cursor !== undefined) context.stderr.write(`more: --after ${cursor}\n`);
}

/** Reads the cursor of a page. @throws a usage error if it is none */
export function parseCursor(text: string): Uint8Array {
  if (/^[\w-]+$/.test(text)) return Buffer.from(text, "base64url");
  throw usageError(`'${text}' is not a cursor; a page prints the one of the next page`);
}

/** Reads on until the page is full: a service may answer with fewer entries than it was asked for. */
async function readPage(
  { service, dictId }: OpenDict,
  { match, has }: KeyFilter,
  { after, limit = defaultLimit }: PageOptions,
): Promise<{ entries: readonly Entry[]; next: Uint8Array | undefined }> {
  const entries: Entry[] = [];
  let next = after;
  do {
    const page = await service.page(dictId, {
      match,
      after: next,
      limit: limit - entries.length,
      values: true,
    });
    entries.push(...page.entries.filter(({ key }) => has(key)));
    next = page.next;
  } while (next !== undefined && entries.length < limit);
  return { entries, next };
}
