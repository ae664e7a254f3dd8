import { type Engine, openEngine } from "@everdict/engine";
import type { CreatedToken, NewToken } from "@everdict/protocol";
import { createMemoryStore } from "@everdict/store";
import { temporaryDirectory } from "@everdict/testkit";
import { pino } from "pino";
import { openTokenFile, type RunningServer, startServer } from "../../src/index.ts";

/** What a request is about. */
export interface Place {
  readonly dictId: string;
  readonly environment: string;
  readonly name: string;
  /** A token that somebody has. */
  readonly tokenId: string;
}

/** Whose credentials a request may carry, each with what is wrong with it or what it may do. */
export const bearers = {
  none: undefined,
  wrong: undefined,
  revoked: { role: "admin" },
  ended: { role: "admin" },
  admin: { role: "admin" },
  "read-write": { role: "read-write" },
  "read-only": { role: "read-only" },
  "read-write, limited": { role: "read-write", environments: ["shown"] },
  "read-only, limited": { role: "read-only", environments: ["shown"] },
} as const satisfies Record<string, Pick<NewToken, "role" | "environments"> | undefined>;

/** One of {@link bearers}. */
export type Bearer = keyof typeof bearers;

/** Those that nobody lets in. */
export const strangers = ["none", "wrong", "revoked", "ended"] as const satisfies readonly Bearer[];

/** What no dictionary, environment and token is called. */
export const missing: Place = {
  dictId: "di-1234567890123456789012",
  environment: "nowhere",
  name: "jobs",
  tokenId: "ak-1234567890123456789012",
};

/** The content of every dictionary. */
export const key = Uint8Array.of(1);

/** A real server with an engine, and a token of each kind. */
export interface Doors extends AsyncDisposable {
  readonly server: RunningServer;
  readonly tokens: Readonly<Record<Bearer, CreatedToken>>;
  /** The dictionary `jobs` of an environment, made again if it is not there any more. */
  place(environment: string): Promise<Place>;
}

/** Starts it. */
export async function openDoors(): Promise<Doors> {
  const directory = temporaryDirectory();
  let laterMs = 0;
  const file = await openTokenFile(directory.path, { clock: () => Date.now() + laterMs });
  const engine = await openEngine({ store: createMemoryStore({ clock: Date.now }), sweepIntervalMs: 0 });
  const none = { tokenId: "", tokenSecret: "" };
  const tokens: Record<string, CreatedToken> = { none };
  for (const [bearer, limits] of Object.entries(bearers)) {
    const endsAtSeconds = bearer === "ended" ? Date.now() / 1000 + 60 : undefined;
    if (limits !== undefined) tokens[bearer] = await file.create({ name: "ada", endsAtSeconds, ...limits });
  }
  laterMs = 3_600_000;
  await file.revoke(tokens.revoked!.tokenId);
  tokens.wrong = { tokenId: tokens.admin!.tokenId, tokenSecret: tokens["read-only"]!.tokenSecret };
  const logger = pino({ enabled: false });
  const server = await startServer({ engine, authenticator: file, tokens: file, port: 0, logger });
  return {
    server,
    tokens: tokens as Record<Bearer, CreatedToken>,
    place: async (environment) => {
      const { tokenId } = await file.create({ name: "to be managed" });
      return { ...(await dictIn(engine, environment)), tokenId };
    },
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await engine.close();
      directory[Symbol.dispose]();
    },
  };
}

async function dictIn(engine: Engine, environment: string): Promise<Omit<Place, "tokenId">> {
  const service = engine.serviceFor({ id: "setup", name: "setup" });
  await service.getOrCreateEnvironment(environment, "createIfMissing");
  const { dictId } = await service.getOrCreateDict({ environment, name: "jobs", mode: "createIfMissing" });
  await service.update(dictId, [{ key, value: key }]);
  return { dictId, environment, name: "jobs" };
}
