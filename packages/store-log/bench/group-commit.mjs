// Puts group commit in front of an engine that has none: what is called while a batch is being committed goes
// together into the next. This is what a server on such an engine would do.

/** @param engine `getSync(key)`, and `commit(writes)` for an iterable of `[key text, value or undefined]` */
export class GroupCommit {
  #engine;
  #pending = new Map();
  #committing = new Map();
  #waiting = [];
  #isRunning = false;

  constructor(engine) {
    this.#engine = engine;
  }

  put(key, value) {
    return this.#write(key, value);
  }

  putIfAbsent(key, value) {
    if (this.#current(key) !== undefined) return Promise.resolve(false);
    return this.#write(key, value).then(() => true);
  }

  pop(key) {
    const present = this.#current(key);
    if (present === undefined) return Promise.resolve(undefined);
    return this.#write(key, undefined).then(() => present);
  }

  update(entries) {
    for (const { key, value } of entries) this.#pending.set(key.toString("latin1"), value);
    return this.#committed();
  }

  #current(key) {
    const text = key.toString("latin1");
    if (this.#pending.has(text)) return this.#pending.get(text);
    if (this.#committing.has(text)) return this.#committing.get(text);
    return this.#engine.getSync(key);
  }

  #write(key, value) {
    this.#pending.set(key.toString("latin1"), value);
    return this.#committed();
  }

  #committed() {
    const { promise, resolve, reject } = withResolvers();
    this.#waiting.push({ resolve, reject });
    if (!this.#isRunning) {
      this.#isRunning = true;
      setImmediate(() => this.#run());
    }
    return promise;
  }

  async #run() {
    while (this.#pending.size > 0) {
      const waiting = this.#waiting;
      this.#committing = this.#pending;
      this.#pending = new Map();
      this.#waiting = [];
      try {
        await this.#engine.commit(this.#committing);
        for (const { resolve } of waiting) resolve();
      } catch (error) {
        for (const { reject } of waiting) reject(error);
      }
    }
    this.#committing = new Map();
    this.#isRunning = false;
  }
}

function withResolvers() {
  let resolve;
  let reject;
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
