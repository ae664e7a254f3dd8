import type { DictStats } from "@everdict/protocol";
import { signal } from "@preact/signals";
import { Dict } from "everdict";
import { signedIn } from "../session/session.ts";

const atOnceMax = 4;

/** How much is in each dictionary, by its id, as far as it was asked for. */
export const statsById = signal<ReadonlyMap<string, DictStats>>(new Map());

const wanted = new Set<string>();
let underWay = 0;

/** Asks how much is in a dictionary, a few at a time; the function it gives says that nobody wants to know any more. */
export function wantStats(dictId: string): () => void {
  wanted.add(dictId);
  pump();
  return () => wanted.delete(dictId);
}

function pump(): void {
  for (const dictId of wanted) {
    if (underWay >= atOnceMax) return;
    wanted.delete(dictId);
    underWay += 1;
    void load(dictId);
  }
}

async function load(dictId: string): Promise<void> {
  try {
    const client = signedIn.value?.client;
    if (client === undefined) return;
    const stats = await Dict.fromId(dictId, { client }).stats();
    statsById.value = new Map(statsById.value).set(dictId, stats);
  } catch {
    // A dictionary that is gone meanwhile has no figures; the list says so when it is loaded again.
  } finally {
    underWay -= 1;
    pump();
  }
}
