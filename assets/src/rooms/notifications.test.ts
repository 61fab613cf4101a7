import { beforeEach, describe, expect, it } from "vitest";
import { ANA, MILO } from "../testing/events";
import { LIFE, MOST, Notifications } from "./notifications.svelte";
import type { Notification } from "../wire/protocol";

const ROOM = { id: "r", name: "Tea" };
const mention = (seq = 1): Notification => ({
  type: "notification", kind: "mention", author: MILO, at: 0, text: "@Ana", room: ROOM, seq,
});
const invitation: Notification = { type: "notification", kind: "invitation", author: MILO, at: 0, room: ROOM };
const announcement: Notification = { type: "notification", kind: "announcement", author: ANA, at: 0, text: "Lunch" };
let notifications: Notifications;
const kinds = () => notifications.toasts.map(({ notification }) => notification.kind);

beforeEach(() => {
  notifications = new Notifications();
});

describe("toasts", () => {
  it("go by themselves, but not an announcement", () => {
    [mention(), invitation, announcement].forEach((notification) => notifications.receive(notification, 0));
    notifications.tick(LIFE - 1);
    expect(kinds()).toEqual(["mention", "invitation", "announcement"]);
    notifications.tick(LIFE);
    expect(kinds()).toEqual(["announcement"]);
    notifications.tick(1e12);
    expect(kinds()).toEqual(["announcement"]);
  });

  it("stay while somebody reads them", () => {
    notifications.receive(mention(), 0);
    notifications.held = true;
    notifications.tick(LIFE);
    expect(kinds()).toEqual(["mention"]);
    notifications.held = false;
    notifications.tick(LIFE);
    expect(kinds()).toEqual([]);
  });

  it("are few: the oldest gives way, an announcement last", () => {
    notifications.receive(announcement, 0);
    for (let seq = 1; seq <= MOST; seq += 1) notifications.receive(mention(seq), 0);
    expect(notifications.toasts.map(({ notification }) => notification.seq ?? 0)).toEqual([0, 2, 3, 4]);
    for (let count = 0; count < MOST; count += 1) notifications.receive(announcement, 0);
    expect(kinds()).toEqual(Array(MOST).fill("announcement"));
  });

  it("are dismissed one by one, or the newest first", () => {
    [mention(1), mention(2), announcement].forEach((notification) => notifications.receive(notification, 0));
    notifications.dismiss(notifications.toasts[0]!.id);
    expect(kinds()).toEqual(["mention", "announcement"]);
    expect(notifications.dismissNewest()).toBe(true);
    expect(kinds()).toEqual(["mention"]);
    expect(notifications.dismissNewest()).toBe(true);
    expect(notifications.dismissNewest()).toBe(false);
  });

  it("about a room go when it is looked at", () => {
    [mention(), invitation, announcement].forEach((notification) => notifications.receive(notification, 0));
    notifications.seen("other");
    expect(notifications.toasts.length).toBe(3);
    notifications.seen("r");
    expect(kinds()).toEqual(["announcement"]);
  });
});

describe("rooms in which we are called", () => {
  it("are marked until they are looked at", () => {
    notifications.receive(invitation, 0);
    expect(notifications.called("r")).toBe(false);
    notifications.receive(mention(), 0);
    notifications.tick(LIFE);
    notifications.dismissNewest();
    expect(notifications.called("r")).toBe(true);
    notifications.seen("r");
    expect(notifications.called("r")).toBe(false);
  });
});
