#!/usr/bin/env python3
"""Holds the engine to PyTorch: prints what was measured beside its limit, and fails where one is passed.

  parity.py POPCORN [--data DIR] [--width 8 24] [--patch 32] [--pairs 8] [--only PART ...]

POPCORN is the `popcorn` program. DIR holds labeled/NAME_FLAIR.nii.gz and labeled/NAME_mask.nii.gz; without
it patches are made up. Needs torch, numpy, safetensors, nibabel. Single operations are held in `make test`.

A line begins with ok or FAIL where its limit decides. The distances that flipped branches and Adam's first
steps govern (branches.py, curves.py) are told with the limits that were agreed for them, `over` where they
pass them, and do not decide: the line of the same thing free of that cause does.
"""
import argparse
import os
import sys
import tempfile

import torch
from safetensors.torch import save_file

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import branches  # noqa: E402
import curves  # noqa: E402
import report  # noqa: E402
import windows  # noqa: E402
from pairs import blurred, made_up, pair_of, patch_of, scan, scans_in  # noqa: E402
from popcorn_torch import UNet  # noqa: E402
from report import judge  # noqa: E402
from sides import Case, apart, worst  # noqa: E402

PARTS = ["reference", "branches", "consistency", "curves", "windows", "scan"]


class Parity:
    """One width, its parts."""

    def __init__(self, options, width, scans, folder):
        self.options, self.width, self.scans, self.folder = options, width, scans, folder
        self.edge = options.patch
        # The work of a pair grows with the square of the width.
        self.pairs = max(1, min(options.pairs * 8 // width, scans.count // 2))
        self.layouts = branches.LAYOUTS if width == min(options.width) else branches.PLAIN

    def patches(self, pair, edge):
        return [patch_of(*self.scans(2 * pair + n), edge) for n in (0, 1)]

    def case(self, pair, state=None):
        return Case(self.options.program, self.folder, self.width, pair, state)

    def label(self, pair):
        return "width %d, %d^3, pair %d" % (self.width, self.edge, pair)

    def reference(self):
        case = self.case(pair_of(*self.patches(0, 16)))
        judge("width %d, 16^3: worst gradient, Reference in Double to PyTorch f64" % self.width,
              worst(case.ours("step", "--device", "double"), case.theirs(torch.float64), "grad."), 1e-9)

    def branches(self):
        spread = branches.Spread()
        for pair in range(self.pairs):
            case = self.case(pair_of(*self.patches(pair, self.edge)))
            exact, ours, found = branches.sides(case, self.layouts)
            judge("%s: probabilities, largest difference" % self.label(pair),
                  float((ours["p.i"] - exact["p.i"]).abs().max()), 3e-5)
            branches.hold(found, self.label(pair))
            spread.add(found)
        spread.tell("width %d, %d pairs" % (self.width, self.pairs))

    def consistency(self):
        patches = self.patches(0, self.edge)
        self.regularised(pair_of(*patches), "width %d, tau 64^3" % self.width, 64.0 ** 3)
        self.regularised(pair_of(patches[0], blurred(patches[0])), "width %d, same image" % self.width, 350.0)

    def regularised(self, pair, label, tau):
        exact, ours, found = branches.sides(self.case(pair), alpha=100.0, tau=tau)
        judge("%s: loss.reg (%.3g)" % (label, float(exact["loss.reg"])),
              apart(ours["loss.reg"], exact["loss.reg"]), 1e-4)
        branches.hold_whole(found, label + ", alpha 100", 1e-4)

    def curves(self):
        distances = curves.Distances()
        for pair in range(self.pairs):
            case = self.case(pair_of(*self.patches(pair, self.edge)))
            if pair == 0:
                curves.hold_step(case, self.label(pair))
                after = self.case(case.pair, curves.after(case))
                branches.hold(branches.sides(after)[2], self.label(pair) + ", after ten steps")
                case = self.case(case.pair)
            distances.add(case, self.label(pair))
        distances.judge("width %d" % self.width)

    def windows(self):
        x, edge = self.scans(0)[0], self.edge
        middle = tuple(slice(n // 2 - min(n, e) // 2, n // 2 + (min(n, e) + 1) // 2)
                       for n, e in zip(x.shape, (edge + 9, edge - 3, 2 * edge)))
        windows.hold_window(self.case(pair_of(*self.patches(0, edge))), x[middle], edge, edge // 2)

    def scan(self):
        # A whole scan has hundreds of windows: one width is enough.
        if self.width != min(self.options.width):
            return
        model = os.path.join(self.folder, "model.safetensors")
        torch.manual_seed(self.width)
        save_file(UNet(self.width).state_dict(), model)
        path = windows.smallest_scan(self.options.data, self.folder)
        windows.hold_scan(self.options.program, model, path, self.folder, self.edge, self.edge // 2)


class Scans:
    """Labeled scans by number, as (intensities, mask)."""

    def __init__(self, data, edge, pairs):
        self.data, self.edge = data, edge
        self.count = scans_in(data) if data else 2 * pairs

    def __call__(self, number):
        return scan(self.data, number) if self.data else made_up(number, 2 * self.edge)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--data")
    a.add_argument("--width", type=int, nargs="+", default=[8, 24])
    a.add_argument("--patch", type=int, default=32)
    a.add_argument("--pairs", type=int, default=8, help="pairs at width 8; fewer where the network is wider")
    a.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts alone")
    a.add_argument("--threads", type=int, default=2)
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    os.environ.setdefault("OMP_NUM_THREADS", str(o.threads))
    scans = Scans(o.data, o.patch, o.pairs)
    for width in o.width:
        with tempfile.TemporaryDirectory() as folder:
            parity = Parity(o, width, scans, folder)
            for part in o.only:
                getattr(parity, part)()
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
