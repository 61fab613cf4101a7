"""Script in every text that reaches the page: it is shown as it was written, and nothing of it runs or is tried.

A dialog, a line on the console and a violation of the policy are failures: the policy is the second wall, and nothing
may get as far as that.
"""

import contextlib
import hashlib
import json
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from lanchat.protocol import (
    Author,
    NodeInfo,
    Post,
    Presence,
    guest_id,
)
from tests.page.conftest import Come, House
from tests.page.happenings import say
from tests.page.payloads import PAYLOADS, RAN, short
from tests.page.person import LOBBY, Person
from tests.support.clients import guest as program
from tests.support.clients import link
from tests.support.conditions import eventually
from tests.support.terminal import lanchat_meanwhile

pytestmark = pytest.mark.asyncio(loop_scope="session")

WATCH = """() => {
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
}"""
FOUND = """(ran) => {
  const tags = `script, iframe, object, embed, base, meta, link, style, video, audio, marquee, math, template, x,
    animate`;
  const addresses = [...document.querySelectorAll('[href], [src], [action], [data]')]
    .flatMap((element) => ['href', 'src', 'action', 'data'].map((name) => element.getAttribute(name) ?? ''))
    .filter((address) => /^\\s*(javascript|data:text|vbscript)/iu.test(address));
  const handlers = [...document.querySelectorAll('*')]
    .flatMap((element) => [...element.attributes])
    .filter(({ name }) => name.startsWith('on'))
    .map(({ name, value }) => `${name}=${value}`);
  const elements = [...document.body.querySelectorAll(tags)].map((element) => element.outerHTML.slice(0, 80));
  return [...(window.violations ?? []), ...addresses, ...handlers, ...elements, ...(ran in window ? ['it ran'] : [])];
}"""
TEXTS = "(id) => [...document.querySelectorAll(`[data-testid=${id}]`)].map((element) => element.textContent)"


async def clean(page: Page) -> None:
    """Check that nothing of a payload has become more than text."""
    assert await page.evaluate(FOUND, RAN) == []


async def texts(person: Person, what: str) -> list[str]:
    found: list[str] = await person.page.evaluate(TEXTS, what)
    return [text.strip() for text in found]


async def watched(come: Come, url: str, *, wait: bool = True) -> Person:
    """Somebody whose page tells of each violation."""
    person = await come("about:blank", wait=False, viewport={"width": 1400, "height": 900})
    await person.page.add_init_script(f"({WATCH})()")
    await person.go(url, wait=wait)
    return person


def file_of(path: Path, *lines: dict[str, object]) -> Path:
    """Write an archive of version 2 with an end that fits."""
    body = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    end = {"line": "end", "count": len(lines) - 1, "sha256": hashlib.sha256(body).hexdigest()}
    path.write_bytes(body + msgspec.json.encode(end) + b"\n")
    return path


def header(**more: object) -> dict[str, object]:
    home = {"id": "e" * 32, "name": "elsewhere"}
    base = {"line": "room", "format": "lanchat room", "version": 2, "room": "f" * 32, "name": "Kept", "home": home}
    return {**base, "count": 1, **more}


def line(seq: int, text: str, nick: str) -> dict[str, object]:
    author = {"id": f"author-{seq}", "nick": nick}
    body = {"text": text}
    return {"line": "event", "seq": seq, "nonce": f"n{seq}", "author": author, "at": 1, "kind": "message", "body": body}


async def test_script_in_texts(come: Come, house: House) -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60
    await say(house, [Post(room="", nonce=f"n{number}", text=text) for number, text in enumerate(PAYLOADS)])
    person = await watched(come, house.guest_url)
    await expect(person.see("message-text").last).to_have_text(PAYLOADS[-1])
    shown = await texts(person, "message-text")
    assert shown == [text.strip() for text in PAYLOADS[-len(shown) :]]
    assert len(shown) >= 50
    await clean(person.page)
    for text in PAYLOADS[:12]:  # typed by a person, and edited
        await person.say(text)
        await expect(person.see("message-text").last).to_have_text(text)
    await clean(person.page)


