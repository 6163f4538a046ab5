"""Makes the captures of this folder: `python3 examples/bridge/traffic.py [FOLDER]`: three hosts on three devices talk to each other."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from frames import frame, udp, write_capture

folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "traffic")
folder.mkdir(exist_ok=True)
for host in range(3):
    others = [other for other in range(3) if other != host]
    packets = [
        (turn * 0.1 + host * 0.01, frame(host + 1, others[turn % 2] + 1, 0x0800, udp((f"10.0.0.{host + 1}", 7), (f"10.0.0.{others[turn % 2] + 1}", 7))))
        for turn in range(20)
    ]
    write_capture(folder / f"lan{host}.pcap", packets)
