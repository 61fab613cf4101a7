import { SvelteSet } from "svelte/reactivity";
import type { Notification } from "../wire/protocol";

/** A notification, as long as it is shown. */
export interface Toast {
  readonly id: number;
  readonly notification: Notification;
  /** When it goes by itself, in milliseconds; an announcement stays. */
  readonly until: number;
}

/** How long a mention or an invitation is shown: milliseconds. */
export const LIFE = 12_000;
/** Most that are shown at once; the oldest gives way, an announcement last. */
export const MOST = 4;

/** What reaches us in whatever room we are, and the rooms in which somebody called us. */
export class Notifications {
  toasts = $state.raw<readonly Toast[]>([]);
  /** Whether somebody reads or points at them: then none goes by itself. */
  held = false;

  readonly #callers = new SvelteSet<string>();
  #count = 0;

  /** Whether somebody called us in this room since it was last looked at. */
  called(room: string): boolean {
    return this.#callers.has(room);
  }

  /** Show what came. */
  receive(notification: Notification, now: number): void {
    if (notification.kind === "mention" && notification.room != null) this.#callers.add(notification.room.id);
    this.#count += 1;
    const toast = { id: this.#count, notification, until: notification.kind === "announcement" ? Infinity : now + LIFE };
    const toasts = [...this.toasts, toast];
    const passing = toasts.length > MOST ? (toasts.find(({ until }) => until !== Infinity) ?? toasts[0]) : undefined;
    this.toasts = toasts.filter((other) => other !== passing);
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

  #retain(which: (toast: Toast) => boolean): void {
    if (!this.toasts.every(which)) this.toasts = this.toasts.filter(which);
  }
}
