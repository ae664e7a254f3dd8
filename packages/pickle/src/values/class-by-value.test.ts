// Classes of scripts and notebooks, which cloudpickle writes with their instances.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPython, fromBase64, PythonOracle, toBase64 } from "../../testing/python-oracle.ts";
import { ClassRegistry, decode, encode, PyGlobal, PyObject } from "../index.ts";

const script = `
import dataclasses, enum, collections, typing
import modal._vendor.cloudpickle as vendored
import cloudpickle

@dataclasses.dataclass
class Job:
    id: int = 1
    state: str = "done"
    def more(self):
        return dataclasses.replace(self, id=self.id + 1)

class Special(Job):
    def name(self):
        return "special"

class Color(enum.Enum):
    RED = 1
    GREEN = "g"

class Level(enum.IntEnum):
    LOW = 1

class Outer:
    class Nested:
        def __init__(self):
            self.v = 1

Spot = collections.namedtuple("Spot", "x y")

class Typed(typing.NamedTuple):
    x: int
    y: str = "q"

class Failed(Exception):
    pass

class Names(list):
    pass
`;

/** What is written, its class here, and what must hold of it in Python after it was moved. */
const instances: readonly (readonly [expression: string, name: string, holds: string])[] = [
  ["Job(7)", "Job", "(value.id, value.state, value.more().id) == (7, 'done', 8)"],
  ["Special(2, 'x')", "Special", "(value.id, value.name(), value.more().id) == (2, 'special', 3)"],
  ["Color.GREEN", "Color", "value.name == 'GREEN' and value.value == 'g'"],
  ["Level.LOW", "Level", "value == 1 and value.name == 'LOW'"],
  ["Outer.Nested()", "Nested", "value.v == 1"],
  ["Spot(1, 2)", "Spot", "value == (1, 2) and value.x == 1"],
  ["Typed(3)", "Typed", "value == (3, 'q') and value.y == 'q'"],
  ["Failed('why', 2)", "Failed", "value.args == ('why', 2)"],
  ["Names(['a'])", "Names", "list(value) == ['a']"],
];

/** What Modal's client writes with, and what everybody else does. */
const picklers = ["vendored", "cloudpickle"] as const;

class Job {
  id: number;
  state: string;
  constructor(id: number, state: string) {
    this.id = id;
    this.state = state;
  }
}

class Color {
  readonly value: unknown;
  readonly name: string | undefined;
  constructor(value: unknown, name?: string) {
    this.value = value;
    this.name = name;
  }
}

const classes = new ClassRegistry();
classes.register<Job, { id: number; state: string }>("__main__.Job", Job, {
  toState: ({ id, state }) => ({ id, state }),
  fromState: ({ id, state }) => new Job(id, state),
});
classes.register("__main__.Color", Color, {
  toState: ({ value }) => new PyObject({ module: "__main__", name: "Color", args: [value] }),
  fromState: (_, { args, member }) => new Color(args[0], member),
});

const python = findPython("import cloudpickle, modal._vendor.cloudpickle");

describe.skipIf(python === undefined)("a class of a script", () => {
  let oracle: PythonOracle;
  beforeAll(async () => {
    oracle = new PythonOracle(python!);
    await oracle.ask("run", { script });
  });
  afterAll(() => oracle.close());

  async function written(pickler: string, expression: string): Promise<Uint8Array> {
    const bytes = await oracle.ask<string>("evaluate", {
      expression: `${pickler}.dumps(${expression})`,
      protocol: 4,
    });
    return decode(fromBase64(bytes)) as Uint8Array;
  }

  async function checked(value: unknown, holds: string): Promise<unknown> {
    // Else the class would be found under the number by which this process knows it.
    const forget = `vendored._DYNAMIC_CLASS_TRACKER_BY_ID.clear() is None`;
    await oracle.ask("evaluate", { expression: forget, protocol: 4 });
    return oracle.ask("check", { data: toBase64(encode(value, { classes })), expression: holds });
  }

  const cases = picklers.flatMap((pickler) => instances.map((each) => [pickler, ...each] as const));
  test.each(cases)("written by %s: %s is a %s", async (pickler, expression, name, holds) => {
    const value = decode(await written(pickler, expression)) as PyObject;
    expect([value.module, value.name, String(value)]).toEqual([
      "__main__",
      name,
      `PyObject(__main__.${name})`,
    ]);
    const isOfItsOwn = `type(value).__name__ == '${name}' and type(value) is not ${name === "Nested" ? "Outer.Nested" : name}`;
    expect(await checked(value, `${holds} and ${isOfItsOwn}`)).toBe(true);
  });

  test("an enum's member says its name; what else has one argument does not", async () => {
    const read = async (expression: string) => decode(await written("vendored", expression)) as PyObject;
    expect([(await read("Color.GREEN")).member, (await read("Color.GREEN")).args]).toEqual(["GREEN", ["g"]]);
    expect((await read("Failed('x')")).member).toBeUndefined();
  });

  test("is one for all its instances, and the class itself shows its name", async () => {
    const [first, second, itself] = decode(await written("vendored", "[Job(1), Job(2), Job]")) as PyObject[];
    expect(first?.callable).toBe(second?.callable);
    expect([first?.state, second?.state]).toEqual([
      { id: 1, state: "done" },
      { id: 2, state: "done" },
    ]);
    expect(String(itself)).toBe("__main__.Job");
  });

  test("is found by registerClass(), and goes on with the instance", async () => {
    const value = decode(await written("vendored", "[Job(7), Color.RED]"), {
      classes,
      unknownClasses: "refuse",
    }) as [Job, Color];
    expect(value).toEqual([new Job(7, "done"), new Color(1, "RED")]);
    expect(await checked(value, "value[0].more().id == 8 and value[1].name == 'RED'")).toBe(true);
    // One that is made here is of the class that Python finds by that name.
    const holds = "value[0].id == 9 and type(value[0]) is Job and value[1] is Color.GREEN";
    expect(await checked([new Job(9, "new"), new Color("g")], holds)).toBe(true);
  });

  test('is named by unknownClasses: "refuse", also beside one that is registered', async () => {
    const refuse = { classes, unknownClasses: "refuse" } as const;
    const other = await written("vendored", "[Job(1), Special(2)]");
    expect(() => decode(other, refuse)).toThrow(
      'the class __main__.Special is not known here; registerClass("__main__.Special", …)',
    );
    const alone = await written("vendored", "[Job(1), Job(1).more]");
    expect(() => decode(alone, refuse)).toThrow(/only Python can make/);
  });
});

test("a class by value is no type of the table, whatever it is called", () => {
  const skeleton = new PyObject({
    module: "cloudpickle.cloudpickle",
    name: "_make_skeleton_class",
    args: [new PyGlobal("builtins", "type"), "UUID", Object.freeze([]), { __module__: "uuid" }, null, null],
  });
  const read = decode(encode(new PyObject({ callable: skeleton, construction: "new", state: { int: 1 } })));
  expect(String(read)).toBe("PyObject(uuid.UUID)");
});
