import { readFileSync } from "node:fs";
import { createError } from "@everdict/protocol";
import { type ProfileName, profiles } from "../servers/profiles.ts";
import type { RedisStoreOptions } from "./redis-options.ts";

const defaultPort = 6379;
const parameters = [
  "prefix",
  "profile",
  "shards",
  "lanes",
  "ca",
  "cert",
  "key",
  "servername",
  "allowUnsafe",
] as const;

/** What a URL can say. */
export type RedisUrlOptions = Pick<
  RedisStoreOptions,
  "servers" | "user" | "password" | "tls" | "prefix" | "profile" | "shards" | "lanes" | "allowUnsafe"
>;

/**
 * Reads `redis://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…][?OPTIONS]`; `rediss:` means TLS.
 *
 * Options: `prefix`, `profile`, `shards`, `lanes`, `allowUnsafe=true`, and for TLS `ca`, `cert` and `key` (PEM files)
 * and `servername`. User and password are percent-encoded; the port is 6379 unless named.
 *
 * @throws `invalid_argument`; the message never shows the URL, since it may hold a password.
 * @example parseRedisUrl("rediss://app:secret@10.0.0.1,10.0.0.2:7000?prefix=jobs:")
 */
export function parseRedisUrl(url: string): RedisUrlOptions {
  const match = /^(rediss?):\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?(.*))?$/.exec(url);
  if (match === null) throw invalid("must look like redis://HOST[:PORT][,HOST[:PORT]…]");
  const [, scheme, access, hosts = "", query = ""] = match;
  const values = readQuery(query);
  return {
    servers: hosts.split(",").map(readServer),
    ...readAccess(access),
    tls: scheme === "rediss" ? readTls(values) : undefined,
    prefix: values.prefix,
    profile: readProfile(values.profile),
    shards: readCount("shards", values.shards),
    lanes: readCount("lanes", values.lanes),
    allowUnsafe: values.allowUnsafe === "true" ? true : undefined,
  };
}

type Values = Partial<Record<(typeof parameters)[number], string>>;

function readQuery(query: string): Values {
  const values: Values = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const known = parameters.find((one) => one === name);
    if (known === undefined) throw invalid(`has no option '${name}'; there are ${parameters.join(", ")}`);
    values[known] = value;
  }
  return values;
}

function readServer(text: string): string {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text);
  const port = Number(match?.[2] ?? defaultPort);
  if (match === null || port < 1 || port > 65_535)
    throw invalid(`has a server '${text}' that is no HOST[:PORT]`);
  return `${match[1]}:${port}`;
}

function readAccess(access: string | undefined): Pick<RedisStoreOptions, "user" | "password"> {
  if (access === undefined) return {};
  const colon = access.indexOf(":");
  if (colon < 0) throw invalid("has a user without a password; it goes USER:PASSWORD@ or :PASSWORD@");
  try {
    const user = decodeURIComponent(access.slice(0, colon));
    return { user: user === "" ? undefined : user, password: decodeURIComponent(access.slice(colon + 1)) };
  } catch {
    throw invalid("has a user or password that is not percent-encoded");
  }
}

function readTls({ ca, cert, key, servername }: Values): RedisStoreOptions["tls"] {
  return {
    ...(ca === undefined ? {} : { ca: readPem(ca) }),
    ...(cert === undefined ? {} : { cert: readPem(cert) }),
    ...(key === undefined ? {} : { key: readPem(key) }),
    ...(servername === undefined ? {} : { servername }),
  };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw createError("invalid_argument", `cannot read the file '${path}' that the Redis URL names`, {
      cause,
    });
  }
}

function readProfile(text: string | undefined): ProfileName | undefined {
  if (text === undefined || text in profiles) return text as ProfileName | undefined;
  throw invalid(`has no profile '${text}'; there are ${Object.keys(profiles).join(", ")}`);
}

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw invalid(`has ${name}=${text}, which must be a whole number from 1`);
}

function invalid(what: string): Error {
  return createError("invalid_argument", `the Redis URL ${what}`);
}
