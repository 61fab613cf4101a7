import { describe, expect, it } from "vitest";
import { messages } from "./catalogue";
import { day, narrowTime, stamp, startOfDay, time } from "./clock";

describe("clock", () => {
  const now = new Date(2026, 10, 22, 12).getTime();
  it("names days as people do", () => {
    expect(day(now, now)).toBe(messages.today);
    expect(day(new Date(2026, 10, 21, 1).getTime(), now)).toBe(messages.yesterday);
    expect(day(new Date(2024, 1, 2).getTime(), now)).toContain("2024");
  });

  it("says nothing for a time that no calendar holds", () => {
    expect([time(1e20), narrowTime(1e20), stamp(NaN), day(-1e20)]).toEqual(["", "", "", ""]);
  });

  it("fits into a narrow column also where the day has twelve hours", () => {
    expect(narrowTime(new Date(2026, 10, 22, 23, 45).getTime())).toMatch(/^\d\d?:45$/u);
  });
});

it("a day begins at midnight", () => {
  const begun = new Date(startOfDay(new Date(2026, 10, 28, 13, 5).getTime()));
  expect([begun.getDate(), begun.getHours(), begun.getMinutes(), begun.getMilliseconds()]).toEqual([28, 0, 0, 0]);
});
