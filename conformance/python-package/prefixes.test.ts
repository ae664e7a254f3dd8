// A prefix finds the keys that a comparison in Python finds: the server compares bytes of pickles, which have their
// length in front, and repeats once or as references.
import { pythonIsSetUp, startEverdict, startPython } from "@everdict/testkit";
import { expect, test } from "vitest";
import { installPackage } from "./install-package.ts";

test.skipIf(!pythonIsSetUp(["package"]))(
  "prefixes find what Python's own comparison finds",
  async () => {
    using installed = await installPackage();
    await using server = await startEverdict({ memory: true });
    await using python = startPython("package", { ...server.env, ...installed.env });
    const { json } = await python.run(`
import everdict
d = everdict.Dict.from_name("prefixes", create_if_missing=True)
def copied(key):
    # Texts that are equal and not the same object have another pickle where they repeat.
    if isinstance(key, tuple):
        return tuple(copied(each) for each in key)
    return "".join(list(key)) if isinstance(key, str) else key
texts = ["", "a", "ab", "é", "日本", "x" * 255, "x" * 256, "x" * 65535, "x" * 65537, "x" * 70000, "ab" * 40000]
tuples = [
    (1,), ("a",), ("a", "b"), ("a", "a"), ("ab", "ab", 1), ("a", 1, None), ("a", 1, 2, 3), (1, 2, 3, 4, 5),
    (("ab", "b"), "ab", "c"), ("user", 42, "name", 1.5, True), ("x" * 70000, "b"), ("b", "x" * 70000, 1),
    (b"q", b"q", 3), (None,), ("u" * 300, "v"), (("ab", "ab"), 1), (1.0,), (True, "a"),
]
keys = [*texts, *tuples, *[copied(each) for each in tuples], 5, None, b"ab"]
for n, key in enumerate(keys):
    d.put(key, n)
held = list(d.handle.keys())
prefixes = {text[:n] for text in texts for n in (0, 1, 2, len(text) // 2, len(text))}
prefixes |= {each[:n] for each in tuples for n in range(1, len(each) + 1)}
def begins(key, prefix):
    if isinstance(prefix, str):
        return isinstance(key, str) and key.startswith(prefix)
    start = key[: len(prefix)] if isinstance(key, tuple) else None
    return start == prefix and [type(each) for each in start] == [type(each) for each in prefix]
wrong = [
    repr(prefix)[:50]
    for prefix in prefixes
    if sorted(map(repr, d.keys(prefix=prefix))) != sorted(repr(key) for key in held if begins(key, prefix))
]
[len(held), len(prefixes) > 40, wrong]`);
    expect(json).toEqual([expect.any(Number), true, []]);
  },
  120_000,
);
