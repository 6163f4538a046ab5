"""Many random programs: `python -m tests.laws.run --programs 5000 --traces 20 --seed 1 --to FOLDER`.

`--click` runs them on an installed Click. Rounds of ten programs; each that is done is a line in `FOLDER/rounds.jsonl`, and a run that is begun again goes on behind them. What is
found lies in `FOLDER/found/SEED.cup` and `SEED.txt`. At the end, what was drawn and found, as text and in `FOLDER/report.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from tests.laws.on_click import run_click_round
from tests.laws.rounds import PER_ROUND, Round, flavour_of, run_round


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.laws.run", description="Random programs, compiled and interpreted.")
    parser.add_argument("--programs", type=int, default=300)
    parser.add_argument("--traces", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--to", type=Path, default=Path("random-programs"))
    parser.add_argument("--click", action="store_true", help="on the Click in CLICK_PREFIX, by captures")
    parser.add_argument("--fastclick", action="store_true", help="on the FastClick in FASTCLICK_PREFIX")
    order = parser.parse_args()
    engine = "fastclick" if order.fastclick else "click" if order.click else None
    order.to.mkdir(parents=True, exist_ok=True)
    (order.to / "found").mkdir(exist_ok=True)
    log = order.to / "rounds.jsonl"
    known: dict[int, dict[str, Any]] = {}
    if log.exists():
        known = {line["seed"]: line for line in map(json.loads, log.read_text().splitlines())}
    wanted = [order.seed + i * PER_ROUND for i in range((order.programs + PER_ROUND - 1) // PER_ROUND)]
    todo = [seed for seed in wanted if seed not in known]
    with ProcessPoolExecutor(order.jobs) as pool, log.open("a") as out:
        running = {begin_round(pool, range(seed, seed + PER_ROUND), order.traces, engine): seed for seed in todo}
        for done in as_completed(running):
            seed = running[done]
            known[seed] = {"seed": seed, **done.result().as_json()}
            out.write(json.dumps(known[seed]) + "\n")
            out.flush()
            for found in known[seed]["findings"]:
                stem = order.to / "found" / f"{found['seed']}"
                stem.with_suffix(".cup").write_text(found["text"])
                stem.with_suffix(".txt").write_text(f"{found['what']}, trace {found['trace']}\n{found['said']}\n")
                print(f"{found['what']} {found['seed']}: {found['said'][-200:]!r}", flush=True)
    report = add_up([known[seed] for seed in wanted])
    (order.to / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    show(report)
    return 1 if report["findings"] else 0


def begin_round(pool: ProcessPoolExecutor, seeds: range, traces: int, engine: str | None) -> Future[Round]:
    if engine is not None:
        return pool.submit(run_click_round, seeds, traces, engine)
    return pool.submit(run_round, seeds, traces, flavour_of(seeds.start // PER_ROUND), True)


def add_up(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    total: dict[str, Any] = {name: Counter[str]() for name in ("refused", "features", "seconds", "flavours")}
    for one in rounds:
        for name in total:
            total[name].update(one[name])
    sums = {name: sum(one[name] for one in rounds) for name in ("programs", "traces")}
    return {**sums, **{n: dict(c.most_common()) for n, c in total.items()}, "findings": [f for one in rounds for f in one["findings"]]}


def show(report: dict[str, Any]) -> None:
    print(f"{report['programs']} programs, {report['traces']} traces; refused {sum(report['refused'].values())} ({report['refused']})")
    print(f"compiled: {report['flavours']}; seconds: { {k: round(v) for k, v in report['seconds'].items()} }")
    for feature, count in report["features"].items():
        print(f"{count:6} {feature}")
    print(f"findings: {len(report['findings'])} {dict(Counter(f['what'] for f in report['findings']))}")


if __name__ == "__main__":
    sys.exit(main())
