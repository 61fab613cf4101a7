import { become, complete, type Arrival } from "../connection/arrival";
import { handle, type Handlers } from "../connection/handlers";
import { KnownHavens } from "../connection/havens";
import { fragmentOf, type Passage } from "../connection/passage";
import type { Session } from "../connection/session.svelte";
import { ANSWER, ANSWER_THERE, Vigil } from "../connection/vigil";
import type { TicketLink } from "../door/ticket";
import type { Browser } from "../platform/browser";
import type { LocalStore } from "../platform/storage";
import type { Room } from "../room/room.svelte";
import type { Reply } from "../wire/protocol";
import type { JoinedRooms } from "./joined.svelte";

/** What a journey needs of what is around it. */
export interface JourneyContext {
  readonly browser: Browser;
  readonly arrival: Arrival;
  /** What is kept for this tab. */
  readonly tab: LocalStore;
  readonly session: Session;
  readonly joined: JoinedRooms;
  /** The room in view. */
  room(): Room | null;
  /** Keep what is written. */
  save(): void;
}

/** How a guest's tab goes on at another node of the room when its own is gone, and what it brings there. */
export class Journey {
  /** Whether the tab is about to go elsewhere. */
  going = $state(false);
  /** Name of the node to which this tab has come; empty when it came to none, or that was read. */
  through = $state("");
  /** How many texts stayed behind. */
  left = $state(0);
  /** What came in the name of somebody else than this browser is here, until somebody has decided. */
  doubtful = $state.raw<Passage | null>(null);
  readonly #context: JourneyContext;
  readonly #havens: KnownHavens;
  readonly #vigil: Vigil;
  #passage: Passage | null;
  #seen: Pick<Passage, "room" | "seen"> | null = null;
  readonly #handlers: Handlers = { havens: (frame) => this.#havens.take(frame) };

  constructor(context: JourneyContext) {
    const { browser, session, arrival } = context;
    this.#context = context;
    this.#passage = arrival.passage;
    this.doubtful = arrival.doubtful;
    this.#havens = new KnownHavens(browser.location);
    const patience = arrival.passage === null ? ANSWER : ANSWER_THERE;
    this.#vigil = new Vigil({
      heardAt: () => session.heardAt,
      wanted: () => this.#movable() !== null,
      probe: () => browser.fetch("./", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(patience) }),
      onGone: () => this.#goOn(),
    });
  }

  /** Take what the node says about where else we could be. */
  receive(reply: Reply): boolean {
    return handle(this.#handlers, reply);
  }

  /** Take where else a link says that its room is: for as long as the node has not said so itself. */
  given({ room, others }: Pick<TicketLink, "room" | "others">): void {
    this.#havens.give(room, others);
  }

  tick(now: number): void {
    this.#vigil.tick(now);
  }

  /** The node is taken down: where we know where else to be, we go at once, and else come back where we are. */
  sentOn(): void {
    this.#goOn();
  }

  /** The node welcomed us. */
  connected(): void {
    this.going = false;
    const { session, joined, arrival } = this.#context;
    const passage = this.#passage;
    this.#passage = null;
    if (passage === null) return;
    complete(arrival.store);
    // The address of a window is anybody's to write as well: nothing is said there that its owner has not typed.
    if (!session.guest) return;
    const { room, draft, code, unsent } = passage;
    joined.rights.keep(room.id, code);
    if (draft !== "" && joined.drafts.of(room.id) === "") joined.drafts.write(room.id, draft);
    this.through = session.node?.name ?? "";
    this.left = passage.left;
    this.#seen = passage;
    // What was typed by somebody is said in their name only.
    if (session.me.id === passage.guest.id) joined.outbox.receive(room.id, unsent);
    else this.left += unsent.length;
  }

  /** A room came into view: somebody goes on where they were. */
  viewed(room: Room): void {
    const seen = this.#seen;
    if (seen?.room.id !== room.id) return;
    this.#seen = null;
    if (seen.seen > 0 && room.info.top > seen.seen) room.begin({ read: seen.seen, unread: room.info.top - seen.seen });
  }

  /** Be who somebody else's address says, in this tab. */
  accept(): void {
    if (this.doubtful === null) return;
    become(this.#context.tab, this.doubtful);
    this.#context.browser.reload();
  }

  /** Stay who this browser is here. */
  decline(): void {
    this.doubtful = null;
  }

  /** The line about where we are was read. */
  dismiss(): void {
    this.through = "";
  }

  /** The room with which this tab could go on elsewhere; null when it could not, or need not. */
  #movable(): Room | null {
    const { browser, session } = this.#context;
    const { state } = session.connection;
    const room = this.#context.room();
    const tied = state === "refused" || state === "closed" || session.secret === "" || session.me.id === "";
    return room === null || tied || !browser.online() || !this.#havens.has(room.id) ? null : room;
  }

  #goOn(): void {
    const { browser, session } = this.#context;
    const room = this.#movable();
    const way = room === null ? null : this.#havens.next(room.id);
    if (room === null || way === null) return;
    this.going = true;
    this.#context.save();
    const unsent = room.posts.unsent.filter(({ failure }) => failure === "");
    const passage = {
      at: Date.now(),
      room: { id: room.id, name: room.info.name },
      guest: { secret: session.secret, ...session.me },
      seen: room.history.timeline.cursor,
      code: this.#context.joined.rights.of(room.id),
      draft: room.draft,
      unsent: unsent.map(({ nonce, kind, body, at }) => ({ nonce, kind, body, at })),
      left: 0,
    };
    browser.go(way.url + fragmentOf(passage));
  }
}
