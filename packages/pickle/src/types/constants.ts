import { PyGlobal } from "../values/py-object.ts";
import type { TypeRule } from "./type-rule.ts";

/** Python's `Ellipsis` (`...`); decoding gives this very object. */
export const pyEllipsis = new PyGlobal("builtins", "Ellipsis");

/** Python's `NotImplemented`; decoding gives this very object. */
export const pyNotImplemented = new PyGlobal("builtins", "NotImplemented");

/** The two constants that are found by name. */
export const constantRule: TypeRule = {
  typescript: "`pyEllipsis`, `pyNotImplemented`",
  python: "`Ellipsis`, `NotImplemented`",
  globals: { "builtins.Ellipsis": pyEllipsis, "builtins.NotImplemented": pyNotImplemented },
};
