import { readCatalog } from "../entries/catalog.ts";
import type { DictCatalog } from "../entries/dict-catalog.ts";
import type { Reclaimer } from "../entries/reclaimer.ts";
import type { RecordedAnswers } from "../entries/recorded-answers.ts";
import type { EntryMemory } from "../index/entry-memory.ts";
import { answersNumber, catalogNumber } from "../record/dict-numbers.ts";
import type { RecoveredLog } from "../recovery/recovery.ts";

interface Recovered {
  readonly recovered: RecoveredLog;
  readonly catalog: DictCatalog;
  readonly answers: RecordedAnswers;
  readonly reclaimer: Reclaimer;
  readonly memory: EntryMemory;
}

/** Gives every part what recovery found for it. Returns the moment up to which everything had been swept. */
export function adoptRecovered({ recovered, catalog, answers, reclaimer, memory }: Recovered): number {
  const catalogTable = recovered.tables.get(catalogNumber) ?? memory.newTable(catalogNumber, 0);
  const content = readCatalog(catalogTable);
  const { sweptUpTo } = content;
  const tables = new Map(recovered.tables);
  tables.delete(catalogNumber);
  tables.delete(answersNumber);
  const living = new Set(content.dicts.map(({ number }) => number));
  for (const [number, table] of tables) {
    const generation = content.generations.get(number) ?? 0;
    if (living.has(number) && table.generation === generation) continue;
    // Deleted, or cleared and not written since: what is left of it is garbage.
    reclaimer.add(table.discard());
    tables.set(number, memory.newTable(number, generation));
  }
  for (const number of living) {
    const table = tables.get(number) ?? memory.newTable(number, content.generations.get(number) ?? 0);
    table.endRecovery(sweptUpTo);
    tables.set(number, table);
  }
  catalogTable.endRecovery();
  answers.start(recovered.tables.get(answersNumber), sweptUpTo);
  catalog.adopt(catalogTable, content, tables);
  return sweptUpTo?.expiresAtMs ?? Number.NEGATIVE_INFINITY;
}
