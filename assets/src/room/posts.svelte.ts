import type { Send } from "../connection/requests";
import type { Event } from "../wire/protocol";
import type { Content, Outbox, Unsent } from "./outbox";

/** What the posts of a room need of it. */
export interface PostsContext {
  readonly send: Send;
  readonly outbox: Outbox;
  /** Whether the node has let us in. */
  entered(): boolean;
}

/** What we say in one room and do not see confirmed yet. */
export class Posts {
  unsent = $state.raw<readonly Unsent[]>([]);
  readonly #room: string;
  readonly #context: PostsContext;

  constructor(room: string, context: PostsContext) {
    this.#room = room;
    this.#context = context;
    this.refresh();
  }

  /** Post a message: false when there is nothing in it. */
  post(text: string, now: number = Date.now()): boolean {
    const said = text.trim();
    if (said !== "") this.#add({ kind: "message", body: { text: said } }, now);
    return said !== "";
  }

  /** Put another text in the place of a message's. */
  edit(target: string, text: string, now: number = Date.now()): void {
    const said = text.trim();
    if (said !== "") this.#add({ kind: "edit", body: { target, text: said } }, now);
  }

  /** Delete a message. */
  erase(target: string, now: number = Date.now()): void {
    this.#add({ kind: "deletion", body: { target } }, now);
  }

  /** React to a message, or take that back. */
  react(target: string, emoji: string, off: boolean, now: number = Date.now()): void {
    const said = emoji.trim();
    if (said !== "") this.#add({ kind: "reaction", body: { target, emoji: said, ...(off ? { off } : {}) } }, now);
  }

  /** Send a refused post again. */
  retry(nonce: string): void {
    this.#context.outbox.revive(nonce);
    const post = this.#context.outbox.waiting(this.#room).find((entry) => entry.nonce === nonce);
    if (post !== undefined) this.#send(post);
  }

  discard(nonce: string): void {
    this.#context.outbox.dequeue(nonce);
  }

  /** Send everything again that waits, and what was refused for a while. */
  resend(): void {
    this.#context.outbox.reviveAll(this.#room);
    this.#context.outbox.waiting(this.#room).forEach((post) => this.#send(post));
  }

  /** These events came: what was posted under their nonces is no longer ours to send. */
  settle(events: readonly Event[]): void {
    events.forEach(({ nonce }) => this.#context.outbox.dequeue(nonce));
  }

  /** The history is not the one that messages were seen in: what would change them means nothing. */
  giveUpChanges(): void {
    this.#context.outbox.giveUpChanges(this.#room);
  }

  /** The outbox changed. */
  refresh(): void {
    this.unsent = this.#context.outbox.of(this.#room);
  }

  #add(content: Content, now: number): void {
    this.#send(this.#context.outbox.enqueue(this.#room, content, now));
  }

  #send({ nonce, kind, body }: Unsent): void {
    if (!this.#context.entered()) return;
    this.#context.send({ type: "post", room: this.#room, nonce, ...(kind === "message" ? {} : { kind }), ...body });
  }
}
