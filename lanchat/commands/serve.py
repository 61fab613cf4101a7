"""`serve`."""

import click
import msgspec

from lanchat import interpreter
from lanchat.commands import supervisor
from lanchat.commands.shutdown import shutdown_requested
from lanchat.config import Config


async def serve(config: Config, *, as_json: bool) -> None:
    """Run a node until SIGTERM or SIGINT; its clients are sent to others then. Raises LanchatError when it cannot."""
    interpreter.begin()
    from lanchat.web import serve as open_server  # noqa: PLC0415 - the other commands need no server

    with shutdown_requested() as asked:
        async with open_server(config) as server:
            interpreter.settle()
            node = server.node.info
            if as_json:
                ready = {"event": "ready", "window": server.window_url, "lan": server.lan_url, "node": node}
                click.echo(msgspec.json.encode(ready))
                if recovered := server.node.journal.recovered:
                    report = msgspec.structs.asdict(recovered) | {"aside": str(recovered.aside), "text": str(recovered)}
                    click.echo(msgspec.json.encode({"event": "recovered"} | report))
            else:
                click.echo(f"Lanchat runs as {node.name!r}.")
                click.echo(f"Anybody on this network joins with a browser:  {server.lan_url}")
                click.echo(f"Your own window, once, within a minute:        {server.new_window_url()}")
                click.echo("Ctrl-C ends it.")
            supervisor.tell(supervisor.READY)
            await asked.wait()
            supervisor.tell(supervisor.STOPPING)
            await server.drain()
