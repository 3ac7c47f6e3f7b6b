"""Broadsheet's stages called as functions, without command and Prefect; prints what start and load took.

usage: broadsheet_stages.py WARC DATA-DIR
"""

import json
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from flows.runs import open_run
from flows.stages import run_ingest
from flows.steps import direct_steps
from warehouse.load import load

if __name__ == "__main__":
    start_cpu = time.process_time()
    run = open_run(data_dir=Path(sys.argv[2]))
    seen = []
    begun = time.perf_counter()

    def load_timed():
        report = load(
            run.datadir,
            run_id=run.run_id,
            now=datetime.now(UTC),
            on_step=lambda name: seen.append((name, time.perf_counter(), time.process_time())),
        )
        seen.append(("", time.perf_counter(), time.process_time()))
        return report

    with direct_steps(run) as steps:
        report = run_ingest(run, [Path(sys.argv[1])], replace(steps, load=load_timed))
    wall = time.perf_counter() - begun
    took = {}
    for (name, at, cpu), (_, until, cpu_until) in pairwise(seen):
        if name:
            before = took.get(name, (0.0, 0.0))
            took[name] = (before[0] + until - at, before[1] + cpu_until - cpu)
    own = time.process_time() - start_cpu
    print("RESULT", json.dumps({"start_cpu_s": start_cpu, "wall_s": wall, "parent_cpu_s": own, "load": took}))
    print("PAGES", report.capture_count)
