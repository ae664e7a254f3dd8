import { exactItems } from "../values/exact-floats.ts";
import { PyFloat } from "../values/py-float.ts";
import { PyGlobal } from "../values/py-object.ts";
import { shownText } from "../values/shown.ts";
import { isInteger, pyCall, pyInteger, type TypeRule } from "./type-rule.ts";

const complexClass = new PyGlobal("builtins", "complex");
const fractionClass = new PyGlobal("fractions", "Fraction");
const decimalClass = new PyGlobal("decimal", "Decimal");
const rangeClass = new PyGlobal("builtins", "range");
const sliceClass = new PyGlobal("builtins", "slice");

/** A Python `complex` number. */
export class PyComplex {
  /** The real part. */
  readonly re: number;
  /** The imaginary part. */
  readonly im: number;

  constructor(re: number, im: number) {
    this.re = re;
    this.im = im;
  }

  toString(): string {
    return `(${this.re}${this.im < 0 || Object.is(this.im, -0) ? "-" : "+"}${Math.abs(this.im)}j)`;
  }

  /** As text. */
  toJSON(): string {
    return String(this);
  }
}

/** A Python `fractions.Fraction`. Python reduces it to lowest terms. */
export class PyFraction {
  /** Above the line. */
  readonly numerator: bigint;
  /** Below the line; not 0. */
  readonly denominator: bigint;

  constructor(numerator: number | bigint, denominator: number | bigint = 1n) {
    this.numerator = BigInt(numerator);
    this.denominator = BigInt(denominator);
  }

  toString(): string {
    return `${this.numerator}/${this.denominator}`;
  }

  /** As text. */
  toJSON(): string {
    return String(this);
  }
}

/** A Python `decimal.Decimal`, by its digits: no digit is lost, none is added. */
export class PyDecimal {
  /** As Python spells it, such as `1.50`, `1E+3` or `NaN`. */
  readonly value: string;

  constructor(value: string | number | bigint) {
    this.value = String(value);
  }

  toString(): string {
    return this.value;
  }

  toJSON(): string {
    return this.value;
  }
}

/** A Python `range`. */
export class PyRange {
  /** The first number. */
  readonly start: number | bigint;
  /** The number before which it ends. */
  readonly stop: number | bigint;
  /** The distance between two; not 0. */
  readonly step: number | bigint;

  constructor(start: number | bigint, stop: number | bigint, step: number | bigint = 1) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  toString(): string {
    return `range(${this.start}, ${this.stop}, ${this.step})`;
  }

  /** As text. */
  toJSON(): string {
    return String(this);
  }
}

/** A Python `slice`; its parts are `null` where Python has None. */
export class PySlice {
  /** Where it starts. */
  readonly start: unknown;
  /** Where it ends. */
  readonly stop: unknown;
  /** The distance between two elements. */
  readonly step: unknown;

  constructor(start: unknown, stop: unknown, step: unknown = null) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  /** As Python writes it: `slice(1, None, 2)`. */
  toString(): string {
    const parts = [this.start, this.stop, this.step].map((part) =>
      part === null ? "None" : shownText(part),
    );
    return `slice(${parts.join(", ")})`;
  }

  /** As text. */
  toJSON(): string {
    return String(this);
  }
}

/** `PyComplex` and complex. */
export const complexRule: TypeRule = {
  typescript: "`PyComplex`",
  python: "`complex`",
  classes: [PyComplex],
  reduce: ({ re, im }: PyComplex) => pyCall(complexClass, new PyFloat(re), new PyFloat(im)),
  calls: {
    "builtins.complex": ([first, second, ...more]) => {
      // If integral floats are told apart, the parts come as such.
      const [re, im] = [plainNumber(first), plainNumber(second)];
      return re !== undefined && im !== undefined && more.length === 0 ? new PyComplex(re, im) : undefined;
    },
  },
};

function plainNumber(value: unknown): number | undefined {
  if (value instanceof PyFloat) return value.value;
  return typeof value === "number" ? value : undefined;
}

/** `PyFraction` and Fraction: `Fraction("1/3")` up to Python 3.10, `Fraction(1, 3)` from 3.11 on. */
export const fractionRule: TypeRule = {
  typescript: "`PyFraction`",
  python: "`fractions.Fraction`",
  textFactor: 16,
  classes: [PyFraction],
  reduce: ({ numerator, denominator }: PyFraction) =>
    pyCall(fractionClass, pyInteger(numerator), pyInteger(denominator)),
  calls: {
    "fractions.Fraction": ([first, second, ...more]) => {
      if (more.length > 0) return undefined;
      if (isInteger(first) && isInteger(second)) return new PyFraction(first, second);
      const spelled =
        typeof first === "string" && second === undefined
          ? /^(-?\d{1,4000})(?:\/(\d{1,4000}))?$/.exec(first)
          : null;
      return spelled === null
        ? undefined
        : new PyFraction(BigInt(spelled[1] as string), BigInt(spelled[2] ?? 1));
    },
  },
};

/** `PyDecimal` and Decimal. */
export const decimalRule: TypeRule = {
  typescript: "`PyDecimal`",
  python: "`decimal.Decimal`",
  classes: [PyDecimal],
  reduce: ({ value }: PyDecimal) => pyCall(decimalClass, value),
  calls: {
    "decimal.Decimal": ([value, ...more]) =>
      typeof value === "string" && more.length === 0 ? new PyDecimal(value) : undefined,
  },
};

/** `PyRange` and range. */
export const rangeRule: TypeRule = {
  typescript: "`PyRange`",
  python: "`range`",
  classes: [PyRange],
  reduce: ({ start, stop, step }: PyRange) =>
    pyCall(rangeClass, pyInteger(start), pyInteger(stop), pyInteger(step)),
  calls: {
    "builtins.range": ([start, stop, step, ...more]) =>
      isInteger(start) && isInteger(stop) && isInteger(step) && more.length === 0
        ? new PyRange(start, stop, step)
        : undefined,
  },
};

/** `PySlice` and slice. */
export const sliceRule: TypeRule = {
  typescript: "`PySlice`",
  python: "`slice`",
  classes: [PySlice],
  unhashable: true,
  reduce: ({ start, stop, step }: PySlice) => pyCall(sliceClass, start, stop, step),
  calls: {
    "builtins.slice": (args) => {
      if (args.length !== 3) return undefined;
      const [start, stop, step] = exactItems(args);
      return new PySlice(start, stop, step);
    },
  },
};
