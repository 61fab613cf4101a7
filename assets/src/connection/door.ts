import { isLoopback, type Browser } from "../platform/browser";
import { randomHex } from "../platform/random";
import type { LocalStore } from "../platform/storage";
import type { Hello } from "../wire/protocol";
import { VERSION } from "../wire/protocol";
import { Refusal } from "./socket";

/** How a browser is known at a node. */
export interface Guest {
  /** What only this browser and this node know; empty where somebody is a guest of another node. */
  readonly seed: string;
  /** By what they are known at every other node; empty until the node has told it. */
  readonly secret: string;
  readonly nick: string;
}

/** How long the node may take to answer: milliseconds. */
const PATIENCE = 10_000;

/** What the door needs of the browser. */
type Surroundings = Pick<Browser, "location" | "history" | "fetch">;

/**
 * How this page comes in: as the window of its own node, by a key, or as a guest of somebody's.
 *
 * The one-time token arrives in the address's fragment, leaves it at once, and is swapped for a bearer that lives in
 * this object only: never in storage, never in a cookie.
 */
export class Door {
  readonly #store: LocalStore;
  readonly #surroundings: Surroundings;
  #once: string | null;
  #bearer = "";
  #guest: Guest | null = null;

  constructor(store: LocalStore, surroundings: Surroundings) {
    this.#store = store;
    this.#surroundings = surroundings;
    this.#once = takeToken(surroundings);
  }

  get isGuest(): boolean {
    return this.#guest !== null;
  }

  /** By what this guest is known at other nodes; empty for none. */
  get secret(): string {
    return this.#guest?.secret ?? "";
  }

  /** The hello to say; throws a Refusal when the node's window wants a key that we do not have. */
  async hello(): Promise<Hello> {
    if (this.#bearer === "" && this.#guest === null) await this.#enter();
    if (this.#guest !== null) {
      const { seed, secret, nick } = this.#guest;
      return { type: "hello", version: VERSION, client: "guest", ...(seed === "" ? { secret } : { seed }), nick };
    }
    return { type: "hello", version: VERSION, client: "window", token: this.#bearer };
  }

  /** Take a new key that the window was given after a reload: true when there is one in the address. */
  takeKey(): boolean {
    const once = takeToken(this.#surroundings);
    if (once === null) return false;
    this.#once = once;
    this.#bearer = "";
    this.#guest = null;
    return true;
  }

  /** Send the file that an import of the node waits for; fails when it was not taken. */
  async upload(job: string, file: Blob): Promise<void> {
    const answer = await this.#surroundings.fetch(`./jobs/${job}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.#bearer}` },
      body: file,
      cache: "no-store",
    });
    if (!answer.ok) throw new Error(`The node answered ${answer.status}.`);
  }

  /** Remember what a guest is called, and by what other nodes know them, for the next hello and the next visit. */
  remember(nick: string, secret = ""): void {
    if (this.#guest === null) return;
    this.#guest = { ...this.#guest, nick, ...(secret === "" ? {} : { secret }) };
    this.#store.set("guest", this.#guest);
  }

  async #enter(): Promise<void> {
    // The window's app listens on this machine only: whoever came over the network is a guest, without asking.
    if (this.#once === null && !isLoopback(this.#surroundings.location.hostname)) {
      this.#guest = rememberedGuest(this.#store);
      return;
    }
    const answer = await this.#surroundings.fetch("./token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: this.#once ?? "" }),
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.ok) {
      const { bearer } = (await answer.json()) as { bearer: string };
      this.#bearer = bearer;
      this.#once = null;
    } else if (answer.status === 404) {
      // Only the window's app knows this route: we are in a room app, where everybody is a guest.
      this.#guest = rememberedGuest(this.#store);
    } else if (answer.status >= 400 && answer.status < 500) {
      const { code, message } = await refusal(answer);
      throw new Refusal(code, message);
    } else {
      throw new Error(`The node answered ${answer.status}.`);
    }
  }
}

function takeToken({ location, history }: Surroundings): string | null {
  const token = /^#t=(.+)$/u.exec(location.hash)?.[1] ?? null;
  if (token !== null) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

function rememberedGuest(store: LocalStore): Guest {
  const kept = keptGuest(store);
  if (kept !== null) return kept;
  const guest = { seed: randomHex(16), secret: "", nick: `Guest ${1000 + (parseInt(randomHex(2), 16) % 9000)}` };
  store.set("guest", guest);
  return guest;
}

/** Return the guest whom a storage has; null for none. */
export function keptGuest(store: LocalStore): Guest | null {
  const kept = store.get<unknown>("guest");
  return isGuest(kept) ? kept : null;
}

/** Whether a value can be a guest: somebody could have written anything into the storage. */
function isGuest(value: unknown): value is Guest {
  const { seed, secret, nick } = (value ?? {}) as Partial<Record<string, unknown>>;
  const known = [seed, secret].some((text) => typeof text === "string" && text !== "");
  return known && [seed, secret, nick].every((text) => typeof text === "string");
}

async function refusal(answer: Pick<Response, "json">): Promise<{ code: string; message: string }> {
  try {
    const { code, message } = (await answer.json()) as { code?: unknown; message?: unknown };
    return { code: String(code ?? "unauthorised"), message: String(message ?? "") };
  } catch {
    return { code: "unauthorised", message: "" };
  }
}
