import { createError, type DictService, defaultLimits, type Limits } from "@everdict/protocol";
import { type Logger, pino } from "pino";
import { type Authenticator, type RunningServer, type ServerOptions, startServer } from "../src/index.ts";
import { fakeService, type RecordedCall } from "./fake-service.ts";

/** The one token of a test server. */
export const testToken = { tokenId: "ak-test", tokenSecret: "as-secret" };

/** Headers that authenticate. */
export const authHeaders = {
  "x-modal-token-id": testToken.tokenId,
  "x-modal-token-secret": testToken.tokenSecret,
};

/** Knows {@link testToken} alone. */
export const testAuthenticator: Authenticator = {
  authenticate: (tokenId, tokenSecret) =>
    tokenId === testToken.tokenId && tokenSecret === testToken.tokenSecret ? testCaller : undefined,
  isCurrent: () => true,
  describe: (tokenId) =>
    tokenId === testToken.tokenId
      ? { tokenId, name: testCaller.name, createdAtSeconds: 1_700_000_000.5 }
      : undefined,
};

/** Who {@link testToken} belongs to. */
export const testCaller = { id: testToken.tokenId, name: "tester" };

/** A server for a test: what it was asked, and what it logged. */
export interface TestServer extends RunningServer {
  readonly calls: RecordedCall[];
  readonly logLines: string[];
}

/** Starts a server on a free port with a fake service. What asks for its health is not recorded. */
export async function startTestServer(
  methods: Partial<DictService> = {},
  options: Partial<ServerOptions> & { readonly limits?: Partial<Limits> } = {},
): Promise<TestServer> {
  const { limits, ...rest } = options;
  const calls: RecordedCall[] = [];
  const logLines: string[] = [];
  const service = fakeService(methods, calls);
  const prober = fakeService({ getDictById: notFound, ...methods });
  const engine = {
    limits: { ...defaultLimits, ...limits },
    serviceFor: ({ id }: { readonly id: string }) => (id === "readyz" ? prober : service),
  };
  const logger = capturingLogger(logLines);
  const server = await startServer({ engine, authenticator: testAuthenticator, port: 0, logger, ...rest });
  return Object.assign(server, { calls, logLines });
}

async function notFound(): Promise<never> {
  throw createError("dict_not_found", "there is none");
}

function capturingLogger(lines: string[]): Logger {
  return pino({ level: "debug", base: null }, { write: (line: string) => void lines.push(line) });
}
