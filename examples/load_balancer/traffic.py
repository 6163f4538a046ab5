"""Makes the capture of this folder: `python3 examples/load_balancer/traffic.py [FOLDER]`: 300 connections of three packets each."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from frames import frame, tcp, write_capture

folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "traffic")
folder.mkdir(exist_ok=True)
packets = [
    (round_ + n * 0.001, frame(0x01, 0x02, 0x0800, tcp((f"198.51.100.{n % 250 + 1}", 1000 + n), ("192.0.2.80", 443), flags, b"x" * round_)))
    for round_, flags in enumerate((0x02, 0x10, 0x18))
    for n in range(300)
]
write_capture(folder / "wire.pcap", packets)
