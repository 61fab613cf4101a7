"""What a member of a crowd says to Lanchat in our protocol."""

from lanchat.protocol import VERSION, Command, Hello, Join, Open, Post, codec
from tests.bench import crowd
from tests.bench.crowd import Member

PATH = "/ws"


def open_room(port: int, name: str, kind: str = "home") -> str:
    """Open a room at the node that listens on `port`, and give its id. It must be of that kind there."""
    member = Member(port, PATH)
    member.send(frame(Hello(version=VERSION, client="script")) + frame(Open(name=name)))
    answer = member.wait(f'"kind":"{kind}"'.encode())
    member.socket.close()
    return answer.partition(b'"opened","room":{"id":"')[2].partition(b'"')[0].decode()


def join(room: str, member: Member) -> None:
    """Say hello as a guest and enter the room."""
    member.send(frame(Hello(version=VERSION, client="guest", nick="Guest")) + frame(Join(room=room)))
    member.wait(b'"type":"joined"')


def post(room: str, number: int, size: int = 128) -> bytes:
    """Return the frame that says the message of a number."""
    return frame(Post(room=room, nonce=f"{number:016x}", text=crowd.text(number, size)))


def frame(command: Command) -> bytes:
    """Return a command as a frame of the socket."""
    return crowd.frame(codec.encode(command))
