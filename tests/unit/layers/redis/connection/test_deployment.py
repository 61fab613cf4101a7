"""Ways and topics of the kind that a Redis takes."""

import pytest

from lanchat.layers.redis.connection import Deployment, Pipeline, TopicReader, servers_of
from lanchat.layers.redis.connection.cluster import SlotEndpoint
from lanchat.layers.redis.connection.cluster_topics import ClusterTopics
from lanchat.layers.redis.connection.cluster_way import ClusterWay
from lanchat.layers.redis.connection.connection import RedisEndpoint

CLUSTER = {"cluster": [("h", 1)], "key": "{x}"}


@pytest.mark.parametrize(
    ("host", "way", "topics"), [("redis://h", Pipeline, TopicReader), (CLUSTER, ClusterWay, ClusterTopics)]
)
async def test_what_is_made_fits_the_setup(host: object, way: type, topics: type) -> None:
    made = Deployment(host, 1)
    assert type(made.way()) is way
    heard: list[object] = []
    assert type(made.topics(take=lambda *_: None, on_lost=heard.append, on_back=lambda: None)) is topics


def test_a_server_of_a_cluster_is_that_of_its_key() -> None:
    assert [type(server) for server in servers_of(["redis://h", CLUSTER], 1)] == [RedisEndpoint, SlotEndpoint]
