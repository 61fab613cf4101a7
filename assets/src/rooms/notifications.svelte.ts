import { SvelteSet } from "svelte/reactivity";
import { handle, type Handlers } from "../connection/handlers";
import type { Telling } from "../platform/outside";
import type { Labels } from "../room/labels.svelte";
import { headline } from "../text/catalogue";
import type { Notification, Reply } from "../wire/protocol";

/** A notification, as long as it is shown. */
export interface Toast {
  readonly id: number;
  readonly notification: Notification;
  /** When it goes by itself, in milliseconds; an announcement stays, and so does what came while it was quiet. */
  readonly until: number;
}

/** How long a mention or an invitation is shown: milliseconds. */
export const LIFE = 12_000;
/** Most that are shown at once; the oldest gives way, an announcement last. */
export const MOST = 4;

/** What notifications need of what is around them. */
export interface NotificationContext {
  /** How people are shown. */
  readonly labels: Labels;
  /** Whether somebody has this room before their eyes. */
  watching(room: string): boolean;
  /** Whether nothing of this room is to be told. */
  muted(room: string): boolean;
  /** Whether nothing at all is to be told now. */
  quiet(): boolean;
  /** Tell something to a person who may look elsewhere. */
  alert(telling: Telling): void;
  /** Go into a room, and to the message in it with this nonce; empty for none. */
  show(room: string, nonce: string): void;
}

/** What reaches us in whatever room we are, and the rooms in which somebody called us. */
export class Notifications {
  toasts = $state.raw<readonly Toast[]>([]);
  /** Whether somebody reads or points at them: then none goes by itself. */
  held = false;

  readonly #callers = new SvelteSet<string>();
  readonly #context: NotificationContext;
  readonly #handlers: Handlers = { notification: (notification) => this.#receive(notification) };
  #count = 0;

  constructor(context: NotificationContext) {
    this.#context = context;
  }

  /** Take what the node says to us in whatever room we are; false when it is about something else. */
  receive(reply: Reply): boolean {
    return handle(this.#handlers, reply);
  }

  /** Whether somebody called us in this room since it was last looked at. */
  called(room: string): boolean {
    return this.#callers.has(room);
  }

  /** What a notification is about, in one line. */
  headline(notification: Notification): string {
    return headline(notification, this.#context.labels.of(notification.author));
  }

  /** Go where a notification points. */
  follow({ id, notification: { room, nonce = "" } }: Toast): void {
    this.dismiss(id);
    if (room != null) this.#context.show(room.id, nonce);
  }

  /** A room is looked at: who called there is seen, and so is an invitation to it. */
  seen(room: string): void {
    this.#callers.delete(room);
    this.#retain(({ notification }) => notification.kind === "announcement" || notification.room?.id !== room);
  }

  dismiss(id: number): void {
    this.#retain((toast) => toast.id !== id);
  }

  /** Dismiss the newest; false when there is none. */
  dismissNewest(): boolean {
    const newest = this.toasts.at(-1);
    if (newest !== undefined) this.dismiss(newest.id);
    return newest !== undefined;
  }

  tick(now: number): void {
    if (!this.held) this.#retain(({ until }) => until > now);
  }

  #receive(notification: Notification): void {
    const { kind, room, text = "", nonce = "", at } = notification;
    this.#context.labels.see([notification.author]);
    // What is said in the room that somebody looks at needs no second sign.
    if (room != null && this.#context.watching(room.id)) return;
    const calls = kind === "mention" && room != null;
    if (calls && this.#context.muted(room.id)) return;
    if (calls) this.#callers.add(room.id);
    const follow = (): void => void (room != null && this.#context.show(room.id, nonce));
    this.#context.alert({ title: this.headline(notification), text, tag: nonce || `${kind} ${at}`, follow });
    const quiet = this.#context.quiet();
    // Who is called finds it by the number beside the room.
    if (quiet && calls) return;
    this.#count += 1;
    const toast = { id: this.#count, notification, until: kind === "announcement" || quiet ? Infinity : Date.now() + LIFE };
    const toasts = [...this.toasts, toast];
    const passing = toasts.length > MOST ? (toasts.find(({ until }) => until !== Infinity) ?? toasts[0]) : undefined;
    this.toasts = toasts.filter((other) => other !== passing);
  }

  #retain(which: (toast: Toast) => boolean): void {
    if (!this.toasts.every(which)) this.toasts = this.toasts.filter(which);
  }
}
