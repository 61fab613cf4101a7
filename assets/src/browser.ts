import { isLoopback } from "./door";
import type { Browser } from "./session.svelte";
import type { Wire } from "./socket";

/** The real browser around a session. */
export function realBrowser(): Browser {
  return {
    location: window.location,
    history: window.history,
    fetch: (input, init) => window.fetch(input, init),
    open: () => {
      const address = new URL("./ws", window.location.href);
      address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
      return new WebSocket(address) as Wire;
    },
    looking: () => document.visibilityState === "visible",
    notify: (title, text) => {
      // Nobody is asked for permission: who wants this has allowed it in the browser.
      if (!("Notification" in window) || window.Notification.permission !== "granted") return;
      const told = new window.Notification(title, { body: text });
      told.onclick = () => window.focus();
    },
  };
}

/** Whether somebody has the page before their eyes, and not only open somewhere. */
export function isWatched(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

/** Whether the device has a keyboard that is always there: what has a mouse has one. */
export function hasKeyboard(): boolean {
  return window.matchMedia("(pointer: fine)").matches;
}

/** Whether what is said here crosses the network in the clear. */
export function inTheClear({ protocol, hostname }: Location = window.location): boolean {
  return protocol === "http:" && !isLoopback(hostname);
}