async def test_script_in_names_of_people(come: Come, house: House) -> None:
    nicks = short(24)
    person = await watched(come, house.guest_url)
    async with contextlib.AsyncExitStack() as stack:
        for nick in nicks:
            client = await stack.enter_async_context(program(house.server, nick))
            room = (await client.open(LOBBY)).id
            await client.join(room)
            await client.say(room, f"It is {nick}", nick)
        await expect(person.see("message-text").last).to_have_text(f"It is {nicks[-1]}")
        members = person.see("member")
        await expect(members).to_have_count(len(nicks) + 1)
        shown = "\n".join(await texts(person, "member"))
        authors = "\n".join(await texts(person, "message-author"))
        assert [nick for nick in nicks if nick not in shown or nick not in authors] == []
        await person.see("composer").press_sequentially("@")
        await expect(person.see("nick-choice").first).to_be_visible()
        await clean(person.page)
        await person.page.keyboard.press("Escape")


async def test_script_in_names_of_rooms(come: Come, house: House) -> None:
    names = short(40)
    async with program(house.server) as client:
        for name in names:
            await client.join((await client.open(name)).id)
        person = await watched(come, house.guest_url)
        await expect(person.see("room-item")).to_have_count(len(names) + 1)
        shown = "\n".join(await texts(person, "room-item"))
        assert [name for name in names if name not in shown] == []
        await clean(person.page)
        for name in names[:4]:
            await person.open(name)
        await clean(person.page)
        for name in names[:4]:
            await person.go(f"{house.guest_url}?room={quote(name, safe='')}")
            await expect(person.see("room-title")).to_have_text(name)
            await clean(person.page)


@pytest.mark.parametrize("name", ["<img src=x onerror=ran=1>", "</title><script>ran=1</script>"])
async def test_script_in_names_of_nodes(come: Come, house: House, name: str) -> None:
    await house.stop()
    house.config = msgspec.structs.replace(house.config, name=name)
    await house.start()
    person = await watched(come, house.guest_url)
    there = NodeInfo(id="e" * 32, name=f"{name}!")
    async with link(house.server, there) as client:
        room = await client.enter(LOBBY)
        people = [Author(id=guest_id("there"), nick="Somebody")]
        await client.tell(Presence(room=room, node=there, members=people))
        await expect(person.see("member").filter(has_text="Somebody")).to_contain_text(f"{name}!")
        assert name in await person.page.evaluate("document.body.textContent")
        await clean(person.page)


async def test_script_in_notifications(come: Come, house: House) -> None:
    person = await watched(come, house.server.new_window_url())
    async with program(house.server, short(24)[0]) as client:
        room = (await client.open(short(40)[1])).id
        await client.join(room)
        await client.say(room, f"@Ingrid {PAYLOADS[3]}")
        await expect(person.see("notification").filter(has_text="mentioned you")).to_contain_text(PAYLOADS[3])
        await clean(person.page)
    for text in (*PAYLOADS[:3], PAYLOADS[9], PAYLOADS[-9]):
        done = await lanchat_meanwhile("announce", text, "--data-dir", str(house.config.data_dir))
        assert done.code == 0, done.err
        await expect(person.see("toast-text").last).to_have_text(text)
        await clean(person.page)


