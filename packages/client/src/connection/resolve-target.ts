/**
 * Decides where to connect. The first of these that is set decides:
 *
 * 1. the `url` option;
 * 2. `EVERDICT_URL`;
 * 3. Modal's own settings (protocol sections 1.1 and 8): `MODAL_SERVER_URL`, `MODAL_TOKEN_ID`,
 *    `MODAL_TOKEN_SECRET`, `MODAL_ENVIRONMENT` and the profile file. Modal's cloud is assumed only if there are
 *    credentials for it;
 * 4. nothing: an error that names the ways to connect.
 *
 * For 1 and 2, credentials are taken, always as a pair from one place, from the options, the URL,
 * `EVERDICT_TOKEN_ID` and `EVERDICT_TOKEN_SECRET`, or `MODAL_TOKEN_ID` and `MODAL_TOKEN_SECRET`. The profile
 * file is not read for them, so that Modal's secret is not sent to a server that merely has a URL, unless the
 * `profile` option asks for it. Reading environment variables and files is the caller's part.
 *
 * White space around any of them is ignored, because a line end may come from the file that a variable was read from.
 */

import { createError, type EverdictError } from "@everdict/protocol";
import { directoryOf } from "./directory-url.ts";
import { type ProfileFile, type SelectedProfile, selectProfile } from "./modal-profile.ts";
import { parseServerUrls, type ServerAddress } from "./server-address.ts";
import { type Credentials, tokenFrom } from "./token-text.ts";

/** What a program says about where to connect. What is absent comes from the environment variables and the profile. */
export interface TargetOptions {
  readonly url?: string | undefined;
  readonly tokenId?: string | undefined;
  readonly tokenSecret?: string | undefined;
  readonly environment?: string | undefined;
  readonly profile?: string | undefined;
}

/** The environment variables and the profile file. */
export interface Surroundings {
  /** An environment variable; undefined if it is not set at all. */
  readonly env: (name: string) => string | undefined;
  /** Modal's profile file; undefined if there is none. Called only where the file matters. */
  readonly readProfileFile: () => Promise<ProfileFile | undefined>;
}

/** A server to reach over a network. */
export interface ServerTarget {
  readonly kind: "server";
  /** Equivalent servers; the first that answers is used. Never empty. */
  readonly addresses: readonly ServerAddress[];
  readonly credentials: Credentials | undefined;
  /** What said where to connect, for messages. */
  readonly source?: string | undefined;
  /** Most time to spend on waits that a server asks for, in milliseconds; undefined: no limit. */
  readonly maxThrottleWaitMs: number | undefined;
}

/** What to connect to. */
export type Target =
  | { readonly kind: "memory"; readonly name: string }
  | { readonly kind: "file"; readonly directory: string }
  | { readonly kind: "redis"; readonly url: string }
  | ServerTarget;

/** A target, and the environment that an empty environment name in a call stands for. */
export interface ResolvedTarget {
  readonly target: Target;
  readonly environment: string;
}

const unconfigured = new WeakSet<object>();

/** Whether an error says that no setting says where to connect, in contrast to one that says it wrongly. */
export function isOfNothingSaid(error: unknown): boolean {
  return typeof error === "object" && error !== null && unconfigured.has(error);
}

const modalCloudUrl = "https://api.modal.com,https://api.modal2.com";

/**
 * Decides where to connect.
 *
 * @throws {InvalidError} `not_configured` if nothing says where; `invalid_argument` for a bad URL or setting.
 * @throws {AuthError} `unauthenticated` if Modal's settings lack half of the credentials.
 */
export async function resolveTarget(
  given: TargetOptions,
  surroundings: Surroundings,
): Promise<ResolvedTarget> {
  const options: TargetOptions = {
    url: given.url?.trim(),
    tokenId: given.tokenId?.trim(),
    tokenSecret: given.tokenSecret?.trim(),
    environment: given.environment?.trim(),
    profile: given.profile?.trim(),
  };
  const around = { ...surroundings, env: (name: string) => surroundings.env(name)?.trim() };
  const fromEnv = around.env("EVERDICT_URL");
  if (options.url !== undefined) return ownTarget(options.url, "The url option", options, around);
  if (fromEnv) return ownTarget(fromEnv, "EVERDICT_URL", options, around);
  return modalTarget(options, around);
}

async function ownTarget(
  text: string,
  source: string,
  options: TargetOptions,
  around: Surroundings,
): Promise<ResolvedTarget> {
  const environment =
    options.environment ?? (around.env("EVERDICT_ENVIRONMENT") || around.env("MODAL_ENVIRONMENT") || "");
  assertOneLine(text, source);
  const url = text.replace(/^(?:file|memory|rediss?):/i, (scheme) => scheme.toLowerCase());
  const memory = /^memory:(?:\/\/)?(.*)$/.exec(url);
  if (memory) return { target: { kind: "memory", name: memory[1] ?? "" }, environment };
  if (url.startsWith("file:"))
    return { target: { kind: "file", directory: directoryOf(url, source) }, environment };
  if (/^rediss?:/.test(url)) return { target: { kind: "redis", url }, environment };
  const servers = parseServerUrls(url, source);
  const profile = options.profile ? await readProfile(options, around) : undefined;
  const credentials =
    tokenFrom(options.tokenId, options.tokenSecret, "the tokenId and tokenSecret options") ??
    servers.credentials ??
    tokenFrom(
      around.env("EVERDICT_TOKEN_ID"),
      around.env("EVERDICT_TOKEN_SECRET"),
      "EVERDICT_TOKEN_ID and EVERDICT_TOKEN_SECRET",
    ) ??
    tokenFrom(profile?.settings.tokenId, profile?.settings.tokenSecret, profileSource(profile)) ??
    tokenFrom(
      around.env("MODAL_TOKEN_ID"),
      around.env("MODAL_TOKEN_SECRET"),
      "MODAL_TOKEN_ID and MODAL_TOKEN_SECRET",
    );
  const maxThrottleWaitMs = throttleLimit(around.env("MODAL_MAX_THROTTLE_WAIT"));
  return {
    target: { kind: "server", addresses: servers.addresses, credentials, source, maxThrottleWaitMs },
    environment,
  };
}

