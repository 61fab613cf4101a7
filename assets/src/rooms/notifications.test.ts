import { beforeEach, describe, expect, it } from "vitest";
import { ANA, MILO } from "../testing/events";
import { LIFE, MOST, Notices } from "./notifications.svelte";
import type { Notification } from "../wire/protocol";

const ROOM = { id: "r", name: "Tea" };
const mention = (seq = 1): Notification => ({
  type: "notification", kind: "mention", author: MILO, at: 0, text: "@Ana", room: ROOM, seq,
});
const invitation: Notification = { type: "notification", kind: "invitation", author: MILO, at: 0, room: ROOM };
const announcement: Notification = { type: "notification", kind: "announcement", author: ANA, at: 0, text: "Lunch" };
let notices: Notices;
const kinds = () => notices.toasts.map(({ told }) => told.kind);

beforeEach(() => {
  notices = new Notices();
});

describe("toasts", () => {
  it("go by themselves, but not an announcement", () => {
    [mention(), invitation, announcement].forEach((told) => notices.hear(told, 0));
    notices.tick(LIFE - 1);
    expect(kinds()).toEqual(["mention", "invitation", "announcement"]);
    notices.tick(LIFE);
    expect(kinds()).toEqual(["announcement"]);
    notices.tick(1e12);
    expect(kinds()).toEqual(["announcement"]);
  });

  it("stay while somebody reads them", () => {
    notices.hear(mention(), 0);
    notices.held = true;
    notices.tick(LIFE);
    expect(kinds()).toEqual(["mention"]);
    notices.held = false;
    notices.tick(LIFE);
    expect(kinds()).toEqual([]);
  });

  it("are few: the oldest gives way, an announcement last", () => {
    notices.hear(announcement, 0);
    for (let seq = 1; seq <= MOST; seq += 1) notices.hear(mention(seq), 0);
    expect(notices.toasts.map(({ told }) => told.seq ?? 0)).toEqual([0, 2, 3, 4]);
    for (let count = 0; count < MOST; count += 1) notices.hear(announcement, 0);
    expect(kinds()).toEqual(Array(MOST).fill("announcement"));
  });

  it("are dismissed one by one, or the newest first", () => {
    [mention(1), mention(2), announcement].forEach((told) => notices.hear(told, 0));
    notices.dismiss(notices.toasts[0]!.id);
    expect(kinds()).toEqual(["mention", "announcement"]);
    expect(notices.dismissNewest()).toBe(true);
    expect(kinds()).toEqual(["mention"]);
    expect(notices.dismissNewest()).toBe(true);
    expect(notices.dismissNewest()).toBe(false);
  });

  it("about a room go when it is looked at", () => {
    [mention(), invitation, announcement].forEach((told) => notices.hear(told, 0));
    notices.looked("other");
    expect(notices.toasts.length).toBe(3);
    notices.looked("r");
    expect(kinds()).toEqual(["announcement"]);
  });
});

describe("rooms in which we are called", () => {
  it("are marked until they are looked at", () => {
    notices.hear(invitation, 0);
    expect(notices.called("r")).toBe(false);
    notices.hear(mention(), 0);
    notices.tick(LIFE);
    notices.dismissNewest();
    expect(notices.called("r")).toBe(true);
    notices.looked("r");
    expect(notices.called("r")).toBe(false);
  });
});
