import type { DictInfo } from "@everdict/protocol";
import { signal } from "@preact/signals";
import { signedIn } from "../session/session.ts";

const pageMaxObjects = 100;

/** The dictionaries of the environment that was asked for last, newest first. */
export const knownDicts = signal<
  { readonly environment: string; readonly dicts: readonly DictInfo[] } | undefined
>(undefined);

/** Asks for all dictionaries of an environment, page by page. */
export async function loadDicts(environment: string): Promise<readonly DictInfo[]> {
  const service = await signedIn.value!.client.service();
  const dicts: DictInfo[] = [];
  let createdBeforeSeconds: number | undefined;
  for (;;) {
    const request = { environment, maxObjects: pageMaxObjects, createdBeforeSeconds };
    const page = await service.listDicts(request);
    dicts.push(...page);
    if (page.length < pageMaxObjects) break;
    createdBeforeSeconds = page.at(-1)!.createdAtSeconds;
  }
  knownDicts.value = { environment, dicts };
  return dicts;
}
