import type { Author } from "../wire/protocol";
import { authorKind, type AuthorKind } from "./identity";
import { isUnsure, keys, looks, mixesScripts } from "./looks.svelte";

/** How somebody is shown. */
export interface Label {
  readonly nick: string;
  /** The beginning of the id, where the name alone could be somebody else's; else empty. */
  readonly tail: string;
  /** Whether they have a key, or a node vouches for them, or nobody can know who it was. */
  readonly kind: AuthorKind;
}

/** Most names that are remembered; of more, the oldest are forgotten. */
const MOST = 5_000;
const TAIL = 4;
const LONG_TAIL = 8;
const MANY = 100;

/** Who had a name, and under how many forms of it. */
type Bearers = ReadonlyMap<string, number>;
const NOBODY: Bearers = new Map();

/**
 * The people who were seen in one place, and how they are shown there so that nobody can be taken for somebody else.
 *
 * A name belongs to a key. Of people whose names look alike, those stand for their name plainly who rank above all
 * others: first who is known, ourselves and whom we have verified; then who has a key; then everybody else. All others
 * have a tail, and of equals every one has. The node has the same rule: lanchat/identity/crowd.py.
 */
export class Crowd {
  readonly #seen = new Map<string, Author>();
  readonly #bearers = new Map<string, Map<string, number>>();
  /** By what the names were compared when they were counted. */
  #by = looks();

  /** Note who is here, or has said something; true when a name is new. */
  see(authors: Iterable<Author>): boolean {
    this.#recount();
    let news = false;
    for (const author of authors) {
      const name = `${author.id} ${author.nick}`;
      if (this.#seen.has(name)) continue;
      news = true;
      this.#seen.set(name, author);
      this.#count(author, 1);
      if (this.#seen.size > MOST) this.#forgetOldest();
    }
    return news;
  }

  /** Return the person of an id as they were seen last; undefined when they were not. */
  find(id: string): Author | undefined {
    let found: Author | undefined;
    for (const author of this.#seen.values()) if (author.id === id) found = author;
    return found;
  }

  /** Return how somebody is shown beside all others who were seen. */
  label({ id, nick }: Author, known: ReadonlySet<string>): Label {
    this.#recount();
    const bearers = keys(nick).map((key) => this.#bearers.get(key) ?? NOBODY);
    const mine = rank(id, known);
    const doubted =
      isUnsure(nick) || mixesScripts(nick) || bearers.some((others) => rivals(others, id, (other) => rank(other, known) >= mine));
    return { nick, tail: doubted ? tail(id, bearers) : "", kind: authorKind(id) };
  }

  /** Count again when more is known of what looks alike. */
  #recount(): void {
    if (this.#by === looks()) return;
    this.#by = looks();
    this.#bearers.clear();
    for (const author of this.#seen.values()) this.#count(author, 1);
  }

  #count({ id, nick }: Author, by: 1 | -1): void {
    for (const key of keys(nick)) {
      const bearers = this.#bearers.get(key) ?? new Map<string, number>();
      const names = (bearers.get(id) ?? 0) + by;
      if (names > 0) bearers.set(id, names);
      else bearers.delete(id);
      if (bearers.size > 0) this.#bearers.set(key, bearers);
      else this.#bearers.delete(key);
    }
  }

  #forgetOldest(): void {
    for (const [name, author] of this.#seen) {
      this.#seen.delete(name);
      this.#count(author, -1);
      return;
    }
  }
}

function rank(person: string, known: ReadonlySet<string>): number {
  if (authorKind(person) !== "verified") return 0;
  return known.has(person) ? 2 : 1;
}

/** Whether this is so of anybody but ourselves. */
function rivals(bearers: Bearers, person: string, so: (other: string) => boolean): boolean {
  for (const other of bearers.keys()) if (other !== person && so(other)) return true;
  return false;
}

/**
 * The shortest beginning of an id, of four characters or more, that no other bearer's id begins with.
 *
 * Where very many have one name, nobody compares them all: it is longer then, and that must do.
 */
function tail(person: string, bearers: readonly Bearers[]): string {
  const mine = bare(person);
  if (bearers.reduce((count, { size }) => count + size, 0) > MANY) return mine.slice(0, LONG_TAIL);
  const taken = (begin: string): boolean =>
    bearers.some((others) => rivals(others, person, (other) => bare(other).startsWith(begin)));
  let length = TAIL;
  while (length < mine.length && taken(mine.slice(0, length))) length += 1;
  return mine.slice(0, length);
}

/** An id without what says its kind. */
export function bare(person: string): string {
  return person.replace(/^[gu]-/u, "");
}
