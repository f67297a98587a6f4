#!/usr/bin/env python3
"""Takes the steps of a recorded training again in PyTorch, and compares what both networks make of unseen scans.

  training.py POPCORN RECORD MODEL OUT [--scans DIR]

RECORD is what `popcorn train --record` wrote and MODEL the network that it ended with. The same initial weights, patches,
order, dropout and rates; PyTorch's own convolutions, gradients and Adam. Where training went back, this goes back too.
DIR holds NAME_FLAIR.nii.gz with NAME_mask.nii.gz, and ../brainmasks/NAME_brainmask.nii.gz where there are any. Writes
OUT.safetensors, the network that PyTorch ends with, and OUT.tsv, the loss of each step on both sides.
"""
import argparse
import csv
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch.overrides import TorchFunctionMode

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from popcorn_torch import UNet, losses  # noqa: E402


def kept(key, channels, edge):
    """Which elements a dropout key keeps at rate one half, (C, D, H, W): the hash of Engine's DropoutKey."""
    low, high = (np.uint32(int(part)) for part in key.split(":"))
    with np.errstate(over="ignore"):
        h = np.arange(edge ** 3 * channels, dtype=np.uint32) * np.uint32(0x9E3779B1) + low
        h ^= h >> np.uint32(16)
        h = h * np.uint32(0x7FEB352D) + high
        h ^= h >> np.uint32(15)
        h *= np.uint32(0x846CA68B)
        h ^= h >> np.uint32(16)
    keep = h >= np.uint32(int(0.5 * 4294967295))
    return torch.from_numpy(keep.reshape(edge, edge, edge, channels)).permute(3, 0, 1, 2)


class Dropped(TorchFunctionMode):
    """While this is entered the network is in training: dropout after each pooling, the elements given by keys."""

    def __init__(self, keys):
        super().__init__()
        self.keys = iter(keys)

    def __torch_function__(self, function, types, arguments=(), options=None):
        y = function(*arguments, **(options or {}))
        if function is F.max_pool3d:
            y = torch.where(kept(next(self.keys), y.shape[1], y.shape[-1])[None], 2 * y, torch.zeros(()))
        return y


