/**
 * What the reader's values cost in memory, in bytes. The figures are measured: what the engine takes for a value until it
 * collects what is left over.
 */
export const Cost = {
  /** An empty list, and what its first element adds. */
  array: 32,
  room: 60,
  tuple: 48,
  object: 76,
  element: 12,
  property: 40,
  collection: 200,
  mapEntry: 56,
  setElement: 40,
  bytes: 250,
  text: 32,
  placeholder: 200,
  /** What is kept of an object until it is complete. */
  pending: 200,
  /** A float that is noted as such, and the first such note of a container. */
  mark: 16,
  marks: 300,
} as const;
