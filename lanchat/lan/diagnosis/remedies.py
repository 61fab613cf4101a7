"""What to type so that a firewall lets Lanchat through, by system.

What an administrator's firewall is cannot be read without being one, so the usual ones are named and a person takes
theirs.
"""

MDNS_PORT = 5353
"""UDP port of multicast DNS (RFC 6762, section 5)."""


def open_port(system: str, port: int, transport: str = "tcp") -> tuple[str, ...]:
    """Return the commands that let in what comes to a port, one for each firewall that the system may have.

    Args:
        system: as `sys.platform` names it.
        port: its number.
        transport: `tcp` or `udp`.
    """
    if system == "win32":
        rule = f'name="Lanchat {transport}" dir=in action=allow protocol={transport.upper()} localport={port}'
        return (f"netsh advfirewall firewall add rule {rule}",)
    if system == "darwin":
        return ("System Settings > Network > Firewall > Options: allow incoming connections for Lanchat",)
    return (
        f"sudo ufw allow {port}/{transport}",
        f"sudo firewall-cmd --permanent --add-port={port}/{transport} && sudo firewall-cmd --reload",
        f"sudo nft insert rule inet filter input {transport} dport {port} accept",
    )


def let_out(system: str, port: int, transport: str = "udp") -> tuple[str, ...]:
    """Return the commands that let out what goes to a port. Arguments as in `open_port`."""
    if system == "win32":
        rule = f'name="Lanchat {transport} out" dir=out action=allow protocol={transport.upper()} remoteport={port}'
        return (f"netsh advfirewall firewall add rule {rule}",)
    if system == "darwin":
        return ("System Settings > Privacy & Security > Local Network: allow Lanchat",)
    return (
        f"sudo ufw allow out {port}/{transport}",
        f"sudo nft insert rule inet filter output {transport} dport {port} accept",
    )
