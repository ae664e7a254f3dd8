/** Settles as the promise does; rejects, naming `what`, if that takes longer than the limit. */
export async function within<T>(what: string, limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limitMs} ms in vain until ${what}`)), limitMs);
  });
  return Promise.race([promise, isLate]).finally(() => clearTimeout(timer));
}
