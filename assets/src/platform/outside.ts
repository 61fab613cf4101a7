import { chime } from "./chime";

/** Whether the page may tell something outside of itself; "absent" where the browser has no such thing for this page. */
export type Allowed = NotificationPermission | "absent";

/** Something that is told outside of the page. */
export interface Telling {
  readonly title: string;
  readonly text: string;
  /** What is told twice under the same tag, in two windows of a browser, is shown once. */
  readonly tag: string;
  /** Somebody clicked on it. */
  follow(): void;
}

/** What reaches a person who does not look at the page. */
export interface Outside {
  allowed(): Allowed;
  /** Let the browser ask the person; it wants a click of theirs for that. */
  ask(): Promise<Allowed>;
  tell(telling: Telling): void;
  /** Show a number on the program's sign in the dock or the taskbar, where there is such a thing. */
  badge(count: number): void;
  chime(): void;
}

/** A web view may never answer when it is asked: milliseconds. */
const PATIENCE = 60_000;

export function realOutside(): Outside {
  const allowed = (): Allowed => ("Notification" in window ? window.Notification.permission : "absent");
  return {
    allowed,
    ask: async () => {
      if (allowed() !== "default") return allowed();
      const late = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE));
      await Promise.race([window.Notification.requestPermission(), late]).catch(() => undefined);
      return allowed();
    },
    tell: ({ title, text, tag, follow }) => {
      if (allowed() !== "granted") return;
      try {
        // The sound is ours.
        const told = new window.Notification(title, { body: text, tag, silent: true });
        told.onclick = () => {
          window.focus();
          told.close();
          follow();
        };
      } catch {
        // Browsers of phones have the class, and throw when it is used.
      }
    },
    badge: (count) => {
      const { navigator } = window;
      if (!("setAppBadge" in navigator)) return;
      (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => undefined);
    },
    chime,
  };
}
