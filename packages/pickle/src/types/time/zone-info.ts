// Python's time zones from the IANA database. CPython writes one as `getattr(ZoneInfo, "_unpickle")(key, fromCache)`,
// at all protocols. That is only the name of the zone, so its rules are those of the machine that loads it.

import { PyGlobal, PyObject } from "../../values/py-object.ts";
import { pyCall, type TypeRule } from "../type-rule.ts";

const unpickle = pyCall(
  new PyGlobal("builtins", "getattr"),
  new PyGlobal("zoneinfo", "ZoneInfo"),
  "_unpickle",
);

/** A Python `zoneinfo.ZoneInfo`: a time zone by its name. */
export class PyZoneInfo {
  /** The name, such as `Europe/Berlin`; `Intl.DateTimeFormat` takes it as `timeZone`. */
  readonly key: string;
  /** Whether Python gives everyone the same object for this name, as it does unless asked otherwise. */
  readonly isCached: boolean;

  constructor(key: string, isCached = true) {
    this.key = key;
    this.isCached = isCached;
  }

  toString(): string {
    return this.key;
  }

  toJSON(): string {
    return this.key;
  }
}

/** `PyZoneInfo` and ZoneInfo. */
export const zoneInfoRule: TypeRule = {
  typescript: "`PyZoneInfo`",
  python: "`zoneinfo.ZoneInfo`",
  note: "by name; other `tzinfo` classes stay `PyObject`",
  classes: [PyZoneInfo],
  reduce: ({ key, isCached }: PyZoneInfo) =>
    new PyObject({ callable: unpickle, args: [key, isCached ? 1 : 0] }),
  calls: {
    "zoneinfo.ZoneInfo._unpickle": ([key, isCached, ...more]) =>
      typeof key === "string" &&
      (typeof isCached === "boolean" || typeof isCached === "number") &&
      more.length === 0
        ? new PyZoneInfo(key, isCached === true || isCached === 1)
        : undefined,
  },
};
