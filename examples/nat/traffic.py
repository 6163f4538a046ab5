"""Makes the captures of this folder: `python3 examples/nat/traffic.py [FOLDER]`.

Twenty hosts ask two servers, all from the same source port; the servers' answers go to public ports that only a run can know, so the
capture of the outside holds strangers alone: none of them gets in.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from frames import frame, tcp, udp, write_capture

SYN = 0x02
folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "traffic")
folder.mkdir(exist_ok=True)
asked = [
    (host * 0.01 + again, frame(host, 0x02, 0x0800, udp((f"10.0.0.{host}", 5000), ("198.51.100.53", 53), b"question")))
    for again in (0, 1)
    for host in range(1, 21)
]
opened = [(2 + host * 0.01, frame(host, 0x02, 0x0800, tcp((f"10.0.0.{host}", 5000), ("198.51.100.80", 80), SYN))) for host in range(1, 21)]
write_capture(folder / "inside.pcap", [*asked, *opened])
strangers = [(port * 0.05, frame(0x01, 0x02, 0x0800, udp(("203.0.113.66", 9), ("192.0.2.1", port), b"let me in"))) for port in range(1, 31)]
write_capture(folder / "outside.pcap", strangers)
