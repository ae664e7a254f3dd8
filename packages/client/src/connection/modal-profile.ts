/**
 * Modal's profile file, by the rules of Modal's Python client (protocol section 1.1), which differ from those
 * of its JavaScript SDK: a profile is active only if `active` is the boolean true, `default` is the fallback, an
 * unreadable file is an error, and an environment variable wins as soon as it is present, even if empty.
 */

import { createError } from "@everdict/protocol";

/** The settings of one profile that matter here. */
export interface ModalProfile {
  readonly serverUrl: string | undefined;
  readonly tokenId: string | undefined;
  readonly tokenSecret: string | undefined;
  readonly environment: string | undefined;
  readonly maxThrottleWait: string | undefined;
}

/** The file as parsed, with the path that messages name. */
export interface ProfileFile {
  readonly path: string;
  /** The top level of the TOML file: one table per profile. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** The profile that applies. */
export interface SelectedProfile {
  readonly name: string;
  /** Whether the file has a profile of this name. */
  readonly found: boolean;
  readonly settings: ModalProfile;
}

type Table = Readonly<Record<string, unknown>>;

const nothing: ModalProfile = {
  serverUrl: undefined,
  tokenId: undefined,
  tokenSecret: undefined,
  environment: undefined,
  maxThrottleWait: undefined,
};

/**
 * Picks the profile: the one asked for, else the first active one, else `default`.
 *
 * @param wanted what `MODAL_PROFILE` or the caller names; empty counts as absent.
 * @throws {InvalidError} `not_configured` if the file is not one table per profile, if several profiles are
 *   active, or if there are several, none is active and none was asked for.
 */
export function selectProfile(file: ProfileFile | undefined, wanted: string | undefined): SelectedProfile {
  const tables = profileTables(file);
  const active = [...tables].filter(([, table]) => table.active === true).map(([name]) => name);
  const name = wanted || (active[0] ?? "default");
  if (active.length > 1) {
    throw badFile(file, `${active.length} profiles are active: ${active.join(", ")}. Leave one.`);
  }
  if (tables.size > 1 && active.length === 0 && name === "default") {
    throw badFile(file, "no profile is active. Set `active = true` in one, or name one in MODAL_PROFILE.");
  }
  const table = tables.get(name);
  return { name, found: table !== undefined, settings: table ? settingsOf(table) : nothing };
}

function profileTables(file: ProfileFile | undefined): Map<string, Table> {
  const tables = new Map<string, Table>();
  for (const [name, table] of Object.entries(file?.content ?? {})) {
    if (typeof table !== "object" || table === null || Array.isArray(table) || table instanceof Date) {
      throw badFile(file, "it must hold nothing but one table per profile.");
    }
    tables.set(name, table as Table);
  }
  return tables;
}

function settingsOf(table: Table): ModalProfile {
  return {
    serverUrl: textOf(table.server_url),
    tokenId: textOf(table.token_id),
    tokenSecret: textOf(table.token_secret),
    environment: textOf(table.environment),
    maxThrottleWait: textOf(table.max_throttle_wait),
  };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value.trim();
  return typeof value === "number" || typeof value === "bigint" ? String(value) : undefined;
}

function badFile(file: ProfileFile | undefined, problem: string) {
  return createError(
    "not_configured",
    `The Modal profile file ${file?.path ?? ""} cannot be used: ${problem}`,
  );
}
