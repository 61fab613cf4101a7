import type { Send } from "../connection/requests";
import type { Author, Event, Presence as PresenceFrame } from "../wire/protocol";
import type { Face, Labels } from "./labels.svelte";
import { RoomPresence, Typists, type Member } from "./presence";

/** Shortest time between two words that we are writing: milliseconds. */
const TYPING_PAUSE = 2_000;

/** Who is in one room and who writes there, as the views show it. */
export class People {
  members = $state.raw<readonly Member[]>([]);
  typists = $state.raw<readonly Author[]>([]);
  readonly #me: () => string;
  readonly #room: string;
  readonly #send: Send;
  readonly #labels: Labels;
  readonly #presence = new RoomPresence();
  readonly #typists = new Typists();
  #typed = 0;

  /**
   * @param send sends a command; false while the node has not let us in.
   * @param labels how people are shown.
   * @param me our own id.
   */
  constructor(room: string, send: Send, labels: Labels, me: () => string) {
    this.#me = me;
    this.#room = room;
    this.#send = send;
    this.#labels = labels;
  }

  /** How somebody is shown. */
  face(author: Author): Face {
    return this.#labels.of(author);
  }

  /** How the person of an id is called. */
  named(id: string): string {
    return this.#labels.named(id);
  }

  /** Somebody has said something here, once. */
  spoken(events: readonly Event[]): void {
    this.#labels.see(events.map(({ author }) => author));
  }

  onPresence(frame: PresenceFrame, now: number = Date.now()): void {
    this.#labels.see(frame.members);
    this.#presence.receive(frame, now);
    this.members = this.#presence.members(this.#me());
  }

  onTyping(author: Author, now: number = Date.now()): void {
    this.#labels.see([author]);
    this.#typists.receive(author, now);
    this.typists = this.#typists.authors;
  }

  /** A message of somebody came, so they write no more. */
  spoke(id: string): void {
    if (this.#typists.spoke(id)) this.typists = this.#typists.authors;
  }

  /** Tell others that we write just now. */
  typing(now: number = Date.now()): void {
    if (now - this.#typed < TYPING_PAUSE) return;
    if (this.#send({ type: "typing", room: this.#room })) this.#typed = now;
  }

  /** We have posted; what is typed next is told at once. */
  posted(): void {
    this.#typed = 0;
  }

  tick(now: number): void {
    if (this.#presence.expire(now)) this.members = this.#presence.members(this.#me());
    if (this.#typists.expire(now)) this.typists = this.#typists.authors;
  }
}
