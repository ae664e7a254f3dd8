// All types, in the order of the README's table.

import { arrayRule } from "./array.ts";
import { bytearrayRule } from "./binary.ts";
import { counterRule, defaultdictRule, dequeRule, orderedDictRule, setRule } from "./collections.ts";
import { constantRule } from "./constants.ts";
import { containerRules, opaqueRules, scalarRules } from "./core-types.ts";
import { errorRule } from "./errors.ts";
import { ipAddressRule } from "./ip-address.ts";
import { complexRule, decimalRule, fractionRule, rangeRule, sliceRule } from "./numbers.ts";
import { ndarrayRule, numpyScalarRule } from "./numpy/numpy.ts";
import { numpyDtypeRule } from "./numpy/numpy-dtype.ts";
import { pandasRules } from "./pandas/pandas.ts";
import { pathRule } from "./path.ts";
import { regexpRule } from "./regexp.ts";
import { temporalRule } from "./time/temporal.ts";
import { dateRule, dateTimeRule, dayRule, timeRule } from "./time/times.ts";
import { timedeltaRule, timezoneRule } from "./time/timezone.ts";
import { zoneInfoRule } from "./time/zone-info.ts";
import type { TypeRule } from "./type-rule.ts";
import { urlRule } from "./url.ts";
import { uuidRule } from "./uuid.ts";

/** Every rule. */
export const typeTable: readonly TypeRule[] = [
  ...scalarRules,
  ...containerRules,
  orderedDictRule,
  setRule,
  bytearrayRule,
  arrayRule,
  dateRule,
  dateTimeRule,
  dayRule,
  timeRule,
  timedeltaRule,
  timezoneRule,
  temporalRule,
  zoneInfoRule,
  decimalRule,
  fractionRule,
  complexRule,
  uuidRule,
  ipAddressRule,
  rangeRule,
  sliceRule,
  dequeRule,
  defaultdictRule,
  counterRule,
  pathRule,
  urlRule,
  regexpRule,
  errorRule,
  ndarrayRule,
  numpyScalarRule,
  numpyDtypeRule,
  ...pandasRules,
  constantRule,
  ...opaqueRules,
];
