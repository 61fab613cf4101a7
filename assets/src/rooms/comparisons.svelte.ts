import { handle, type Handlers } from "../connection/handlers";
import type { Ask } from "../connection/requests";
import type { Labels } from "../room/labels.svelte";
import { authorKind } from "../text/identity";
import type { Author, Compare, Comparison, Reply } from "../wire/protocol";

/** The comparisons of words that are open at this node, and how they ended. */
export class Comparisons {
  /** Each with another person, the oldest first. */
  list = $state.raw<readonly Comparison[]>([]);
  /** Why nothing came of what was asked for last; empty when something did. */
  refusal = $state("");
  readonly #ask: Ask;
  readonly #labels: Labels;
  readonly #guest: () => boolean;
  readonly #handlers: Handlers = {
    comparison: (comparison) => this.#take(comparison),
    verified: ({ people }) => {
      this.#labels.verified = new Set(people);
    },
  };

  /** @param guest whether we are a guest, who has no key to compare. */
  constructor(ask: Ask, labels: Labels, guest: () => boolean) {
    this.#ask = ask;
    this.#labels = labels;
    this.#guest = guest;
  }

  /** The one to be dealt with now; undefined when there is none. */
  get current(): Comparison | undefined {
    return this.list[0];
  }

  /** Take what the node says of comparisons; false when it is about something else. */
  receive(reply: Reply): boolean {
    return handle(this.#handlers, reply);
  }

  /** Whether words can be compared with somebody: both of us have a key, and it is not done yet. */
  offered(author: Author): boolean {
    return !this.#guest() && authorKind(author.id) === "verified" && !this.#labels.of(author).verified;
  }

  /** Ask somebody in a room to compare words. */
  begin(room: string, person: string): void {
    this.#send({ type: "compare", action: "begin", room, person });
  }

  /** Go on with one, or end it. */
  act(action: "accept" | "match" | "differ" | "cancel", comparison: Comparison): void {
    if (action === "cancel") this.dismiss(comparison);
    this.#send({ type: "compare", action, transaction: comparison.transaction });
  }

  /** What came of it has been read. */
  dismiss({ transaction }: Comparison): void {
    this.list = this.list.filter((other) => other.transaction !== transaction);
    this.refusal = "";
  }

  /** The connection is gone; the node says again what is open. */
  disconnected(): void {
    this.list = this.list.filter(isOver);
  }

  #send(command: Compare): void {
    this.refusal = "";
    this.#ask(command, {
      answered: (comparison) => this.#take(comparison),
      refused: ({ message }) => {
        this.refusal = message;
      },
    });
  }

  #take(comparison: Comparison): void {
    this.#labels.see([comparison.person]);
    const { transaction, person, state } = comparison;
    const known = this.list.find((other) => other.transaction === transaction);
    // Who has ended it, or has not agreed to it, need not be told that it is over.
    const silent = known === undefined || known.state === "asked";
    if (state === "ended" && silent) this.dismiss(comparison);
    else if (known !== undefined) this.list = this.list.map((other) => (other === known ? comparison : other));
    else if (state !== "verified") this.list = [...this.list.filter((other) => other.person.id !== person.id), comparison];
  }
}

/** Whether nothing more will come of a comparison. */
export function isOver({ state }: Comparison): boolean {
  return state === "verified" || state === "ended";
}
