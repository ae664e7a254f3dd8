/** Who gets what through which door: every method, request and route, with every kind of credentials. */

import { readFileSync } from "node:fs";
import { EverdictError, methodTable, roles } from "@everdict/protocol";
import { SessionClientConnection } from "@everdict/session";
import { connectSession } from "@everdict/session/node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
// @ts-expect-error A plain script without types.
import { withPermissionTable } from "../../../scripts/render-permission-docs.mjs";
import { rawPeer, frame as sessionFrame } from "../../session/testing/raw-peer.ts";
import { collect, type RawAnswer, RawClient } from "../testing/raw-client.ts";
import { waitFor } from "../testing/wait-for.ts";
import { type GrpcCase, grpcCases } from "../testing/who-may/grpc-requests.ts";
import {
  type Bearer,
  bearers,
  type Doors,
  missing,
  openDoors,
  type Place,
  strangers,
} from "../testing/who-may/open-doors.ts";
import { type SessionCase, sessionCases } from "../testing/who-may/session-requests.ts";
import { FailedLogins } from "./connections/failed-logins.ts";

const docs = readFileSync(new URL("../../../docs/security.md", import.meta.url), "utf8");
const limited = ["read-write, limited", "read-only, limited"] as const;

let doors: Doors;
let client: RawClient;

beforeAll(async () => {
  // How failed logins are slowed is another test's: this one fails a thousand times.
  vi.spyOn(FailedLogins.prototype, "add").mockReturnValue(0);
  doors = await openDoors();
  client = new RawClient(doors.server.url);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await doors[Symbol.asyncDispose]();
  vi.restoreAllMocks();
});

function headersOf(bearer: Bearer): Record<string, string> {
  const { tokenId, tokenSecret } = doors.tokens[bearer];
  return { "x-modal-token-id": tokenId, "x-modal-token-secret": tokenSecret };
}

/** Everything that one can tell an answer by, with names that were asked for taken out. */
function tellable(answer: unknown, place: Place): string {
  const names = [place.dictId, place.environment, place.tokenId];
  return names.reduce((text, name) => text.replaceAll(name, "NAME"), JSON.stringify(answer));
}

// ---- gRPC ----

async function grpcAnswer({ path, request }: GrpcCase, bearer: Bearer, place: Place): Promise<RawAnswer> {
  const stream = client.open(path, headersOf(bearer));
  stream.end(request(place));
  return collect(stream);
}

/** Without how the stream was closed: that depends on how far the request had come. */
function shownParts({ headers, trailers, status, message, code, body }: RawAnswer): unknown {
  const { date: _date, ...rest } = headers;
  return { rest, trailers, status, message, code, body: body.toString("latin1") };
}

describe.each(grpcCases().map((each) => [each.what, each] as const))("gRPC, %s", (_what, grpcCase) => {
  test("answers no stranger, and tells none whether a name exists", async () => {
    const place = await doors.place("shown");
    const answers = [];
    for (const stranger of strangers) {
      for (const about of [place, missing]) {
        const answer = await grpcAnswer(grpcCase, stranger, about);
        expect(answer).toMatchObject({ status: 16, code: "unauthenticated" });
        expect(answer.body).toHaveLength(0);
        answers.push(tellable(shownParts(answer), about));
      }
    }
    expect([...new Set(answers)]).toHaveLength(1);
  });

  test("does not know names that a limited token may not see", async () => {
    const hidden = await doors.place("hidden");
    for (const bearer of limited) {
      const answer = await grpcAnswer(grpcCase, bearer, hidden);
      const forMissing = await grpcAnswer(grpcCase, bearer, missing);
      const told = tellable(shownParts(answer), hidden);
      // Tokens that are issued differ by their time.
      if (grpcCase.operation !== "identify") expect(told).toBe(tellable(shownParts(forMissing), missing));
      expect(JSON.stringify(shownParts(answer)).replaceAll("'hidden'", "")).not.toContain("hidden");
    }
  });
});

// ---- Sessions ----

async function sessionOf(bearer: Bearer): Promise<SessionClientConnection> {
  const carrier = await connectSession({ url: doors.server.url });
  return new SessionClientConnection(carrier, doors.tokens[bearer]);
}

/** What a call answers or fails with, a stream read to its end. */
async function sessionAnswer(
  session: SessionClientConnection,
  { operation, args }: SessionCase,
  place: Place,
): Promise<unknown> {
  try {
    const answer = (session[operation] as (...all: unknown[]) => unknown)(...args(place));
    if (operation !== "contents") return { answer: await answer };
    const entries = [];
    for await (const batch of answer as AsyncIterable<unknown[]>) entries.push(...batch);
    return { answer: entries };
  } catch (caught) {
    if (!(caught instanceof EverdictError)) throw caught;
    return { code: caught.code, message: caught.message };
  }
}

