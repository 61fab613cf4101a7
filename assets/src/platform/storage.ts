/** What the browser keeps for this page. Storage may be absent, full or forbidden; the page works without it. */
export class LocalStore {
  readonly #storage: Storage | null;
  readonly #prefix = "lanchat.";

  constructor(storage: Storage | null = browserStorage(() => globalThis.localStorage)) {
    this.#storage = storage;
  }

  /** What the browser keeps for this tab only, also when it is reloaded. */
  static ofTab(): LocalStore {
    return new LocalStore(browserStorage(() => globalThis.sessionStorage));
  }

  /** The kept value, or null when there is none or it is not readable. */
  get<T>(key: string): T | null {
    try {
      const text = this.#storage?.getItem(this.#prefix + key);
      return text == null ? null : (JSON.parse(text) as T);
    } catch {
      return null;
    }
  }

  set(key: string, value: unknown): void {
    try {
      this.#storage?.setItem(this.#prefix + key, JSON.stringify(value));
    } catch {
      // Full or forbidden: the value lives as long as the page.
    }
  }

  remove(key: string): void {
    try {
      this.#storage?.removeItem(this.#prefix + key);
    } catch {
      // Forbidden: then nothing was kept either.
    }
  }

  /** All keys that begin with `start`. */
  keys(start: string): string[] {
    try {
      const storage = this.#storage;
      if (storage == null) return [];
      const all = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
      return all.filter((key) => key.startsWith(this.#prefix + start)).map((key) => key.slice(this.#prefix.length));
    } catch {
      return [];
    }
  }
}

function browserStorage(storage: () => Storage | undefined): Storage | null {
  try {
    return storage() ?? null;
  } catch {
    return null;
  }
}
