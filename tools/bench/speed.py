#!/usr/bin/env python3
"""Training step of a pair and forward of a patch: `popcorn bench` against PyTorch's best mode, taking turns.

  speed.py POPCORN [--width 24 8] [--patch 64] [--repetitions 5] [--threads 2]

PyTorch's best mode on a CPU is float32, channels-last, denormals flushed. Prints medians and the median of the ratios of
neighbouring measurements (PyTorch / ours: above 1 we are faster). Needs torch.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "parity"))
from popcorn_torch import UNet, losses  # noqa: E402


class Theirs:
    def __init__(self, width, patch):
        torch.manual_seed(1)
        self.net = UNet(width).to(memory_format=torch.channels_last_3d)
        self.adam = torch.optim.Adam(self.net.parameters(), 1e-4, eps=1e-7, fused=True)
        self.x = torch.randn(2, 1, patch, patch, patch).to(memory_format=torch.channels_last_3d)
        y = (torch.rand(2, 1, patch, patch, patch) < 0.05).float()
        self.pair = {"x.i": self.x[0], "x.j": self.x[1], "y.i": y[0], "y.j": y[1]}

    def step(self):
        self.adam.zero_grad(set_to_none=True)
        losses(self.net, self.pair, 0.2, 350.0, 0.0)[3].backward()
        self.adam.step()

    @torch.no_grad()
    def forward(self):
        self.net(self.x[:1])

    def seconds(self, subject):
        start = time.perf_counter()
        getattr(self, subject)()
        return time.perf_counter() - start


class Ours:
    def __init__(self, program, width, patch, subject, threads):
        self.process = subprocess.Popen(
            [program, "bench", "--paced", "--only", subject, "--width", str(width), "--patch", str(patch)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"})

    def seconds(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--width", type=int, nargs="+", default=[8, 24])
    a.add_argument("--patch", type=int, default=64)
    a.add_argument("--subject", nargs="+", default=["forward", "step"])
    a.add_argument("--repetitions", type=int, default=5)
    a.add_argument("--threads", type=int, default=2)
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    torch.set_flush_denormal(True)
    for width in o.width:
        theirs = Theirs(width, o.patch)
        for subject in o.subject:
            ours = Ours(o.program, width, o.patch, subject, o.threads)
            theirs.seconds(subject), ours.seconds()
            turns = [(theirs.seconds(subject), ours.seconds()) for _ in range(o.repetitions)]
            ours.close()
            ratios = sorted(t / u for t, u in turns)
            print("width %2d, %d^3, %-7s  PyTorch %8.0f ms   popcorn %8.0f ms   ratio %.2f (%.2f...%.2f)" % (
                width, o.patch, subject, 1e3 * statistics.median(t for t, _ in turns),
                1e3 * statistics.median(u for _, u in turns), statistics.median(ratios), ratios[0], ratios[-1]),
                flush=True)


if __name__ == "__main__":
    main()
