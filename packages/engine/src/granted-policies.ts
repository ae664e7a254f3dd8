import { createError, type DictInfo, type Durability, type ExpiryPolicy } from "@everdict/protocol";

/** What a dictionary promises about its entries. */
export interface Policies {
  readonly expiry: ExpiryPolicy;
  readonly durability: Durability;
}

/** What a call asks of a dictionary. A field that is left out is not compared. */
export type Wishes = { readonly [Name in keyof Policies]?: Policies[Name] | undefined };

/**
 * Returns an existing dictionary if it has what a call asks of it. A call that finds a dictionary does not
 * change it: `configure` does. Going on with other policies than the caller asked for could lose entries that the caller
 * means to keep.
 *
 * @param attainable what a dictionary that is created with these wishes would get here.
 * @throws `conflict` if the dictionary has another expiry or durability
 */
export function granted(found: DictInfo & Policies, asked: Wishes, attainable: Policies): DictInfo {
  for (const name of ["expiry", "durability"] as const) {
    const [has, wanted] = [spelt(found[name]), spelt(attainable[name])];
    if (asked[name] === undefined || has === wanted) continue;
    throw createError(
      "conflict",
      `Dict '${found.name}' exists with ${name} ${has}, not ${wanted}: finding a Dict does not change it. ` +
        `Leave \`${name}\` out, or change it with \`configure\``,
    );
  }
  return found;
}

function spelt(policy: ExpiryPolicy | Durability): string {
  if (typeof policy === "string") return JSON.stringify(policy);
  if (policy.policy === "never") return '{ policy: "never" }';
  return `{ policy: "${policy.policy}", ttlMs: ${policy.ttlMs} }`;
}
