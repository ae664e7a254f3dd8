import { signal } from "@preact/signals";
import type { Client, Environment } from "everdict";

/** The environments that the token may see. */
export const environments = signal<readonly Environment[]>([]);

/** Asks the server for the environments. */
export async function loadEnvironments(client: Client): Promise<void> {
  const listed = await client.environments.list();
  // What has not changed is not shown anew.
  if (JSON.stringify(listed) !== JSON.stringify(environments.value)) environments.value = listed;
}

/** The name of the environment that an address names; the default one, or the first that there is, if it names none. */
export function environmentName(named: string): string {
  const all = environments.value;
  return named || (all.find((each) => each.isDefault) ?? all[0])?.name || "";
}
