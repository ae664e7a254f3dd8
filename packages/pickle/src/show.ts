// @everdict/pickle/show: values and keys as people read them, on one line, and their bytes in hexadecimal.

export { decodeShownKey, decodeShownValue } from "./show/decode-shown.ts";
export { dictIdOfHandle } from "./show/dict-id-of-handle.ts";
export { escapeControls } from "./show/escape-controls.ts";
export { formatValue } from "./show/format-value.ts";
export { isPlain } from "./show/is-plain.ts";
export {
  jsonMaxDepth,
  type ReadableTag,
  readableTags,
  type Tag,
  tagOf,
  writtenOnlyTags,
} from "./show/json-form.ts";
export { pythonForm } from "./show/python-form.ts";
export { Undecodable } from "./show/undecodable.ts";
export { hexOf } from "./wire/hex-of.ts";
