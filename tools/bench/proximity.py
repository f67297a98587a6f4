#!/usr/bin/env python3
"""Proximity order of a large pool: `popcorn bench --only proximity` against torch.cdist and topk, taking turns.

  proximity.py POPCORN [--pool 100000] [--trusted 10000] [--length 384] [--repetitions 3] [--threads 2] [--json FILE]

PyTorch goes through the pool in blocks, as it has to: the whole matrix would take 4 GB.
"""
import argparse
import json
import resource
import time

import torch

from theirs import prepare
from turns import Paced, take_turns

NEIGHBOURS, CHOSEN, BLOCK = 5, 200, 2000


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--pool", type=int, default=100_000)
    a.add_argument("--trusted", type=int, default=10_000)
    a.add_argument("--length", type=int, default=384)
    a.add_argument("--repetitions", type=int, default=3)
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--json")
    o = a.parse_args()
    prepare(o.threads)
    centres = torch.randn(8, o.length).abs()

    def cases(count):
        return (centres[torch.arange(count) % 8] + 0.3 * torch.randn(count, o.length)).abs()

    pool, trusted = cases(o.pool), cases(o.trusted)

    def theirs():
        start = time.perf_counter()
        sums = torch.cat([torch.cdist(block, trusted).topk(NEIGHBOURS, largest=False).values.sum(1)
                          for block in pool.split(BLOCK)])
        sums.topk(CHOSEN, largest=False)
        return time.perf_counter() - start

    ours = Paced(o.program, "proximity", "--pool", o.pool, "--trusted", o.trusted, "--width", o.length // 16,
                 threads=o.threads)
    result = take_turns(theirs, ours.seconds, o.repetitions)
    result.update(subject="proximity", pool=o.pool, trusted=o.trusted, length=o.length, peak_mib=ours.peak_mib(),
                  their_peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    ours.close()
    print("proximity of %d to %d  PyTorch %.2f s, %.0f MiB   popcorn %.2f s, %.0f MiB   ratio %.2f (%.2f...%.2f)" % (
        o.pool, o.trusted, result["theirs"]["median"], result["their_peak_mib"], result["ours"]["median"],
        result["peak_mib"], result["ratio"]["median"], result["ratio"]["low"], result["ratio"]["high"]), flush=True)
    if o.json:
        with open(o.json, "w") as file:
            json.dump([result], file, indent=1)


if __name__ == "__main__":
    main()
