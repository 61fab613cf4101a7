"""In the page, a name of a class, a type or a view means one thing."""

import re
from collections.abc import Mapping

from tests.laws import page, sources

_NAMED = re.compile(r"^(?:export )?(?:abstract )?(?:class|interface|type|enum) (\w+)", re.MULTILINE)


def doubled(texts: Mapping[str, str]) -> list[str]:
    """Say which names stand in more than one module; a view is named by its file."""
    places: dict[str, list[str]] = {}
    for path, text in texts.items():
        view = [path.rpartition("/")[2].removesuffix(".svelte")] if path.endswith(".svelte") else []
        for name in {*_NAMED.findall(text), *view}:
            places.setdefault(name, []).append(path)
    return [f"{name}: {', '.join(paths)}" for name, paths in sorted(places.items()) if len(paths) > 1]


def test_every_name_means_one_thing() -> None:
    sources.obeyed(doubled(page.modules()))


def test_a_doubled_name_is_found() -> None:
    texts = {
        "wire/protocol.ts": "export interface Search {\n}\nexport interface Event {}\nexport interface Event {}\n",
        "room/search.ts": "export class Search {\n  type = 1;\n}\ntype Kept = string;\nexport type Edit = 1;",
        "room/outbox.ts": 'import type { Event } from "../wire/protocol";\nclass Kept {}',
        "views/message/Edit.svelte": "<script>\n  interface Props {}\n</script>",
        "views/message/Menu.svelte": "<script>\n  interface Props {}\n</script>",
    }
    assert doubled(texts) == [
        "Edit: room/search.ts, views/message/Edit.svelte",
        "Kept: room/search.ts, room/outbox.ts",
        "Search: wire/protocol.ts, room/search.ts",
    ]
