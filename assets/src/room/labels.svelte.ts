import { spokenName } from "../text/catalogue";
import { bare, Crowd, type Label } from "../text/crowd";
import { authorKind } from "../text/identity";
import type { Author } from "../wire/protocol";

/** How somebody is shown on this page, and whether we compared words with them. */
export interface Face extends Label {
  readonly verified: boolean;
}

/** Everybody who was seen in any room of this page, and how they are shown beside each other. */
export class Labels {
  /** Ids of those with whom the owner of this node has compared words. */
  verified = $state.raw<ReadonlySet<string>>(new Set());
  readonly #me: () => string;
  readonly #crowd = new Crowd();
  #news = $state(0);
  readonly #known: ReadonlySet<string> = $derived.by(() => new Set([this.#me(), ...this.verified]));

  /** @param me our own id. */
  constructor(me: () => string) {
    this.#me = me;
  }

  /** Note who is here, or has said something. */
  see(authors: Iterable<Author>): void {
    if (this.#crowd.see(authors)) this.#news += 1;
  }

  /** How the person of an id is called, by the beginning of the id where no name of theirs is known. */
  named(id: string): string {
    void this.#news;
    const author = this.#crowd.find(id);
    return author === undefined ? `·${bare(id).slice(0, 8)}` : spokenName(this.of(author));
  }

  /** How somebody is shown; whoever reads it here follows its changes. */
  of(author: Author): Face {
    void this.#news;
    const { id } = author;
    return { ...this.#crowd.label(author, this.#known), verified: authorKind(id) === "verified" && this.verified.has(id) };
  }
}
