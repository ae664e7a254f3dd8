// What a Python program catches, and that nothing was changed then.
import {
  type EverdictProcess,
  type Python,
  type PythonError,
  pythonIsSetUp,
  startEverdict,
  startPython,
} from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type InstalledPackage, installPackage } from "./install-package.ts";

const clients = ["package", "v1.0", "v0.74"] as const;

describe.skipIf(!pythonIsSetUp(clients)).each(clients)(
  "errors, with the modal of the environment %s",
  (client) => {
    let installed: InstalledPackage;
    let server: EverdictProcess;
    let python: Python<(typeof clients)[number]>;
    beforeAll(async () => {
      installed = await installPackage();
      server = await startEverdict({ memory: true });
      python = startPython(client, { ...server.env, ...installed.env });
      await python.run(`
import asyncio, everdict
d = everdict.Dict.from_name("errors", create_if_missing=True)
d.update({"text": "five", "n": 1})
version = d.entry("n").version`);
    }, 120_000);
    afterAll(async () => {
      await python?.stop();
      await server?.[Symbol.asyncDispose]();
      installed?.[Symbol.dispose]();
    });

    test.each<[code: string, classes: readonly string[], message: RegExp]>([
      [
        `d.increment("text")`,
        ["NotANumber", "Refused", "Error"],
        /^the entry of 'text' in dict di-\w+ is no int or float; nothing/,
      ],
      [
        `d.increment("n", max=1)`,
        ["OutOfBounds", "Refused"],
        /^the sum of 'n' in dict di-\w+ would be outside/,
      ],
      [
        `d.transaction().check("n", absent=True).commit()`,
        ["Refused"],
        /^the condition of 'n' in dict di-\w+ does not hold: its version is [0-9a-f]{16}; nothing/,
      ],
      [`d.transaction().check("no", present=True).commit()`, ["Refused"], /no live entry is there/],
      [`d.transaction().check("n")`, ["InvalidError"], /one of version=…, absent=True and present=True/],
      [`d.transaction().put("n", 2).remove("n").commit()`, ["InvalidError"], /./],
      [`d.modify("n", lambda n: d.put("n", 9), attempts_max=2)`, ["Refused"], /./],
      [
        `d.modify("n", lambda n: 2, attempts_max=0)`,
        ["InvalidError"],
        /attempts_max is 0: it is a count, at least 1/,
      ],
      [`d.modify("n", lambda n: 2, attempts_max=1.5)`, ["InvalidError"], /attempts_max is 1.5/],
      [`d.modify("n", 2)`, ["InvalidError"], /function is 2: it is a function of the value/],
      [
        `d.modify("n", asyncio.sleep)`,
        ["InvalidError"],
        /function is .*, which is async: .*nothing was changed/,
      ],
      [`run(d.modify.aio("n", asyncio.sleep))`, ["InvalidError"], /which is async/],
      [`d.modify("n", lambda n: asyncio.sleep(0))`, ["InvalidError"], /which is async/],
      [`d.put("n", 2, if_version=None)`, ["InvalidError"], /None is no version/],
      [`d.put("n", 2, if_version="12")`, ["InvalidError"], /'12' is no version/],
      [
        `d.put("n", 2, ttl=0)`,
        ["InvalidError"],
        /ttl is 0: it is a number of seconds or a timedelta, more than 0/,
      ],
      [`d.put("n", 2, ttl=1e30)`, ["InvalidError"], /ttl is 1e\+30: .* at most 3153600000 seconds/],
      [`d.touch("n", ttl=float("nan"))`, ["InvalidError"], /ttl is nan: .* more than 0/],
      [`d.increment("n", ttl_on_create="5")`, ["InvalidError"], /ttl_on_create is '5': .* everdict.NEVER/],
      [`d.put("n", 2, skip_if_exists=True, only_if_exists=True)`, ["InvalidError"], /exclude each other/],
      [`d.increment("n", True)`, ["InvalidError"], /by is True: it is an int or a float/],
      [`d.increment("n", float("nan"))`, ["InvalidError"], /by is nan/],
      [`d.pop("n", if_version="0" * 16)`, ["KeyError"], /n not in dict di-\w+ with version 0{16}/],
      [`d["no"]`, ["KeyError"], /no not in dict di-\w+/],
      [`d.pop("no")`, ["KeyError"], /no not in dict di-\w+/],
      [`d.transaction().check("k" * 9000, present=True).commit()`, ["Refused"], /^.{180,400}$/],
      [`d.page(after="rubbish")`, ["InvalidError"], /./],
      [`d.page(after="no cursor!")`, ["InvalidError"], /is no cursor/],
      [`d.page(limit=0)`, ["InvalidError"], /limit is 0/],
      [`list(d.keys(prefix=5))`, ["InvalidError"], /a prefix is a string, or a tuple/],
      [`d.put_many([("n", 2)])`, ["InvalidError"], /entries is list: it is a dict, or another mapping/],
      [`d.put_many({"n": 2, "no": 1}, ttl=-1)`, ["InvalidError"], /ttl is -1/],
      [`d.get_many("text")`, ["InvalidError"], /keys is 'text': it is a list of keys, as \['text'\]/],
      [`d.remove_many("n")`, ["InvalidError"], /keys is 'n': it is a list of keys, as \['n'\]/],
      [`d.remove_many(b"n")`, ["InvalidError"], /keys is b'n': it is a list of keys/],
      [`d.remove_many("n", dry_run=True)`, ["InvalidError"], /it is a list of keys/],
      [`d.get_many(5)`, ["InvalidError"], /keys is 5: it is a list of keys, or another iterable/],
      [`d.remove_many()`, ["InvalidError"], /either keys or prefix/],
      [`d.configure(expiry=everdict.Expiry("sometimes", ttl=5))`, ["InvalidError"], /no expiry policy/],
      [`d.configure(expiry=everdict.Expiry("after_use", -5))`, ["InvalidError"], /ttl of an expiry is -5/],
      [`d.configure(durability="hope")`, ["InvalidError"], /./],
      [`everdict.Dict.from_name("nowhere").entry("k")`, ["NotFoundError"], /nowhere/],
      [`everdict.Dict("errors")`, ["TypeError"], /takes a modal.Dict/],
    ])("%s", async (code, classes, message) => {
      const raised = await python.run(code).then(
        ({ repr }) => expect.fail(`Python raised nothing and answered ${repr}`),
        (error: PythonError) => error,
      );
      expect(raised.classes, raised.traceback).toEqual(expect.arrayContaining([...classes]));
      expect(raised.message).toMatch(message);
      const untouched = code.includes('d.put("n", 9)')
        ? `d.put("n", 1)`
        : `d["n"] == 1 and d["text"] == "five"`;
      expect((await python.run(untouched)).json).toBe(true);
    });

    test("an error of the server says its code, and a refusal where it was", async () => {
      const { json } = await python.run(`
def caught(call):
    try:
        call()
    except Exception as error:
        return error
many = d.transaction()
for n in range(10_001):
    many.remove(n)
refused = caught(lambda: d.transaction().check("text", present=True).check("n", absent=True).commit())
[caught(many.commit).code, refused.key, refused.index, refused.found == d.entry("n").version]`);
      expect(json).toEqual(["too_many_entries", "n", 1, true]);
    });

    test("a time to live may be any fraction of a second", async () => {
      const { json } = await python.run(`
from datetime import timedelta
def lives(ttl):
    d.put("short", 1, ttl=ttl)
    d.put("short", 1, ttl=ttl, skip_if_exists=True)
    d.touch("short", ttl=ttl)
    d.remove("short")
    return d.increment("fresh", ttl_on_create=ttl) > 0
[lives(ttl) for ttl in (1.0005, 30.0001229, 1e-9, timedelta(days=1, microseconds=7), 3_153_600_000)]`);
      expect(json).toEqual([true, true, true, true, true]);
    });

    test("a server that does not know the calls is told apart", async () => {
      const { json } = await python.run(`
from everdict import _calls, _dict
_calls.methods["Later"] = _calls.methods["GetStats"]
class _Later(_dict._Dict):
    async def later(self):
        client, dict_id = await self._open()
        return await _calls.call(client, "Later", _dict.messages.GetStatsRequest(dict_id=dict_id))
Later = _dict.synchronize_api(_Later)
answer = []
try:
    Later(modal.Dict.from_name("errors")).later()
except everdict.Unsupported as error:
    answer = [error.code, str(error)]
answer`);
      expect(json).toEqual(["unsupported", expect.stringContaining("the server does not know this call")]);
    });
  },
);
