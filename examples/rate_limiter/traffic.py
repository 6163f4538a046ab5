"""Makes the capture of this folder: `python3 examples/rate_limiter/traffic.py [FOLDER]`.

One host sends 1000 bytes each 500 us (16 Mbit/s) for a fifth of a second, another one each 10 ms (0.8 Mbit/s).
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from frames import frame, udp, write_capture

folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "traffic")
folder.mkdir(exist_ok=True)


def sent(host: int, every: float) -> list[tuple[float, bytes]]:
    data = frame(host, 0xFE, 0x0800, udp((f"10.0.0.{host}", 5000), ("198.51.100.1", 9), bytes(1000 - 42)))
    return [(n * every, data) for n in range(round(0.2 / every))]


write_capture(folder / "inside.pcap", sorted([*sent(1, 0.0005), *sent(2, 0.01)]))
