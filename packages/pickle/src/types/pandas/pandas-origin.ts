// A program sees views of pandas objects. A view shows what the pickle says, and the pickle's own object is written in
// its place.

import type { PyObject } from "../../values/py-object.ts";

const origins = new WeakMap<object, PyObject>();

/** Remembers what a view shows, to be written in its place. */
export function withOrigin<View extends object>(view: View, object: PyObject): View {
  origins.set(view, object);
  return view;
}

/** Reads an object as a view. Of a form that is not known it stays as it is: its class is known all the same. */
export function viewReader(read: (object: PyObject) => object | undefined): (object: PyObject) => object {
  return (object) => {
    const view = read(object);
    return view === undefined ? object : withOrigin(view, object);
  };
}

/**
 * What a view shows.
 *
 * @throws {TypeError} if it was made by the program
 */
export function originOf(view: object): PyObject {
  const origin = origins.get(view);
  if (origin === undefined)
    throw new TypeError("this is part of what pandas wrote: only the whole can be written");
  return origin;
}

/** As {@link originOf}; `undefined` for what the program made. */
export function knownOrigin(view: object): PyObject | undefined {
  return origins.get(view);
}