async def test_script_in_an_archive_and_its_export(come: Come, house: House, tmp_path: Path) -> None:
    names = [*short(24), "x" * 8 + "<img src=x onerror=ran=1>" * 4]
    lines = [line(number, text, names[number % len(names)]) for number, text in enumerate(PAYLOADS, 1)]
    file = file_of(tmp_path / "kept.jsonl", header(name=short(40)[0], count=len(lines)), *lines)
    person = await watched(come, house.server.new_window_url())
    await person.see("import-file").set_input_files(file)
    await expect(person.see("job-text")).to_contain_text(f"{len(lines)} entries are now in {short(40)[0]}")
    await person.open(short(40)[0])
    await expect(person.see("message-text").last).to_have_text(PAYLOADS[-1])
    await clean(person.page)

    await person.see("room-menu").click()
    await person.see("export-html").click()
    await expect(person.see("job-text").last).to_contain_text(".html")
    await clean(person.page)
    (page,) = (house.config.data_dir / "exports").glob("*.html")
    reader = await watched(come, page.as_uri(), wait=False)
    assert await reader.page.locator("article p").all_text_contents() == list(PAYLOADS)
    await expect(reader.page).to_have_title(short(40)[0])
    found = await reader.page.evaluate(FOUND, RAN)
    assert found == []


async def test_script_in_what_is_found(come: Come, house: House) -> None:
    await say(house, [Post(room="", nonce=f"n{number}", text=text) for number, text in enumerate(PAYLOADS)])
    person = await watched(come, house.guest_url)
    for words in ("onerror", "script", "img src"):
        await person.page.keyboard.press("Control+f")
        await person.see("search-text").fill(words)
        await expect(person.see("hit").first).to_be_visible()
        hits = await texts(person, "hit-text")
        assert hits
        assert set(hits) <= {text.strip() for text in PAYLOADS}
        await clean(person.page)
    for payload in PAYLOADS[:6]:
        await person.see("search-text").fill(payload)
        await expect(person.see("search-state")).not_to_have_text("")
        await clean(person.page)


async def test_script_in_errors(come: Come, house: House, tmp_path: Path) -> None:
    person = await watched(come, house.server.new_window_url())
    for number, payload in enumerate((PAYLOADS[3], PAYLOADS[0], PAYLOADS[18])):
        file = file_of(tmp_path / f"{number}.jsonl", header(format=payload[:40]))
        await person.see("import-file").set_input_files(file)
        await expect(person.see("job-text").last).to_contain_text(payload[:20])
        await clean(person.page)
    named = tmp_path / "<img src=x onerror=ran=1>.jsonl"
    named.write_text("not a room", "utf-8")
    await person.see("import-file").set_input_files(named)
    await expect(person.see("job").last).to_have_attribute("data-state", "failed")
    await clean(person.page)
    guest = await watched(come, f"{house.guest_url}?room={quote(PAYLOADS[3] * 3, safe='')}", wait=False)
    await guest.connected()
    await clean(guest.page)
    await guest.go(f"{house.guest_url}#t={quote(PAYLOADS[3])}", wait=False)
    await clean(guest.page)
    async with program(house.server) as client:
        await client.tell(json.dumps({"type": PAYLOADS[3]}))


TRY = """(markup) => {
  const said = [];
  const image = document.createElement('img');
  for (const action of [
    () => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=ran=1>'),
    () => image.setAttribute('onerror', 'ran=1'),
  ]) {
    try { action(); said.push('done'); } catch (error) { said.push(String(error)); }
  }
  const link = document.createElement('a');
  link.href = 'javascript:ran=1';
  document.body.append(link, document.createElement('iframe'));
  return said;
}"""


async def test_a_script_that_got_in_would_be_seen(browser: Browser, house: House) -> None:
    """The walls themselves: what these tests look for is there when markup does get into the page."""
    async with await browser.new_context() as context:
        person = Person(await context.new_page())
        await person.page.add_init_script(f"({WATCH})()")
        await person.go(house.guest_url)
        await clean(person.page)
        refused = await person.page.evaluate(TRY)
        assert ["Trusted" in said for said in refused] == [True, True]
        await person.page.wait_for_function("window.violations.length >= 2")
        found = await person.page.evaluate(FOUND, RAN)
        assert "javascript:ran=1" in found
        assert "<iframe></iframe>" in found
        assert "it ran" not in found
        await eventually(lambda: any("Trusted" in problem for problem in person.problems))