def nudged(net, seed):
    """Moves every second weight or so by one unit in the last place: the same training, rounded otherwise."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in net.parameters():
            moved = torch.nextafter(parameter, torch.full_like(parameter, float("inf")))
            parameter.copy_(torch.where(torch.rand(parameter.shape, generator=random) < 0.5, moved, parameter))


class Replay:
    """The recorded steps, taken by PyTorch."""

    def __init__(self, record, width, alpha, tau, layout=torch.contiguous_format, nudge=None):
        self.record, self.alpha, self.tau = record, alpha, tau
        with open(os.path.join(record, "steps.tsv")) as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        self.steps, self.final = rows[:-1], int(rows[-1]["after"])
        self.net = UNet(width)
        self.net.load_state_dict(load_file(os.path.join(record, "initial.safetensors")))
        if nudge is not None:
            nudged(self.net, nudge)
        self.net.to(memory_format=layout)
        self.adam = torch.optim.Adam(self.net.parameters(), eps=1e-7)
        # States that are gone back to, or ended with, out of the order in which they came.
        order = [int(step["after"]) for step in self.steps] + [self.final]
        self.wanted = {parent for number, parent in enumerate(order) if parent != number}
        self.kept = {}

    def remember(self, number):
        if number in self.wanted:
            state = {k: v.clone() for k, v in self.net.state_dict().items()}
            moments = [{k: v.clone() for k, v in self.adam.state[p].items()} for p in self.net.parameters()]
            self.kept[number] = (state, moments)

    def return_to(self, number):
        state, moments = self.kept[number]
        self.net.load_state_dict(state)
        for parameter, moment in zip(self.net.parameters(), moments):
            self.adam.state[parameter] = {k: v.clone() for k, v in moment.items()}

    def run(self):
        """Yields number, their loss and ours of each step."""
        self.remember(0)
        for number, step in enumerate(self.steps, 1):
            if int(step["after"]) != number - 1:
                self.return_to(int(step["after"]))
            yield number, float(step["total"]), self.take(number, step)
            self.remember(number)
        if self.final != len(self.steps):
            self.return_to(self.final)

    def take(self, number, step):
        pair = load_file(os.path.join(self.record, "pairs", "%06d.safetensors" % number))
        pair = {name: value[None] for name, value in pair.items()}
        # Both patches go through the network in turn, with three keys each.
        keys = step["dropout.i"].split(",") + step["dropout.j"].split(",")
        self.adam.param_groups[0]["lr"] = float(step["rate"])
        self.adam.zero_grad(set_to_none=True)
        with Dropped(keys):
            total = losses(self.net, pair, self.alpha, self.tau, 0.0)[3]
        total.backward()
        self.adam.step()
        return total.item()


def dice(program, model, scans, folder):
    """Dice by scan, of `popcorn segment` and `popcorn evaluate`."""
    truth = os.path.join(folder, "truth")
    masks = tempfile.mkdtemp(dir=folder)
    os.makedirs(truth, exist_ok=True)
    for scan in sorted(glob.glob(os.path.join(scans, "*_FLAIR.nii.gz"))):
        name = os.path.basename(scan).replace("_FLAIR.nii.gz", "")
        brain = os.path.join(scans, "..", "brainmasks", name + "_brainmask.nii.gz")
        options = ["--brain", brain] if os.path.exists(brain) else []
        subprocess.run([program, "segment", "--model", model, *options, scan,
                        os.path.join(masks, name + "_mask.nii.gz")], check=True, stdout=subprocess.DEVNULL)
        shutil.copy(scan.replace("_FLAIR", "_mask"), os.path.join(truth, name + "_mask.nii.gz"))
    report = json.loads(subprocess.run([program, "evaluate", "--json", "--truth", truth, "--mask", masks], check=True,
                                       capture_output=True, text=True).stdout)
    return {case["name"]: case["figures"]["dice"] for case in report["caseMeans"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("popcorn", "record", "model", "out"):
        parser.add_argument(name)
    parser.add_argument("--scans")
    parser.add_argument("--alpha", type=float, default=0.2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--channels-last", action="store_true", help="another layout: the same training, rounded otherwise")
    parser.add_argument("--nudge", type=int, metavar="SEED", help="one unit in the last place on half of the weights")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    with safe_open(options.model, "pt") as file:
        metadata = file.metadata()
    edge, spacing = int(metadata["patch"]), float(metadata["spacing"])
    tau = 350 / 64 ** 3 * edge ** 3 if metadata["recipe"] == "paper" else edge ** 3
    alpha = 0 if metadata["strategy"] == "baseline" else options.alpha
    layout = torch.channels_last_3d if options.channels_last else torch.contiguous_format
    replay = Replay(options.record, int(metadata["width"]), alpha, tau, layout, options.nudge)
    with open(options.out + ".tsv", "w") as file:
        print("step\tpopcorn\tpytorch", file=file)
        for number, ours, theirs in replay.run():
            print("%d\t%.9f\t%.9f" % (number, ours, theirs), file=file, flush=True)
    save_file({k: v.contiguous() for k, v in replay.net.state_dict().items()}, options.out + ".safetensors", metadata)
    print("%d steps at spacing %g; losses in %s.tsv" % (len(replay.steps), spacing, options.out))
    if options.scans:
        with tempfile.TemporaryDirectory() as folder:
            ours = dice(options.popcorn, options.model, options.scans, folder)
            theirs = dice(options.popcorn, options.out + ".safetensors", options.scans, folder)
        for name in sorted(ours):
            print("%-32s Dice %.4f trained by popcorn, %.4f by PyTorch" % (name, ours[name], theirs[name]))
        means = [np.mean(list(side.values())) for side in (ours, theirs)]
        print("%-32s Dice %.4f trained by popcorn, %.4f by PyTorch" % ("mean", *means))


if __name__ == "__main__":
    main()