async function modalTarget(options: TargetOptions, around: Surroundings): Promise<ResolvedTarget> {
  const profile = await readProfile(options, around);
  const { settings } = profile;
  const tokenId = options.tokenId ?? around.env("MODAL_TOKEN_ID") ?? settings.tokenId;
  const tokenSecret = options.tokenSecret ?? around.env("MODAL_TOKEN_SECRET") ?? settings.tokenSecret;
  const url = around.env("MODAL_SERVER_URL") ?? settings.serverUrl;
  if (!tokenId && !tokenSecret && url === undefined) throw notConfigured(profile);
  if (!tokenId || !tokenSecret) throw missingCredentials(tokenId, profile);
  const source = modalUrlSource(around, settings.serverUrl);
  const servers = parseServerUrls(url ?? modalCloudUrl, source);
  const fromProfile = tokenId === settings.tokenId && tokenSecret === settings.tokenSecret;
  const tokenSource = fromProfile ? profileSource(profile) : "MODAL_TOKEN_ID and MODAL_TOKEN_SECRET";
  const maxThrottleWait = around.env("MODAL_MAX_THROTTLE_WAIT") ?? settings.maxThrottleWait;
  return {
    target: {
      kind: "server",
      addresses: servers.addresses,
      credentials: tokenFrom(tokenId, tokenSecret, tokenSource),
      source,
      maxThrottleWaitMs: throttleLimit(maxThrottleWait),
    },
    environment: options.environment ?? modalEnvironment(around) ?? settings.environment ?? "",
  };
}

async function readProfile(options: TargetOptions, around: Surroundings): Promise<SelectedProfile> {
  return selectProfile(await around.readProfileFile(), options.profile || around.env("MODAL_PROFILE"));
}

function modalEnvironment(around: Surroundings): string | undefined {
  return around.env("EVERDICT_ENVIRONMENT") || around.env("MODAL_ENVIRONMENT");
}

function modalUrlSource(around: Surroundings, fromProfile: string | undefined): string {
  if (around.env("MODAL_SERVER_URL") !== undefined) return "MODAL_SERVER_URL";
  return fromProfile === undefined ? "Modal's cloud" : "The server_url of the Modal profile";
}

function profileSource(profile: SelectedProfile | undefined): string {
  return `the Modal profile '${profile?.name ?? ""}'`;
}

/** A line end or a tab within: somewhere two lines have become one. */
function assertOneLine(url: string, source: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no URL may hold
  const at = url.search(/[\u0000-\u001f\u007f]/);
  if (at < 0) return;
  const name = `U+${url.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0")}`;
  throw createError("invalid_argument", `${source} has a control character (${name}, character ${at + 1})`);
}

/** Modal's setting is an integer number of seconds; empty means no limit, 0 means never to wait. */
function throttleLimit(text: string | undefined): number | undefined {
  if (!text) return undefined;
  if (!/^\s*\d+\s*$/.test(text)) {
    throw createError("invalid_argument", "MODAL_MAX_THROTTLE_WAIT must be a whole number of seconds");
  }
  return Number(text) * 1000;
}

function missingCredentials(tokenId: string | undefined, profile: SelectedProfile): EverdictError {
  const missing = tokenId ? "MODAL_TOKEN_SECRET" : "MODAL_TOKEN_ID";
  const unknown =
    profile.found || profile.name === "default" ? "" : ` There is no profile '${profile.name}'.`;
  return createError("unauthenticated", `Modal's settings give a server but no ${missing}.${unknown}`);
}

function notConfigured(profile: SelectedProfile): EverdictError {
  if (!profile.found && profile.name !== "default") {
    return createError(
      "unauthenticated",
      `There is no Modal profile '${profile.name}' and no token in the environment`,
    );
  }
  const error = createError(
    "not_configured",
    "Nothing says where to connect. Three ways: a running server, with EVERDICT_URL=http://127.0.0.1:7227, " +
      "MODAL_TOKEN_ID and MODAL_TOKEN_SECRET (the lines that `everdict serve` prints); this process itself, with " +
      "EVERDICT_URL=file:./data (kept in that directory), EVERDICT_URL=redis://HOST (kept in a Redis or Valkey " +
      "cluster) or EVERDICT_URL=memory: (gone with the process); or " +
      "Modal's cloud, with MODAL_TOKEN_ID and MODAL_TOKEN_SECRET or a profile in ~/.modal.toml. " +
      "Instead of EVERDICT_URL a program may call Client.connect({ url, tokenId, tokenSecret }).",
  );
  unconfigured.add(error);
  return error;
}
