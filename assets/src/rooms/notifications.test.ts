import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Labels } from "../room/labels.svelte";
import { ANA, MILO } from "../testing/events";
import type { Telling } from "../platform/outside";
import type { Notification } from "../wire/protocol";
import { LIFE, MOST, Notifications } from "./notifications.svelte";

const ROOM = { id: "r", name: "Tea" };
const mention = (nonce = "n1"): Notification => ({
  type: "notification", kind: "mention", author: MILO, at: 0, text: "@Ana", room: ROOM, nonce,
});
const invitation: Notification = { type: "notification", kind: "invitation", author: MILO, at: 0, room: ROOM };
const announcement: Notification = { type: "notification", kind: "announcement", author: ANA, at: 0, text: "Lunch" };
let notifications: Notifications;
let watched: string;
let muted: string;
let quiet: boolean;
let alerts: Telling[];
let shown: [string, string][];
const kinds = () => notifications.toasts.map(({ notification }) => notification.kind);

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  watched = "";
  [muted, quiet, alerts] = ["", false, []];
  shown = [];
  notifications = new Notifications({
    labels: new Labels(() => "a"),
    watching: (room) => room === watched,
    muted: (room) => room === muted,
    quiet: () => quiet,
    alert: (telling) => alerts.push(telling),
    show: (room, nonce) => shown.push([room, nonce]),
  });
});

afterEach(() => vi.useRealTimers());

describe("toasts", () => {
  it("go by themselves, but not an announcement", () => {
    [mention(), invitation, announcement].forEach((notification) => notifications.receive(notification));
    notifications.tick(LIFE - 1);
    expect(kinds()).toEqual(["mention", "invitation", "announcement"]);
    notifications.tick(LIFE);
    expect(kinds()).toEqual(["announcement"]);
    notifications.tick(1e12);
    expect(kinds()).toEqual(["announcement"]);
  });

  it("stay while somebody reads them", () => {
    notifications.receive(mention());
    notifications.held = true;
    notifications.tick(LIFE);
    expect(kinds()).toEqual(["mention"]);
    notifications.held = false;
    notifications.tick(LIFE);
    expect(kinds()).toEqual([]);
  });

  it("are few: the oldest gives way, an announcement last", () => {
    notifications.receive(announcement);
    for (let seq = 1; seq <= MOST; seq += 1) notifications.receive(mention(`n${seq}`));
    expect(notifications.toasts.map(({ notification }) => notification.nonce)).toEqual([undefined, "n2", "n3", "n4"]);
    for (let count = 0; count < MOST; count += 1) notifications.receive(announcement);
    expect(kinds()).toEqual(Array(MOST).fill("announcement"));
  });

  it("are dismissed one by one, or the newest first", () => {
    [mention("n1"), mention("n2"), announcement].forEach((notification) => notifications.receive(notification));
    notifications.dismiss(notifications.toasts[0]!.id);
    expect(kinds()).toEqual(["mention", "announcement"]);
    expect(notifications.dismissNewest()).toBe(true);
    expect(kinds()).toEqual(["mention"]);
    expect(notifications.dismissNewest()).toBe(true);
    expect(notifications.dismissNewest()).toBe(false);
  });

  it("about a room go when it is looked at", () => {
    [mention(), invitation, announcement].forEach((notification) => notifications.receive(notification));
    notifications.seen("other");
    expect(notifications.toasts.length).toBe(3);
    notifications.seen("r");
    expect(kinds()).toEqual(["announcement"]);
  });
});

describe("rooms in which we are called", () => {
  it("are marked until they are looked at", () => {
    notifications.receive(invitation);
    expect(notifications.called("r")).toBe(false);
    notifications.receive(mention());
    notifications.tick(LIFE);
    notifications.dismissNewest();
    expect(notifications.called("r")).toBe(true);
    notifications.seen("r");
    expect(notifications.called("r")).toBe(false);
  });
});

it("are not needed about the room that somebody looks at", () => {
  watched = "r";
  [mention(), invitation, announcement].forEach((notification) => notifications.receive(notification));
  expect(kinds()).toEqual(["announcement"]);
  expect(notifications.called("r")).toBe(false);
  expect(alerts.map(({ title, text }) => `${title}: ${text}`)).toEqual(["Ana (unverified) announces: Lunch"]);
});

it("are told to who looks elsewhere, and lead back to the message", () => {
  notifications.receive(mention("n7"));
  expect(alerts[0]).toMatchObject({ title: "Milo (unverified) mentioned you in Tea", text: "@Ana", tag: "n7" });
  alerts[0]!.follow();
  expect(shown).toEqual([["r", "n7"]]);
});

it("are not shown of a room that is muted", () => {
  muted = "r";
  [mention(), invitation].forEach((notification) => notifications.receive(notification));
  expect(kinds()).toEqual(["invitation"]);
  expect(notifications.called("r")).toBe(false);
});

it("while it is quiet disturb nobody, and wait where nothing else would show them", () => {
  quiet = true;
  [mention(), invitation, announcement].forEach((notification) => notifications.receive(notification));
  notifications.tick(1e12);
  expect(kinds()).toEqual(["invitation", "announcement"]);
  expect(notifications.called("r")).toBe(true);
});

it("lead to what they are about, and are gone then", () => {
  [mention("n7"), invitation, announcement].forEach((notification) => notifications.receive(notification));
  notifications.toasts.forEach((toast) => notifications.follow(toast));
  expect(shown).toEqual([
    ["r", "n7"],
    ["r", ""],
  ]);
  expect(notifications.toasts).toEqual([]);
});

it("leave other replies be", () => {
  expect(notifications.receive({ type: "heartbeat", tops: {} })).toBe(false);
});
