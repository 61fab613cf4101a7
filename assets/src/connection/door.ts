import { isLoopback, type Browser } from "../platform/browser";
import { randomHex } from "../platform/random";
import type { LocalStore } from "../platform/storage";
import { arrivalWords } from "../text/words/arrivalwords";
import type { Hello } from "../wire/protocol";
import { VERSION } from "../wire/protocol";
import { canRecognise, proofOf, windowId } from "./proof";
import { Refusal } from "./socket";

/** How a browser is known at a node. */
export interface Guest {
  /** What only this browser and this node know; empty where somebody is a guest of another node. */
  readonly seed: string;
  /** By what they are known at every other node; empty until the node has told it. */
  readonly secret: string;
  readonly nick: string;
}

/** Under which the browser keeps the bearer. */
const KEPT = "window";
/** How long the node may take to answer: milliseconds. */
const PATIENCE = 10_000;

/** What the door needs of the browser. */
type Surroundings = Pick<Browser, "location" | "history" | "fetch">;

/**
 * How this page comes in: as the window of its own node, by a key, or as a guest of somebody's.
 *
 * The one-time token arrives in the address's fragment, leaves it at once, and is swapped for a bearer. The browser keeps
 * that one for this address, never in a cookie, so that a page that is loaded again comes in without another token.
 */
export class Door {
  readonly #store: LocalStore;
  readonly #surroundings: Surroundings;
  #once: string | null;
  #bearer = "";
  #signedOut = false;
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
    if (this.#signedOut) throw new Refusal("signed_out", arrivalWords.signedOut);
    if (this.#bearer !== "") await this.#recognise();
    else if (this.#guest === null) await this.#enter();
    if (this.#guest !== null) {
      const { seed, secret, nick } = this.#guest;
      // Both where both are known: behind one address there may be several nodes, and at each we are the same.
      const known = { ...(seed === "" ? {} : { seed }), ...(secret === "" ? {} : { secret }) };
      return { type: "hello", version: VERSION, client: "guest", ...known, nick };
    }
    return { type: "hello", version: VERSION, client: "window", token: this.#bearer };
  }

  /** Take a new key that the window was given after a reload: true when there is one in the address. */
  takeKey(): boolean {
    const once = takeToken(this.#surroundings);
    if (once === null) return false;
    this.#once = once;
    this.#bearer = "";
    this.#signedOut = false;
    this.#guest = null;
    return true;
  }

  /** Sign this browser out, or every one that may come in; fails when the node did not take it. */
  async signOut(everywhere: boolean): Promise<void> {
    const which = everywhere ? "" : `/${await windowId(this.#bearer)}`;
    const headers = { Authorization: `Bearer ${this.#bearer}` };
    const answer = await this.#surroundings.fetch(`./windows${which}`, { method: "DELETE", headers, cache: "no-store" });
    if (!answer.ok) throw new Error(`The node answered ${answer.status}.`);
    this.#signedOut = true;
    this.#store.remove(KEPT);
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
    const keep = canRecognise();
    const answer = await this.#ask("./token", { token: this.#once ?? "", bearer: keep ? this.#kept : "", keep });
    if (answer.ok) {
      const { bearer } = (await answer.json()) as { bearer: string };
      this.#bearer = bearer;
      this.#once = null;
      if (keep) this.#store.set(KEPT, bearer);
    } else if (answer.status === 404) {
      // Only the window's app knows this route: we are in a room app, where everybody is a guest.
      this.#guest = rememberedGuest(this.#store);
    } else if (answer.status >= 400 && answer.status < 500) {
      this.#store.remove(KEPT);
      throw await refusal(answer);
    } else {
      throw new Error(`The node answered ${answer.status}.`);
    }
  }

  /**
   * See whether it is our node that answers, before it is told the bearer: another program may have got its port. It
   * may have been given a newer bearer in another window of this browser.
   */
  async #recognise(): Promise<void> {
    if (!canRecognise()) return;
    let refused: Refusal | null = null;
    for (const bearer of new Set([this.#bearer, this.#kept || this.#bearer])) {
      const nonce = randomHex(16);
      const answer = await this.#ask("./proof", { id: await windowId(bearer), nonce });
      if (answer.status === 401) {
        refused = await refusal(answer);
        continue;
      }
      const { proof } = (await answer.json()) as { proof?: unknown };
      if (proof !== (await proofOf(bearer, this.#surroundings.location.port, nonce))) throw new Error("It is not our node.");
      this.#bearer = bearer;
      return;
    }
    throw refused!;
  }

  get #kept(): string {
    const kept = this.#store.get<unknown>(KEPT);
    return typeof kept === "string" ? kept : "";
  }

  #ask(route: string, question: object): Promise<Pick<Response, "status" | "ok" | "json">> {
    return this.#surroundings.fetch(route, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(question),
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
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

/** Whether this browser is let in as a window here: then nobody in it is a guest. */
export function isWindow(store: LocalStore): boolean {
  return store.get<unknown>(KEPT) !== null;
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

async function refusal(answer: Pick<Response, "json">): Promise<Refusal> {
  try {
    const { code, message } = (await answer.json()) as { code?: unknown; message?: unknown };
    return new Refusal(String(code ?? "unauthorised"), String(message ?? ""));
  } catch {
    return new Refusal("unauthorised", "");
  }
}