describe("sessions", () => {
  test.each(strangers)("let nobody in with %s, by headers or by HELLO", async (stranger) => {
    const byHello = await (await sessionOf(stranger)).closed;
    expect(byHello).toMatchObject({ code: "unauthenticated" });
    const headers = headersOf(stranger);
    await expect(connectSession({ url: doors.server.url, headers })).rejects.toMatchObject({
      code: "unauthenticated",
    });
  });

  test.each([...new Set(sessionCases().map(({ type }) => type))])(
    "answer no request of type %i before they know who asks",
    async (type) => {
      const peer = rawPeer(await connectSession({ url: doors.server.url }));
      peer.send(sessionFrame(type, 1, (sink) => sink.text(missing.dictId)));
      await waitFor(() => peer.isClosed);
      expect(peer.frames.map((each) => each.type)).toEqual([0x03]);
      expect(Buffer.from(peer.frames[0]!.content).toString("latin1")).toContain("HELLO");
    },
  );

  test.each(limited)("do not know names that a token may not see: %s", async (bearer) => {
    const session = await sessionOf(bearer);
    for (const sessionCase of sessionCases()) {
      const hidden = await doors.place("hidden");
      const answer = await sessionAnswer(session, sessionCase, hidden);
      const forMissing = await sessionAnswer(session, sessionCase, missing);
      const what = `${sessionCase.what}: `;
      expect(what + tellable(answer, hidden)).toBe(what + tellable(forMissing, missing));
      expect(JSON.stringify(answer).replaceAll("'hidden'", "")).not.toContain("hidden");
    }
    await session.close();
  });
});

// ---- What each role may do ----

/** The rows of the table in the docs, by what they say. */
function rowOf(operation: string, isLookup: boolean): string {
  if (operation === "manageTokens") return "manage tokens";
  if (operation === "identify") return "ask who one is";
  const permission = methodTable[operation as keyof typeof methodTable];
  if (!("lookupNeeds" in permission)) return operation;
  return `${operation}, to ${isLookup ? "find" : "create"}`;
}

describe("the table in docs/security.md", () => {
  test("is what the server does, by gRPC and by sessions", async () => {
    const may = new Map<string, Set<string>>();
    const note = (row: string, role: string, code: unknown): void => {
      const isRefused = code === "permission_denied";
      const known = may.get(row) ?? new Set();
      may.set(row, isRefused ? known : known.add(role));
      refusals.push([`${row} ${role}`, isRefused]);
    };
    const refusals: [string, boolean][] = [];
    for (const role of roles) {
      const session = await sessionOf(role);
      for (const sessionCase of sessionCases()) {
        const { code } = (await sessionAnswer(session, sessionCase, await doors.place("shown"))) as {
          code?: string;
        };
        note(rowOf(sessionCase.operation, sessionCase.isLookup), role, code);
      }
      await session.close();
      for (const grpcCase of grpcCases()) {
        const { code } = await grpcAnswer(grpcCase, role, await doors.place("shown"));
        note(rowOf(grpcCase.operation, grpcCase.mode === "lookup"), role, code);
      }
    }
    // The doors agree with each other.
    const said = new Map(refusals);
    for (const [what, isRefused] of refusals) expect([what, said.get(what)]).toEqual([what, isRefused]);
    const order = [...Object.keys(methodTable).flatMap((name) => [rowOf(name, true), rowOf(name, false)])];
    const names = [...new Set([...order, "manage tokens", "ask who one is"])];
    const rows = names.map((what) => ({ what, roles: roles.filter((role) => may.get(what)?.has(role)) }));
    expect(withPermissionTable(docs, rows, roles)).toBe(docs);
  });

  test("limits to environments take nothing else away", async () => {
    for (const bearer of limited) {
      const { role } = bearers[bearer];
      for (const grpcCase of grpcCases()) {
        const limitedAnswer = await grpcAnswer(grpcCase, bearer, await doors.place("shown"));
        const answer = await grpcAnswer(grpcCase, role, await doors.place("shown"));
        expect([grpcCase.what, limitedAnswer.code]).toEqual([grpcCase.what, answer.code]);
      }
    }
  });
});

// ---- Pages ----

const publicRoutes = [...docs.matchAll(/^\| `GET (\/\w*)` \|/gm)].map(([, path]) => path!);
const routes = [
  ...new Set([
    ...publicRoutes,
    ...grpcCases().map(({ path }) => path),
    ..."/session /metrics /tokens /api /dicts /dicts/jobs /environments /shown /status /config /credentials".split(
      " ",
    ),
  ]),
];
const verbs = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

describe("pages", () => {
  test("are the documented ones and no others", async () => {
    expect(publicRoutes).toEqual(["/", "/healthz", "/readyz"]);
    for (const path of routes) {
      for (const method of verbs) {
        const { status } = await fetch(doors.server.url + path, { method });
        const isPublic = publicRoutes.includes(path) && (method === "GET" || method === "HEAD");
        expect([method, path, status < 400]).toEqual([method, path, isPublic]);
      }
    }
  });

  test("say the same to everybody, and no name", async () => {
    const { dictId, tokenId } = await doors.place("shown");
    const secrets = [dictId, tokenId, "shown", "jobs", "ada"];
    for (const path of routes) {
      const answers = new Set<string>();
      for (const bearer of Object.keys(bearers) as Bearer[]) {
        const response = await fetch(doors.server.url + path, { headers: headersOf(bearer) });
        const body = await response.text();
        answers.add(`${response.status} ${body}`);
        const unexpected = secrets.filter((name) => body.includes(name) && name !== "jobs");
        expect([path, unexpected]).toEqual([path, []]);
      }
      expect([path, answers.size]).toEqual([path, 1]);
    }
  });
});
