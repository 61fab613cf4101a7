"""Redis as it was set up: one server, the master of a group, or a cluster."""

from collections.abc import Callable

from lanchat.layers.redis.connection.cluster import Cluster, SlotEndpoint
from lanchat.layers.redis.connection.cluster_topics import ClusterTopics
from lanchat.layers.redis.connection.cluster_way import ClusterWay
from lanchat.layers.redis.connection.connection import RedisEndpoint
from lanchat.layers.redis.connection.hosts import hosts_of
from lanchat.layers.redis.connection.pipeline import Pipeline
from lanchat.layers.redis.connection.topic_reader import TopicReader
from lanchat.layers.redis.connection.way import Way


class Deployment:
    """Makes ways to one Redis, and readers of its topics, of the kind that its setup takes.

    Args:
        host: where it is, in a form of `hosts_of`.
        timeout: seconds that connecting, and separately a reply, may take.

    Raises:
        ValueError: as `hosts_of`.
    """

    def __init__(self, host: object, timeout: float) -> None:
        (found,) = hosts_of([host])
        self._place = Cluster(found, timeout) if found.cluster else RedisEndpoint(found, timeout)

    def way(self) -> Way:
        """Return a new way there."""
        return ClusterWay(self._place) if isinstance(self._place, Cluster) else Pipeline(self._place)

    def topics(
        self,
        *,
        take: Callable[[str, bytes], None],
        on_lost: Callable[[BaseException], None],
        on_back: Callable[[], None],
    ) -> TopicReader | ClusterTopics:
        """Return a new reader; the arguments are those of `TopicReader`."""
        if isinstance(self._place, Cluster):
            return ClusterTopics(self._place, take=take, on_lost=on_lost, on_back=on_back)
        return TopicReader(self._place, take=take, on_lost=on_lost, on_back=on_back)


def servers_of(hosts: object, timeout: float) -> list[RedisEndpoint]:
    """Return the servers that `hosts` names, in order; see `hosts_of` for its forms and what it raises."""
    return [SlotEndpoint(host, timeout) if host.cluster else RedisEndpoint(host, timeout) for host in hosts_of(hosts)]
