// For how long a call is made again, on a clock of its own: a change that may have been applied is not sent so late that
// the server may have forgotten it.
import { type Python, pythonIsSetUp, startPython } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InstalledPackage, installPackage } from "./install-package.ts";

const clients = ["package", "v1.0", "v0.74"] as const;

/** `ends(name, fates)`: what becomes of a call whose attempts have these fates (the last one for ever), when, and how many were sent. */
const setUp = `
import asyncio
from types import SimpleNamespace
from grpclib import GRPCError, Status
from everdict import _calls

clock = SimpleNamespace(now=1000.0)
async def pass_time(seconds):
    clock.now += seconds

class Stream:
    trailing_metadata = {}
    def __init__(self, fates, sent):
        self.fate, self.sent = fates.pop(0) if len(fates) > 1 else fates[0], sent
    async def __aenter__(self):
        return self
    async def __aexit__(self, *error):
        pass
    async def send_request(self):
        if self.fate == "refuse":
            raise ConnectionRefusedError("refused")
        if self.fate == "connect slowly":
            clock.now += 30
    async def send_message(self, request, end):
        self.sent.append(clock.now)
    async def recv_message(self):
        if self.fate == "overloaded":
            self.trailing_metadata = {"x-everdict-code": "overloaded"}
            raise GRPCError(Status.RESOURCE_EXHAUSTED, "overloaded")
        if self.fate == "unavailable":
            raise GRPCError(Status.UNAVAILABLE, "away")
        if self.fate == "lose":
            raise ConnectionResetError("lost")
        return "answer"

class Client:
    server_url = ""
    async def _call_safely(self, attempt, name):
        return await attempt
    async def _get_channel(self, url):
        return None

def ends(name, fates):
    fates, sent = list(fates), []
    open_stream = lambda **options: Stream(fates, sent)
    method = lambda *how: SimpleNamespace(open=open_stream)
    _calls.grpclib = SimpleNamespace(client=SimpleNamespace(UnaryUnaryMethod=method))
    _calls.time = SimpleNamespace(monotonic=lambda: clock.now)
    _calls.asyncio = SimpleNamespace(sleep=pass_time)
    began = clock.now
    try:
        outcome = asyncio.run(_calls.call(Client(), name, None))
    except Exception as error:
        outcome = f"{getattr(error, 'code', repr(error))}: {error}"
    return [outcome, clock.now - began, sent[-1] - began if sent else None]
`;

describe.skipIf(!pythonIsSetUp(clients)).each(clients)(
  "calls in doubt, with the modal of the environment %s",
  (client) => {
    let installed: InstalledPackage;
    let python: Python<(typeof clients)[number]>;
    beforeAll(async () => {
      installed = await installPackage();
      python = startPython(client, installed.env);
      await python.run(setUp);
    }, 120_000);
    afterAll(async () => {
      await python?.stop();
      installed?.[Symbol.dispose]();
    });

    const ends = async (name: string, fates: readonly string[]) =>
      (await python.run("ends(name, fates)", { variables: { name, fates } })).json as [
        string,
        number,
        number,
      ];
    const overloadedFor = (attempts: number) => Array.from({ length: attempts }, () => "overloaded");

    test.each([
      ["Commit", ["lose", "overloaded"]],
      ["RemoveMany", ["overloaded", "unavailable", "overloaded"]],
      ["Commit", ["lose"]],
      ["Commit", ["unavailable", "lose", "refuse"]],
    ])(
      "%s with the fates %j is not sent later than 15 seconds after the first doubt",
      async (name, fates) => {
        const [outcome, after, lastSent] = await ends(name, fates);
        expect(outcome).toMatch(
          /^unavailable: the outcome is unknown: .* after 15 seconds .*may have been applied$/,
        );
        expect(after).toBeGreaterThan(10);
        expect(Math.max(after, lastSent)).toBeLessThanOrEqual(15.5);
      },
    );

    test("a change in doubt is not sent on a connection that took too long", async () => {
      const [outcome, , lastSent] = await ends("Commit", ["lose", "connect slowly", "answer"]);
      expect(outcome).toMatch(/the outcome is unknown/);
      expect(lastSent).toBe(0);
    });

    test.each([
      ["Commit", [...overloadedFor(600), "lose", "answer"]],
      ["Commit", [...Array.from({ length: 40 }, () => "refuse"), "answer"]],
      ["Commit", ["connect slowly", "answer"]],
      ["GetEntry", ["lose", ...overloadedFor(100), "answer"]],
      ["Update", ["lose", "connect slowly", "answer"]],
    ])("%s is made again for longer while nothing is in doubt", async (name, fates) => {
      const [outcome, after] = await ends(name, fates);
      expect(outcome).toBe("answer");
      expect(after).toBeGreaterThan(15);
    });
  },
);
