"""Topics of a cluster: each is heard where its keys are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.layers.redis import deployment_of
from lanchat.layers.redis.connection.cluster_topics import ClusterTopics
from tests.support.conditions import eventually
from tests.support.redis.cluster import RedisCluster
from tests.support.redis.servers import RedisServer, in_thread

TOPICS = [f"lanchat:{{{tag}}}:topic" for tag in "abcdef"]


class Heard:
    def __init__(self, cluster: RedisCluster) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self.lost: list[BaseException] = []
        self.backs = 0
        topics = deployment_of(cluster.url, 5).topics(
            take=lambda topic, body: self.messages.append((topic, body)), on_lost=self.lost.append, on_back=self._back
        )
        assert isinstance(topics, ClusterTopics)
        self.topics = topics

    def _back(self) -> None:
        self.backs += 1


@pytest.fixture
async def heard(cluster: RedisCluster) -> AsyncIterator[Heard]:
    heard = Heard(cluster)
    yield heard
    await heard.topics.close()


def listeners(server: RedisServer, topic: str) -> int:
    return int(server.ask("PUBSUB", "NUMSUB", topic)[1])


async def test_each_topic_is_heard_at_the_owner_of_its_slot(heard: Heard, cluster: RedisCluster) -> None:
    for topic in TOPICS:
        heard.topics.subscribe(topic)
    for topic in TOPICS:
        owner = cluster.owner(topic)
        await eventually(lambda owner=owner, topic=topic: listeners(owner, topic) == 1)  # type: ignore[misc]
    for number, topic in enumerate(TOPICS):  # wherever it is published, it is heard once
        cluster.servers[number % 3].ask("PUBLISH", topic, number)
    await eventually(lambda: len(heard.messages) == len(TOPICS))
    assert sorted(heard.messages) == [(topic, str(number).encode()) for number, topic in enumerate(TOPICS)]


async def test_one_that_is_gone_keeps_no_other_from_being_heard(tmp_path: Path) -> None:
    """Each of the servers keeps what it has, and what one had nobody has."""
    cluster = RedisCluster(tmp_path)
    try:
        cluster.start()
        gone = cluster.owner(TOPICS[0])
        there = [topic for topic in TOPICS if cluster.owner(topic) is not gone]
        heard = Heard(cluster)
        for topic in TOPICS:
            heard.topics.subscribe(topic)
        for topic in TOPICS:
            owner = cluster.owner(topic)
            await eventually(lambda owner=owner, topic=topic: listeners(owner, topic) == 1)  # type: ignore[misc]
        await in_thread(gone.stop)
        await eventually(lambda: heard.lost)
        for topic in there:
            cluster.owner(topic).ask("PUBLISH", topic, "x")
        await eventually(lambda: sorted(heard.messages) == sorted((topic, b"x") for topic in there))
        await in_thread(gone.start)
        await eventually(lambda: heard.backs == 1, what="what it has is heard again")
        await heard.topics.close()
    finally:
        cluster.stop()


async def test_a_topic_follows_its_slot(heard: Heard, cluster: RedisCluster) -> None:
    topic = TOPICS[0]
    heard.topics.subscribe(topic)
    source, target = cluster.owner(topic), cluster.another(topic)
    await eventually(lambda: listeners(source, topic) == 1)
    await in_thread(cluster.pass_on, topic, target)
    heard.topics._cluster.outdated()  # as a way does that was sent elsewhere
    await eventually(lambda: (listeners(source, topic), listeners(target, topic)) == (0, 1))
    heard.topics.unsubscribe(topic)
    await eventually(lambda: listeners(target, topic) == 0)
    assert heard.lost == []
