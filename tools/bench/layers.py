#!/usr/bin/env python3
"""Each convolution of the network alone, forward and backward, in PyTorch's best layout, beside ours.

  layers.py POPCORN [--width 24] [--patch 64] [--repetitions 3] [--threads 2] [--json FILE]

Ours are measured by `popcorn bench --only layers`, once before and once after PyTorch's; the faster counts for both.
"""
import argparse
import json
import re
import subprocess
import time

import torch
from torch import nn

from theirs import prepare
from turns import our_environment


def ours(program, width, patch, repetitions, threads):
    text = subprocess.run(
        [program, "bench", "--only", "layers", "--json", "--width", str(width), "--patch", str(patch), "--repetitions",
         str(repetitions)], check=True, capture_output=True, text=True,
        env=our_environment(threads)).stdout
    return json.loads(text)


def theirs(inputs, outputs, edge, repetitions):
    """Seconds at best: forward, and both gradients together (the scan's own is not wanted)."""
    layer = nn.Conv3d(inputs, outputs, 3, padding=1).to(memory_format=torch.channels_last_3d)
    x = torch.randn(1, inputs, edge, edge, edge).to(memory_format=torch.channels_last_3d).requires_grad_(inputs > 1)
    dy = torch.randn(1, outputs, edge, edge, edge).to(memory_format=torch.channels_last_3d)
    best = [float("inf"), float("inf")]
    for _ in range(repetitions + 1):
        start = time.perf_counter()
        y = layer(x)
        turned = time.perf_counter()
        y.backward(dy)
        best = [min(best[0], turned - start), min(best[1], time.perf_counter() - turned)]
        x.grad = layer.weight.grad = layer.bias.grad = None
    return best


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--width", type=int, default=24)
    a.add_argument("--patch", type=int, default=64)
    a.add_argument("--repetitions", type=int, default=3)
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--json")
    o = a.parse_args()
    prepare(o.threads)
    reports = [ours(o.program, o.width, o.patch, o.repetitions, o.threads)]
    names = list(dict.fromkeys(figure["layer"] for figure in reports[0]["layers"]))
    shapes = [tuple(map(int, re.search(r" (\d+)->(\d+)@(\d+)$", name).groups())) for name in names]
    measured = [theirs(*shape, o.repetitions) for shape in shapes]
    reports.append(ours(o.program, o.width, o.patch, o.repetitions, o.threads))
    results = []
    for name, shape, (forward, backward) in zip(names, shapes, measured):
        def chosen(passes):
            return sum(min(f["chosen"] for r in reports for f in r["layers"] if (f["layer"], f["pass"]) == (name, p))
                       for p in passes)
        gradients = ["weightGradient"] if shape[0] == 1 else ["inputGradient", "weightGradient"]
        operations = 2 * shape[0] * shape[1] * 27 * shape[2] ** 3
        results.append({
            "layer": name, "operations": operations, "gradients": len(gradients), "theirs_forward": forward,
            "theirs_backward": backward, "ours_forward": chosen(["forward"]), "ours_backward": chosen(gradients)})
        print("%-28s  forward %7.1f %7.1f ms   backward %7.1f %7.1f ms" % (
            name, 1e3 * forward, 1e3 * results[-1]["ours_forward"], 1e3 * backward,
            1e3 * results[-1]["ours_backward"]), flush=True)
    if o.json:
        with open(o.json, "w") as file:
            json.dump({"width": o.width, "patch": o.patch, "peak": max(r["peak"] for r in reports),
                       "layers": results}, file, indent=1)


if __name__ == "__main__":
    main()
