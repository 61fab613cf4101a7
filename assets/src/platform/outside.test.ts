import { afterEach, describe, expect, it, vi } from "vitest";
import { realOutside, type Telling } from "./outside";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const told: { title: string; options: object; onclick?: () => void; close: () => void }[] = [];
const followed: string[] = [];
const telling: Telling = { title: "Milo", text: "Lunch", tag: "n1", follow: () => followed.push("n1") };

function around(permission: string, answer: () => Promise<string> = () => Promise.resolve(permission)) {
  told.length = followed.length = 0;
  class Notification {
    static permission = permission;
    static requestPermission = async () => {
      Notification.permission = await answer();
    };
    close = () => {};
    constructor(title: string, options: object) {
      told.push(Object.assign(this, { title, options }));
    }
  }
  vi.stubGlobal("window", { Notification, focus: () => followed.push("window"), navigator: {} });
  return realOutside();
}

describe("what is told outside", () => {
  it("is told once it is allowed, without the system's sound, and leads back", () => {
    for (const permission of ["default", "denied"]) {
      around(permission).tell(telling);
      expect(told).toEqual([]);
    }
    around("granted").tell(telling);
    expect(told[0]).toMatchObject({ title: "Milo", options: { body: "Lunch", tag: "n1", silent: true } });
    told[0]!.onclick!();
    expect(followed).toEqual(["window", "n1"]);
  });

  it("is absent on a page that came over plain http", async () => {
    vi.stubGlobal("window", { navigator: {} });
    const outside = realOutside();
    outside.tell(telling);
    outside.badge(3);
    expect([outside.allowed(), await outside.ask()]).toEqual(["absent", "absent"]);
  });

  it("asks the person once, and bears a web view that never answers", async () => {
    expect(await around("default", () => Promise.resolve("granted")).ask()).toBe("granted");
    expect(await around("denied", () => Promise.reject(new Error("asked"))).ask()).toBe("denied");
    vi.useFakeTimers();
    const silent = around("default", () => new Promise(() => {})).ask();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await silent).toBe("default");
  });
});

it("shows how much is unread on the program's sign, and nothing when there is nothing", () => {
  const shown: unknown[] = [];
  const badge = (count?: number) => Promise.reject(shown.push(count));
  vi.stubGlobal("window", { navigator: { setAppBadge: badge, clearAppBadge: badge } });
  realOutside().badge(3);
  realOutside().badge(0);
  expect(shown).toEqual([3, undefined]);
});
