import type { Author, Event } from "../wire/protocol";

/** What was done to one message: of everything only what counts in the end. */
export interface Changes {
  readonly edit: Event | null;
  readonly deletion: Event | null;
  /** The newest word of each author about each emoji. */
  readonly reactions: ReadonlyMap<string, Event>;
}

/** One emoji under a message, and who put it there, the first one first. */
export interface Reaction {
  readonly emoji: string;
  readonly authors: readonly Author[];
}

/** A message as it reads now. */
export interface Reading {
  readonly text: string;
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly reactions: readonly Reaction[];
}

/** Of a message that nobody changed. */
export const UNCHANGED: Changes = { edit: null, deletion: null, reactions: new Map() };

/**
 * Edits, reactions and deletions by the nonce of the message that they are about.
 *
 * They may come in any order, as often as they like, and before their message.
 */
export class Fold {
  readonly #changes = new Map<string, Changes>();

  /** Take events of any kind. */
  take(events: Iterable<Event>): void {
    for (const event of events) {
      const { target = "" } = event.body;
      if (target !== "") this.#changes.set(target, changed(this.of(target), event));
    }
  }

  /** Return what was done to the message with this nonce. */
  of(nonce: string): Changes {
    return this.#changes.get(nonce) ?? UNCHANGED;
  }

  /** Forget the changes of all other messages than these; they come again with their messages. */
  retain(nonces: ReadonlySet<string>): void {
    for (const target of this.#changes.keys()) if (!nonces.has(target)) this.#changes.delete(target);
  }
}

/** Fold one more event in; the same object comes back when nothing changes by it. */
export function changed(changes: Changes, event: Event): Changes {
  const { edit, deletion, reactions } = changes;
  switch (event.kind) {
    case "edit":
      return newer(event, edit) ? { ...changes, edit: event } : changes;
    case "deletion":
      return newer(event, deletion) ? { ...changes, deletion: event } : changes;
    case "reaction": {
      const key = `${event.author.id} ${event.body.emoji}`;
      return newer(event, reactions.get(key)) ? { ...changes, reactions: new Map(reactions).set(key, event) } : changes;
    }
    default:
      return changes;
  }
}

/**
 * Say how a message reads after what was done to it.
 *
 * Of each author and emoji only the newest word counts, and by its seq the reactions stand in their order: so who got
 * every event and who got only the newest ones, as a node sends them with a page of the past, read the same.
 */
export function reading(message: Event, { edit, deletion, reactions }: Changes): Reading {
  // A message has words, unless a moderator has hidden them.
  if (deletion !== null || (message.body.text ?? "") === "") return { text: "", edited: false, deleted: true, reactions: [] };
  const text = (edit ?? message).body.text ?? "";
  return { text, edited: edit !== null, deleted: false, reactions: grouped(reactions.values()) };
}

function newer(event: Event, known: Event | null | undefined): boolean {
  return known == null || event.seq > known.seq;
}

function grouped(events: Iterable<Event>): Reaction[] {
  const standing = Array.from(events).filter(({ body }) => body.off !== true);
  const authors = new Map<string, Author[]>();
  for (const { author, body } of standing.sort((one, other) => one.seq - other.seq)) {
    const emoji = body.emoji ?? "";
    authors.set(emoji, [...(authors.get(emoji) ?? []), author]);
  }
  return Array.from(authors, ([emoji, by]) => ({ emoji, authors: by }));
}
