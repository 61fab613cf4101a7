import { afterEach, describe, expect, it, vi } from "vitest";
import { encrypted, hasKeyboard, isLoopback, isMac, isUnencrypted, isWatched, realBrowser } from "./browser";

afterEach(() => vi.unstubAllGlobals());

it("knows its own machine", () => {
  expect(["127.0.0.1", "127.1.2.3", "localhost", "[::1]"].every(isLoopback)).toBe(true);
  expect(["192.0.2.5", "127.evil.example", "localhost.example"].some(isLoopback)).toBe(false);
});

it("says what crosses the network unencrypted", () => {
  const unencrypted = (address: string) => isUnencrypted(new URL(address) as unknown as Location);
  expect(["http://192.0.2.5/", "http://127.0.0.1/", "https://192.0.2.5/"].map(unencrypted)).toEqual([true, false, false]);
});

it("finds the encrypted address at the same port", () => {
  expect(encrypted("http://192.0.2.5:28280/?room=http:")).toBe("https://192.0.2.5:28280/?room=http:");
  expect(encrypted("https://192.0.2.5/")).toBe("https://192.0.2.5/");
});

it("is watched by somebody who has it in front", () => {
  const watched = (visibilityState: string, focus: boolean) => {
    vi.stubGlobal("document", { visibilityState, hasFocus: () => focus });
    return isWatched();
  };
  expect([watched("visible", true), watched("visible", false), watched("hidden", true)]).toEqual([true, false, false]);
});

it.each([
  ["fine", true],
  ["none", true],
  ["coarse", false],
])("takes a device whose pointer is %s for one with a keyboard: %s", (pointer, has) => {
  vi.stubGlobal("window", { matchMedia: (query: string) => ({ matches: query === `(pointer: ${pointer})` }) });
  expect(hasKeyboard()).toBe(has);
});

it("knows the keyboard of a Mac", () => {
  const agent = (userAgent: string) => {
    vi.stubGlobal("window", { navigator: { userAgent } });
    return isMac();
  };
  expect([agent("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"), agent("Mozilla/5.0 (X11; Linux x86_64)")]).toEqual([true, false]);
});

describe("the real browser", () => {
  function around(href: string) {
    const opened: string[] = [];
    vi.stubGlobal("window", { location: { href }, history: {} });
    vi.stubGlobal("WebSocket", function (address: URL) {
      opened.push(address.href);
    });
    vi.stubGlobal("document", { visibilityState: "hidden", hasFocus: () => false });
    return { browser: realBrowser(), opened };
  }

  it.each([
    ["http://192.0.2.5:28280/?room=Tea", "ws://192.0.2.5:28280/ws"],
    ["https://chat.example/", "wss://chat.example/ws"],
  ])("opens the socket of %s at %s", (href, address) => {
    const { browser, opened } = around(href);
    browser.open();
    expect(opened).toEqual([address]);
    expect([browser.looking(), browser.focused?.()]).toEqual([false, false]);
  });
});
