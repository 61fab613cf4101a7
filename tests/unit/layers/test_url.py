import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lanchat.layers import InMemoryChannelLayer, LayerError, Overflow, layer_from_url, make_layers
from lanchat.layers.url import schemes

Install = Callable[[str, str], None]

WORKING = """
from lanchat.layers import LayerError
from lanchat.layers import InMemoryChannelLayer

class PigeonLayer(InMemoryChannelLayer):
    def __init__(self, url, prefix="", **options):
        super().__init__(**options)
        self.url, self.prefix = url, prefix

def from_url(url, **options):
    if url.endswith("nowhere"):
        raise LayerError("No pigeon flies there.")
    return PigeonLayer(url, **options)

def wrong(url, **options):
    return object()
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a package with entry points on the path, as pip does."""

    def put(entry_points: str, code: str) -> None:
        (tmp_path / "pigeons.py").write_text(code)
        info = tmp_path / "pigeons-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[lanchat.layers]\n{entry_points}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "pigeons", raising=False)
        importlib.invalidate_caches()

    return put


def test_the_layer_in_memory() -> None:
    layer = layer_from_url("memory://?capacity=7&expiry=1.5&overflow=disconnect&max_message_size=99", capacity=8)
    assert type(layer) is InMemoryChannelLayer
    assert (layer.capacity, layer.expiry, layer.overflow) == (8, 1.5, Overflow.DISCONNECT)
    assert layer.max_message_size == 99


@pytest.mark.parametrize("scheme", ["redis", "redis+pubsub", "redis+queue", "rediss", "unix+queue", "sentinel+pubsub"])
def test_redis_is_an_entry_point(scheme: str) -> None:
    assert type(layer_from_url(f"{scheme}://h/name")).__name__ == (
        "RedisChannelLayer" if scheme.endswith("queue") else "RedisPubSubChannelLayer"
    )


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nats://h", r"No layer is installed for nats://; known are .*memory, .*redis, "),
        ("", "begins with a scheme"),
        ("memory", "begins with a scheme"),
        ("://h", "begins with a scheme"),
        ("memory://?capasity=3", "no option capasity"),
        ("memory://?capacity=many", "cannot be read"),
        ("memory://[x", "cannot be read"),
        ("redis+queue://[x", "cannot be read"),
        ("memory://?overflow=explode", "explode"),
        ("redis+queue://h?capacity=many", "cannot be read"),
    ],
)
def test_a_url_that_names_no_layer_is_refused(url: str, said: str) -> None:
    with pytest.raises(LayerError, match=said):
        layer_from_url(url)


@pytest.mark.parametrize("url", ["memory://", "redis://h", "redis+queue://h"])
def test_an_unknown_option_is_refused_by_its_name(url: str) -> None:
    with pytest.raises(TypeError, match="capasity"):
        layer_from_url(url, capasity=3)


def test_another_package_adds_a_layer(install: Install) -> None:
    install("pigeon = pigeons:from_url", WORKING)
    assert "pigeon" in schemes()
    layer: Any = layer_from_url("Pigeon://loft?fast=yes", capacity=3)
    assert (type(layer).__name__, layer.url, layer.capacity) == ("PigeonLayer", "Pigeon://loft?fast=yes", 3)
    with pytest.raises(LayerError, match="No pigeon flies there"):
        layer_from_url("pigeon://nowhere")


def test_the_tutorials_layers_may_be_another_packages(install: Install) -> None:
    install("pigeon = pigeons:from_url\npigeon+queue = pigeons:from_url", WORKING)
    layers: dict[str, Any] = dict(make_layers("pigeon://loft"))
    assert type(layers.pop("memory")) is InMemoryChannelLayer
    assert {name: (layer.url, layer.prefix, layer.capacity) for name, layer in layers.items()} == {
        "chat": ("pigeon://loft", "chat", 100),
        "queue": ("pigeon+queue://loft", "queue", 1000),
        "notifications": ("pigeon://loft", "notify", 100),
        "analytics": ("pigeon+queue://loft", "analytics", 5000),
    }


@pytest.mark.parametrize(
    ("entry_point", "code", "said"),
    [
        ("pigeon = pigeons:from_url", "import not_installed_anywhere", "cannot be loaded: No module named"),
        ("pigeon = pigeons:from_url", "", "cannot be loaded: .*from_url"),
        ("pigeon = pigeons:wrong", WORKING, "gave object, which is no channel layer"),
    ],
)
def test_a_package_that_is_broken_is_a_clear_error(install: Install, entry_point: str, code: str, said: str) -> None:
    install(entry_point, code)
    with pytest.raises(LayerError, match=said):
        layer_from_url("pigeon://loft")


def test_without_redis_py_the_error_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['redis'] = None\n"
        "from lanchat.layers import LayerError\n"
        "from lanchat.layers import layer_from_url, setup_layers\n"
        "for make in (layer_from_url, setup_layers):\n"
        "    try:\n        make('redis://localhost')\n"
        "    except LayerError as error:\n        print(error)\n"
        "print(sorted(setup_layers()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    *errors, layers = done.stdout.splitlines()
    assert ["pip install 'lanchat[redis]'" in error for error in errors] == [True, True]
    assert layers == "['analytics', 'chat', 'memory', 'notifications', 'queue']"
