import { realOutside, type Outside } from "./outside";
import type { LocalStore } from "./storage";

/** The part of a WebSocket that is used here. */
export interface WebSocketLike {
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((end?: { readonly code: number }) => void) | null;
  send(data: string): void;
  close(): void;
}

/** What the page needs of the browser; tests bring their own. */
export interface Browser {
  readonly location: Pick<Location, "hash" | "host" | "hostname" | "pathname" | "port" | "protocol" | "search">;
  readonly history: Pick<History, "replaceState">;
  /** What is kept for every tab at this node. */
  readonly store?: LocalStore;
  /** What is kept for this tab. */
  readonly tab?: LocalStore;
  fetch(input: string, init: RequestInit): Promise<Pick<Response, "status" | "ok" | "json">>;
  /** Open a socket to the node that the page came from. */
  open(): WebSocketLike;
  /** Whether somebody can see the page now. */
  looking(): boolean;
  /** Whether the keyboard is in the page. */
  focused?(): boolean;
  readonly outside?: Outside;
  /** Whether there is any network, as far as the browser knows. */
  online(): boolean;
  /** Leave this page for another address. */
  go(url: string): void;
  /** Load this page again. */
  reload(): void;
}

/** The real browser around a session. */
export function realBrowser(): Browser {
  return {
    location: window.location,
    history: window.history,
    fetch: (input, init) => window.fetch(input, init),
    open: () => {
      const address = new URL("./ws", window.location.href);
      address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
      return new WebSocket(address) as WebSocketLike;
    },
    looking: () => document.visibilityState === "visible",
    focused: () => document.hasFocus(),
    outside: realOutside(),
    online: () => window.navigator.onLine,
    go: (url) => window.location.replace(url),
    reload: () => window.location.reload(),
  };
}

/** Whether somebody has the page before their eyes, and not only open somewhere. */
export function isWatched(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

/** Whether the device has a keyboard that is always there: only what is touched brings up one of its own. */
export function hasKeyboard(): boolean {
  return !window.matchMedia("(pointer: coarse)").matches;
}

/** Whether the keyboard is a Mac's. */
export function isMac(): boolean {
  return /Mac|iPhone|iPad/u.test(window.navigator.userAgent);
}

/** Whether a host name stands for this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(127\.[0-9.]+|localhost|\[::1\])$/u.test(hostname);
}

/** The same address by TLS: one port takes both. */
export function encrypted(address: string): string {
  return address.replace(/^http:/u, "https:");
}

/** Whether what is said here crosses the network unencrypted. */
export function isUnencrypted({ protocol, hostname }: Location = window.location): boolean {
  return protocol === "http:" && !isLoopback(hostname);
}
