import { expect, it } from "vitest";
import { BINDINGS } from "../../platform/keys";
import { sheet, shortcuts } from "./shortcuts";

it("tells every binding once, under what it does", () => {
  const lines = shortcuts(false);
  expect(lines.flatMap(({ ways }) => ways).length).toBe(BINDINGS.length);
  expect(new Set(lines.map(({ action }) => action))).toEqual(new Set(Object.keys(sheet.actions)));
});

it("names keys as they stand on the keyboard", () => {
  const ways = (mac: boolean) => Object.fromEntries(shortcuts(mac).map(({ action, ways: all }) => [action, all]));
  expect(ways(false)["start"]).toEqual([["Home"], ["Ctrl", "Home"]]);
  expect(ways(true)["find"]).toEqual([["⌘", "K"]]);
  expect(ways(false)["above"]).toEqual([["Alt", "↑"]]);
});
