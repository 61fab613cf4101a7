"""The command line of a worker."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence

from lanchat.consumers.errors import NotLoadable, WorkerStuck
from lanchat.consumers.loading import load
from lanchat.consumers.routing import ChannelNameRouter, ProtocolTypeRouter
from lanchat.consumers.worker.worker import ChannelWorker
from lanchat.layers import BaseChannelLayer, LayerError, channel_layers, layer_from_url, register_channel_layer

_log = logging.getLogger("lanchat.worker")
_WRONG, _STUCK = 2, 3


def main(arguments: Sequence[str]) -> int:
    """Run a worker until a signal ends it, and return the exit code."""
    options = _parser().parse_intermixed_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    try:
        router = _router(load(options.consumers))
        layer = _layer(options.layer, options.url)
        channels = _channels(router, options.channels)
        worker = ChannelWorker(
            router,
            layer,
            channels,
            concurrency=options.concurrency,
            patience=options.timeout,
            most_stuck=options.most_stuck,
        )
    except (NotLoadable, LayerError, TypeError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return _WRONG
    asyncio.run(_work(worker, layer, options.grace))
    return 0


async def _work(worker: ChannelWorker, layer: BaseChannelLayer, grace: float) -> None:
    loop = asyncio.get_running_loop()
    working = asyncio.ensure_future(worker.run(grace=grace))
    told = False

    def end(name: str) -> None:
        nonlocal told
        if told:
            _log.warning("%s again: what is at hand is given up", name)
            working.cancel()
        else:
            told = True
            _log.info("%s: ending; what is at hand has %g s", name, grace)
            worker.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end, number.name)
    _log.info("Listening to %s", ", ".join(sorted({slot.channel for slot in worker.slots})))
    await asyncio.wait({working})
    error = None if working.cancelled() else working.exception()
    _log.info("Handled %d messages", worker.handled)
    await layer.close()
    if isinstance(error, WorkerStuck):
        _log.critical("%s", error)
    elif error is not None:
        raise error
    if worker.stuck:
        logging.shutdown()
        os._exit(_STUCK)  # the threads that block would be waited for


def _router(found: object) -> ChannelNameRouter:
    """Return what takes the messages. Raises TypeError when nothing does."""
    if isinstance(found, ProtocolTypeRouter):
        found = found.application_mapping.get("channel")
    if isinstance(found, Mapping):
        found = ChannelNameRouter(found)
    if not isinstance(found, ChannelNameRouter):
        raise TypeError(
            f"A worker takes consumers by the names of their channels, or a ChannelNameRouter, not {found!r}."
        )
    return found


def _channels(router: ChannelNameRouter, wanted: Sequence[str]) -> Sequence[str]:
    """Return the channels to listen to. Raises ValueError when nothing takes one of those that are wanted."""
    if unknown := sorted(set(wanted) - set(router.application_mapping)):
        raise ValueError(f"No consumer there takes {', '.join(unknown)}.")
    return wanted or tuple(router.application_mapping)


def _layer(alias: str, url: str) -> BaseChannelLayer:
    if url:
        register_channel_layer(alias, layer_from_url(url))
    layer = channel_layers.get(alias)
    if layer is None:
        known = ", ".join(sorted(channel_layers)) or "none"
        raise LayerError(f"No layer is called {alias!r}; known are: {known}. Register it in the module, or give --url.")
    return layer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lanchat.consumers.worker",
        description="Takes messages out of channels of a layer and hands them to consumers.",
    )
    parser.add_argument("consumers", help="package.module:name of the consumers by their channels")
    parser.add_argument("channels", nargs="*", help="listen to these alone; by default to all that the consumers take")
    parser.add_argument("--layer", default="default", metavar="ALIAS", help="of the layer (default: %(default)s)")
    parser.add_argument("--url", default="", help="make the layer, for example redis+queue://localhost:6379")
    parser.add_argument(
        "--concurrency", type=int, default=1, metavar="N",
        help="messages of each channel handled at once (default: %(default)s, in their order)",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", type=float, default=60.0, metavar="SECONDS",
        help="how long a message may take (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--grace", type=float, default=10.0, metavar="SECONDS",
        help="how long what is at hand has after SIGTERM (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--most-stuck", type=int, default=8, metavar="N",
        help="end with code 3 when more handlers than these block a thread for ever (default: %(default)s)",
    )  # fmt: skip
    return parser
