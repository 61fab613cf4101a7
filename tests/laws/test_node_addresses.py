"""The address of a node is written in one place: a host of IPv6 wants brackets, which every second place forgets."""

import ast

import pytest

from tests.laws import sources

HOME = "lanchat.lan.connection.address"


def written(name: str, module: ast.Module) -> list[str]:
    """Say where a module puts together an address or the URL of a node."""
    wrong = []
    for node in ast.walk(module):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)
            if "http://" in text or "\0]:\0" in text:
                wrong.append(f"{name}:{node.lineno} writes the address of a node; NodeAddress does that")
        elif isinstance(node, ast.IfExp) and isinstance(node.body, ast.JoinedStr) and _asks_for_colon(node.test):
            wrong.append(f"{name}:{node.lineno} puts a host into brackets; NodeAddress does that")
    return wrong


def _asks_for_colon(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Constant) and test.left.value == ":"


def test_addresses_are_written_in_one_place() -> None:
    modules = {name: sources.tree(path) for name, path in sources.modules().items() if name != HOME}
    sources.obeyed(line for name, module in modules.items() for line in written(name, module))


@pytest.mark.parametrize(
    "code",
    [
        'f"http://{host}:{port}/"',
        'f"http://127.0.0.1:{port}/"',
        'f"[{host}]:{port}"',
        'f"[{host}]" if ":" in host else host',
    ],
)
def test_an_address_at_another_place_is_found(code: str) -> None:
    assert written("m", ast.parse(code))


def test_what_is_no_address_is_let_be() -> None:
    for code in ('f"{address}/ws"', 'f"{node.window}jobs/{job.id}"', 'f"[{word}]"', "6 if ':' in host else 4"):
        assert written("m", ast.parse(code)) == []
