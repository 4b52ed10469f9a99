"""What stands in for Bluetooth between `UdpAdapter` and the emulator: a datagram each.

    to the emulator    S scan, C connect, K the link is alive, W a write: 36 letters UUID, data,
                       D disconnect
    from it            s name|address, c connected, N a notification: data
"""

SCAN, CONNECT, ALIVE, WRITE, DISCONNECT = b'S', b'C', b'K', b'W', b'D'
SCANNED, CONNECTED, NOTIFY = b's', b'c', b'N'
UUID_BYTES = 36
ALIVE_SECONDS = 0.1
SUPERVISION_SECONDS = 1.0  # Without a sign of life for so long, the emulator's link is down.
MOST_BYTES = 2048
