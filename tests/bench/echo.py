"""The peer of the keystroke: a page that appends what its socket says, and a server that says what it hears.

Run as `python -m tests.bench.echo`. No room, no journal, no state, no styles: what remains is the browser.
"""

import asyncio

from aiohttp import web

from tests.bench.served import stay

_PAGE = """<!doctype html><title>Echo</title><textarea data-testid=composer></textarea><div data-testid=messages></div>
<script>
const socket = new WebSocket(`ws://${location.host}/ws`), [field, list] = document.body.children;
socket.onmessage = ({ data }) => list.appendChild(document.createElement("p")).textContent = data;
field.onkeydown = (event) => {
  if (event.key === "Enter") { event.preventDefault(); socket.send(field.value); field.value = ""; }
};
</script>"""


async def main() -> None:
    everybody: set[web.WebSocketResponse] = set()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html")

    async def listen(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(compress=False)
        await websocket.prepare(request)
        everybody.add(websocket)
        async for message in websocket:
            for one in everybody:
                await one.send_str(message.data)
        everybody.discard(websocket)
        return websocket

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/ws", listen)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await stay(window=url, lan=url)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
