import { same } from "./mentions";

/** Most nicks that are offered. */
const MOST = 6;
/** Longest text behind the sign that may still become a nick, in UTF-16 units. */
const LONGEST = 24;
const IN_WORD = /[\p{L}\p{N}_]/u;

/** A text and where the caret stands in it. */
export interface Typed {
  readonly text: string;
  readonly caret: number;
}

/** Offers nicks for the `@…` that is being typed. It takes a key only when it has something to offer. */
export class Completion {
  choices = $state.raw<readonly string[]>([]);
  /** Which choice Enter takes; -1 for none, and then Enter is the composer's. */
  chosen = $state(-1);
  #start = 0;
  /** The text up to the caret for whose sign nothing more is wanted; null for none. */
  #declined: string | null = null;

  get open(): boolean {
    return this.choices.length > 0;
  }

  /** The text or the caret changed. */
  typed({ text, caret }: Typed, nicks: readonly string[]): void {
    const start = signBefore(text, caret);
    const typed = text.slice(start + 1, caret);
    if (start !== this.#start || !text.slice(0, caret).startsWith(this.#declined ?? "")) this.#declined = null;
    this.choices = start < 0 || this.#declined !== null ? [] : candidates(typed, nicks);
    // A sign alone offers, and takes no key before somebody chooses.
    this.chosen = this.open && typed !== "" ? 0 : -1;
    this.#start = start;
  }

  /** A key was pressed: what the text becomes by it, `true` when it was used up, or `false` when it means nothing here. */
  pressed(key: string, now: Typed): Typed | boolean {
    if (!this.open) return false;
    const count = this.choices.length;
    if (key === "ArrowDown") this.chosen = (this.chosen + 1) % count;
    else if (key === "ArrowUp") this.chosen = (this.chosen + count - (this.chosen < 0 ? 0 : 1)) % count;
    else if (key === "Escape") this.close(now);
    else if ((key === "Enter" || key === "Tab") && this.chosen >= 0) return this.take(this.chosen, now);
    else return false;
    return true;
  }

  /** Put a choice in the place of what was typed. */
  take(index: number, { text, caret }: Typed): Typed {
    const nick = this.choices[index] ?? "";
    const rest = text.slice(caret);
    const head = `${text.slice(0, this.#start)}@${nick}${/^\s/u.test(rest) ? "" : " "}`;
    const taken = { text: head + rest, caret: head.length };
    this.close(taken);
    return taken;
  }

  /** Offer nothing more for this sign. */
  close({ text, caret }: Typed): void {
    this.#declined = text.slice(0, caret);
    this.choices = [];
    this.chosen = -1;
  }
}

/** Where the `@` stands that the caret is behind; -1 when it is behind none. */
function signBefore(text: string, caret: number): number {
  const start = text.lastIndexOf("@", caret - 1);
  if (start < 0 || caret === 0 || caret - start - 1 > LONGEST || text.slice(start, caret).includes("\n")) return -1;
  const before = Array.from(text.slice(Math.max(0, start - 2), start)).at(-1) ?? "";
  return IN_WORD.test(before) ? -1 : start;
}

/** The nicks that begin like this, in their order; nothing when the one that fits is there in full. */
function candidates(typed: string, nicks: readonly string[]): string[] {
  const fitting = nicks.filter((nick) => same(nick.slice(0, typed.length), typed));
  const whole = fitting.length === 1 && same(fitting[0] ?? "", typed);
  return whole ? [] : fitting.slice(0, MOST);
}
