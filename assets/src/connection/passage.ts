import type { Body, Event, RoomRef } from "../wire/protocol";
import { MAX_EMOJI, MAX_NONCE, MAX_PASSPHRASE, MAX_TEXT } from "../wire/protocol";

/** Something that was said and did not come back yet. */
export interface CarriedPost {
  readonly nonce: string;
  readonly kind: Event["kind"];
  readonly body: Body;
  /** When it was said: milliseconds since 1970. */
  readonly at: number;
}

/** What somebody takes along from a node that is gone to another one where guests come into the same room. */
export interface Passage {
  /** When they went: milliseconds since 1970, by the clock of this same machine. */
  readonly at: number;
  readonly room: RoomRef;
  /** Who they are, and by what they are known at every node but the one where they were a guest at first. */
  readonly guest: { readonly secret: string; readonly id: string; readonly nick: string };
  /** The last seq that they had. */
  readonly seen: number;
  /** The invitation by which they came in; empty for none. */
  readonly code: string;
  readonly draft: string;
  readonly unsent: readonly CarriedPost[];
  /** How many texts did not fit, and stayed behind. */
  readonly left: number;
}

/** Longest fragment that is made or read, in characters: no browser and no server cuts it. */
export const MOST = 16_384;
/** So old a fragment may be: milliseconds. A browser that finds the way blocked tries the address again for a while. */
export const FRESH = 600_000;
/** Milliseconds by which a clock may have been set back in between. */
const BACK = 5_000;
const BEGIN = "#m=";
const KINDS: ReadonlySet<unknown> = new Set(["message", "edit", "reaction", "deletion"] satisfies Event["kind"][]);

/** Return the fragment that carries a passage. The draft, and the posts in their order, stay behind from where one does not fit. */
export function fragmentOf(passage: Passage): string {
  const { draft, unsent } = passage;
  for (let count = unsent.length; count >= 0; count -= 1) {
    const fragment = encoded({ ...passage, unsent: unsent.slice(0, count), left: passage.left + unsent.length - count });
    if (fragment.length <= MOST) return fragment;
  }
  return encoded({ ...passage, draft: "", unsent: [], left: passage.left + unsent.length + Number(draft !== "") });
}

/** Take a passage out of the page's own address, at once and for good; null when there is none that can be used. */
export function takePassage(
  location: Pick<Location, "hash" | "pathname" | "search">,
  history: Pick<History, "replaceState">,
  now: number,
): Passage | null {
  const { hash } = location;
  if (!hash.startsWith(BEGIN)) return null;
  history.replaceState(null, "", location.pathname + location.search);
  const passage = hash.length <= MOST ? decoded(hash.slice(BEGIN.length)) : null;
  return isPassage(passage) && now - passage.at < FRESH && passage.at - now < BACK ? passage : null;
}

/** Whether a value is a passage: what lies in the storage may be anything, and an address is anybody's to write. */
export function isPassage(value: unknown): value is Passage {
  if (!isRecord(value) || !isRecord(value.room) || !isRecord(value.guest)) return false;
  const { at, room, guest, seen, code, draft, unsent, left } = value;
  return (
    [at, seen, left].every((number) => Number.isSafeInteger(number) && (number as number) >= 0) &&
    fits(room.id, /^[0-9A-Za-z_-]{1,64}$/u) &&
    fits(room.name, /^.{1,160}$/u) &&
    fits(guest.secret, /^[0-9A-Za-z_-]{22,128}$/u) &&
    fits(guest.id, /^g-[0-9a-f]{32}$/u) &&
    fits(guest.nick, /^.{1,100}$/u) &&
    isText(code, MAX_PASSPHRASE) &&
    isText(draft, MOST) &&
    Array.isArray(unsent) &&
    unsent.every(isPost)
  );
}

function isPost(value: unknown): value is CarriedPost {
  if (!isRecord(value) || !isRecord(value.body)) return false;
  const { nonce, kind, body, at } = value;
  const { text = "", target = "", emoji = "", off = false, ...more } = body;
  return (
    isText(nonce, MAX_NONCE) &&
    nonce !== "" &&
    KINDS.has(kind) &&
    Number.isSafeInteger(at) &&
    isText(text, 2 * MAX_TEXT) &&
    isText(target, MAX_NONCE) &&
    isText(emoji, 2 * MAX_EMOJI) &&
    typeof off === "boolean" &&
    Object.keys(more).length === 0
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isText(value: unknown, most: number): value is string {
  return typeof value === "string" && value.length <= most;
}

function fits(value: unknown, form: RegExp): boolean {
  return typeof value === "string" && form.test(value);
}

/** JSON in base64url (RFC 4648, section 5): browsers rewrite other letters of a fragment, each in its way. */
function encoded(passage: Passage): string {
  const bytes = new TextEncoder().encode(JSON.stringify(passage));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return BEGIN + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decoded(text: string): unknown {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}
