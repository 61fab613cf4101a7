"""CHANNEL_LAYERS of a Django project; each case in a process of its own, for Django is configured once."""

import subprocess
import sys

import pytest

BEGIN = """
from django.conf import settings
settings.configure(INSTALLED_APPS=[{apps}], CHANNEL_LAYERS={{
    "default": {{"BACKEND": "{backend}", "CONFIG": {{"capacity": 7}}}},
}})
from lanchat.layers import InMemoryChannelLayer, ForeignChannelLayer, get_channel_layer, register_channel_layer
from lanchat.layers import LayerError
"""
OURS = "lanchat.layers.InMemoryChannelLayer"


def run(code: str, *, apps: str = "", backend: str = OURS) -> None:
    done = subprocess.run([sys.executable, "-c", BEGIN.format(apps=apps, backend=backend) + code], check=False)
    assert done.returncode == 0


def test_a_layer_is_made_by_the_settings_and_once() -> None:
    run("""
layer = get_channel_layer()
assert isinstance(layer, InMemoryChannelLayer) and layer.capacity == 7
assert get_channel_layer("default") is layer and get_channel_layer("other") is None
mine = InMemoryChannelLayer()
register_channel_layer("default", mine)
assert get_channel_layer() is mine
""")


def test_channels_and_we_find_the_same_object() -> None:
    run("import channels.layers\nassert get_channel_layer() is channels.layers.get_channel_layer()", apps="'channels'")


def test_a_layer_of_channels_is_taken_too() -> None:
    run(
        "layer = get_channel_layer()\nassert isinstance(layer, ForeignChannelLayer) and get_channel_layer() is layer",
        apps="'channels'",
        backend="channels.layers.InMemoryChannelLayer",
    )


@pytest.mark.parametrize("backend", ["", "nowhere.Layer", "lanchat.layers.Nothing"])
def test_a_setting_that_cannot_be_used_is_said(backend: str) -> None:
    run(
        """
try:
    get_channel_layer()
except LayerError as error:
    assert "CHANNEL_LAYERS['default']" in str(error)
else:
    raise AssertionError
""",
        backend=backend,
    )


def test_without_a_project_there_is_none() -> None:
    code = "import django.conf\nfrom lanchat.layers import get_channel_layer\nassert get_channel_layer() is None"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
