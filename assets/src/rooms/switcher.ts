import fuzzysort from "fuzzysort";
import { readTicket } from "../door/ticket";
import { alike } from "../text/looks.svelte";

/** A room that can be switched to. */
export interface SwitchRoom {
  readonly id: string;
  readonly title: string;
  /** Where it has its home; empty for this computer. */
  readonly where: string;
  readonly unread: number;
  readonly mentions: number;
}

/** Somebody who is in a room. */
export interface SwitchPerson {
  readonly id: string;
  readonly name: string;
  readonly nick: string;
  /** The room in which they are. */
  readonly room: string;
  readonly roomName: string;
}

/** Something that can be done. */
export interface SwitchCommand {
  readonly title: string;
  run(): void;
}

export interface Choosable {
  readonly rooms: readonly SwitchRoom[];
  readonly people: readonly SwitchPerson[];
  readonly commands: readonly SwitchCommand[];
}

/** What fits to what is typed. `create` makes a room; `near` is the name of one with which it could be mixed up. */
export type SwitchChoice =
  | { readonly kind: "room"; readonly room: SwitchRoom }
  | { readonly kind: "person"; readonly person: SwitchPerson }
  | { readonly kind: "command"; readonly command: SwitchCommand }
  | { readonly kind: "ticket"; readonly link: string }
  | { readonly kind: "create"; readonly name: string; readonly near: string };

/** Most that are shown. */
export const MOST_SHOWN = 30;
/** How well a name has to fit. */
const THRESHOLD = 0.3;

interface Ranked {
  readonly choice: SwitchChoice;
  /** How a name fits: 0 exactly, 1 in another case, 2 as its beginning, 3 as that of a word in it, 4 somehow. */
  readonly tier: number;
  readonly score: number;
  readonly unread: number;
  /** Where it stood before anything was typed. */
  readonly place: number;
}

/**
 * Return what fits, the best first: names that are what was typed, then in another case, then beginnings, then anything
 * like it; of those that fit as well, rooms with mentions and with unread messages first. Making a room is the last.
 */
export function choices(typed: string, { rooms, people, commands }: Choosable): SwitchChoice[] {
  const query = typed.trim();
  if (readTicket(query) !== null) return [{ kind: "ticket", link: query }];
  const found = [
    ...ranked(query, rooms, ({ title }) => title, (room) => ({ kind: "room", room }), weight),
    ...ranked(query, query === "" ? [] : people, ({ name }) => name, (person) => ({ kind: "person", person })),
    ...ranked(query, query === "" ? [] : commands, ({ title }) => title, (command) => ({ kind: "command", command })),
  ];
  const fitting = found.sort(compared).slice(0, MOST_SHOWN);
  const shown = fitting.map(({ choice }) => choice);
  if (query === "" || rooms.some(({ title }) => title === query)) return shown;
  return [...shown, { kind: "create", name: query, near: near(query, rooms, fitting) }];
}

/** Return the parts of a text, and whether each of them fits to what is typed. */
export function parts(typed: string, text: string): { readonly text: string; readonly fits: boolean }[] {
  const result = typed.trim() === "" ? null : fuzzysort.single(typed.trim(), text);
  if (result === null) return [{ text, fits: false }];
  return result
    .highlight((match) => ({ text: match, fits: true }))
    .map((part) => (typeof part === "string" ? { text: part, fits: false } : part))
    .filter(({ text: part }) => part !== "");
}

function ranked<T>(
  query: string,
  things: readonly T[],
  name: (thing: T) => string,
  choice: (thing: T) => SwitchChoice,
  unread: (thing: T) => number = () => 0,
): Ranked[] {
  if (query === "") return things.map((thing, place) => ({ choice: choice(thing), tier: 0, score: 1, unread: unread(thing), place }));
  const places = new Map(things.map((thing, place) => [thing, place]));
  return fuzzysort
    .go(query, things, { key: name, threshold: THRESHOLD, limit: 10 * MOST_SHOWN })
    .map(({ obj, score }) => ({ choice: choice(obj), tier: tier(query, name(obj)), score, unread: unread(obj), place: places.get(obj) ?? 0 }));
}

function tier(query: string, name: string): number {
  if (name === query) return 0;
  const [typed, whole] = [query.toLowerCase(), name.toLowerCase()];
  if (whole === typed) return 1;
  if (whole.startsWith(typed)) return 2;
  return whole.split(/[\s_-]+/u).some((word) => word.startsWith(typed)) ? 3 : 4;
}

function weight({ unread, mentions }: SwitchRoom): number {
  return mentions > 0 ? 2 : unread > 0 ? 1 : 0;
}

function compared(one: Ranked, other: Ranked): number {
  const better = one.tier === 4 ? other.score - one.score : 0;
  return one.tier - other.tier || other.unread - one.unread || better || one.place - other.place;
}

/** The name of a room that people could mistake for a new one: it looks the same, or is nearly the same word. */
function near(query: string, rooms: readonly SwitchRoom[], fitting: readonly Ranked[]): string {
  const same = rooms.find(({ title }) => alike(title, query));
  const like = fitting.find(({ choice }) => choice.kind === "room")?.choice;
  return same?.title ?? (like?.kind === "room" ? like.room.title : "");
}
