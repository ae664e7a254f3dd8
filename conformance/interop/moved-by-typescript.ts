/** A value that Python stores, TypeScript moves to another key without knowing its class, and Python loads again. */
export interface MovedCase {
  readonly name: string;
  /** Statements that set `v`. */
  readonly python: string;
  /** A Python expression that is True of the value `w` that came back, and `v`. */
  readonly holds: string;
}

/** Classes and functions are defined in the running program, so that Modal's client writes them by value. */
export const movedCases: readonly MovedCase[] = [
  {
    name: "a numpy array",
    python: "import numpy; v = numpy.arange(24, dtype='float32').reshape(2, 3, 4)",
    holds: "w.dtype == v.dtype and w.shape == v.shape and w.tobytes() == v.tobytes() and type(w) is type(v)",
  },
  {
    name: "a numpy array in Fortran order, a structured one and one of texts",
    python: `
import numpy
v = {"f": numpy.asfortranarray(numpy.arange(6).reshape(2, 3)),
     "s": numpy.array([(1, 2.5)], dtype=[("x", "i4"), ("y", "f8")]),
     "t": numpy.array(["a", "bc"])}`,
    holds: `
all((w[k] == v[k]).all() and w[k].dtype == v[k].dtype for k in v) and w["f"].flags.f_contiguous`.trim(),
  },
  {
    name: "a dataclass instance",
    python: `
import dataclasses
@dataclasses.dataclass
class Job:
    id: int
    tags: list
    weight: float = 1.0
    def label(self):
        return f"{self.id}:{self.tags}"
v = Job(7, ["a", "b"])`,
    holds:
      "(w.id, w.tags, w.weight, w.label()) == (7, ['a', 'b'], 1.0, v.label()) and type(w.weight) is float",
  },
  {
    name: "a lambda with a default and a captured variable",
    python: "factor = 3; v = (lambda f: lambda x, y=[1]: (x * f, y))(factor)",
    holds: "w(14) == (42, [1]) and w('a', 2) == ('aaa', 2) and w.__name__ == '<lambda>'",
  },
  {
    name: "an exception of a class of its own",
    python: `
class JobFailed(Exception):
    def __init__(self, message, code):
        super().__init__(message, code)
        self.code = code
v = JobFailed("no disk", 28)
v.details = {"path": "/data"}`,
    holds:
      "w.args == ('no disk', 28) and w.code == 28 and w.details == {'path': '/data'} and isinstance(w, Exception)",
  },
  {
    name: "a nested dict of 10,000 items",
    python: `
v = {f"group {g}": {n: {"id": n, "name": f"item {n}", "score": n / 2, "pair": (n, str(n))} for n in range(g, 10_000, 100)}
     for g in range(100)}`,
    holds: "same(w, v) and sum(len(group) for group in w.values()) == 10_000",
  },
];
