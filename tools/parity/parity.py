#!/usr/bin/env python3
"""Holds the engine to PyTorch: prints what was measured beside its limit, and fails where a limit is passed.

  parity.py POPCORN [--data DIR] [--width 8 24] [--patch 32]

POPCORN is the `popcorn` program. DIR holds labeled/NAME_FLAIR.nii.gz and labeled/NAME_mask.nii.gz; without it patches are
made up. Needs torch, numpy, safetensors, and nibabel where DIR is given. Single operations are held in `make test`.
"""
import argparse
import glob
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from safetensors.torch import load_file, save_file

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from popcorn_torch import UNet, losses  # noqa: E402

failed = False


def judge(what, value, limit):
    global failed
    good = bool(value <= limit)
    failed |= not good
    print("%-4s %-72s %9.2e  limit %.1e" % ("ok" if good else "FAIL", what, value, limit), flush=True)


def scan(data, number):
    """The intensities and mask of a labeled scan, (D, H, W), the highest peak of the intensities near 1."""
    import nibabel
    image = sorted(glob.glob(os.path.join(data, "labeled", "*_FLAIR.nii.gz")))[number]
    x = nibabel.load(image).get_fdata(dtype=np.float32).T
    y = (nibabel.load(image.replace("_FLAIR.nii.gz", "_mask.nii.gz")).get_fdata(dtype=np.float32).T > 0.5)
    return x / np.median(x[x > 0]), y.astype(np.float32)


def made_up(number, edge):
    """Smooth noise with bright boxes."""
    random = np.random.default_rng(number)
    x = random.normal(1, 0.15, (edge,) * 3).astype(np.float32)
    y = np.zeros_like(x)
    y[edge // 4:edge // 2, edge // 3:edge // 2, edge // 4:3 * edge // 4] = 1
    return x + 0.8 * y, y


def patch_of(x, y, edge):
    """The box with most lesion, by steps of half an edge, padded with zeros."""
    pad = [(0, max(edge - n, 0)) for n in x.shape]
    x, y = np.pad(x, pad), np.pad(y, pad)
    corners = [(a, b, c) for a in range(0, x.shape[0] - edge + 1, max(edge // 2, 1))
               for b in range(0, x.shape[1] - edge + 1, max(edge // 2, 1))
               for c in range(0, x.shape[2] - edge + 1, max(edge // 2, 1))]
    a, b, c = max(corners, key=lambda k: y[k[0]:k[0] + edge, k[1]:k[1] + edge, k[2]:k[2] + edge].sum())
    box = np.s_[a:a + edge, b:b + edge, c:c + edge]
    return x[box], y[box]


def pair_of(i, j):
    tensors = {"x.i": i[0], "y.i": i[1], "x.j": j[0], "y.j": j[1]}
    return {k: torch.from_numpy(np.ascontiguousarray(v))[None] for k, v in tensors.items()}


def blurred(patch):
    """The same patch at another image quality: the mean of three slices."""
    x, y = patch
    padded = np.pad(x, [(1, 1), (0, 0), (0, 0)], mode="edge")
    return ((padded[:-2] + padded[1:-1] + padded[2:]) / 3).astype(np.float32), y


class Case:
    """A network and a pair in files, computed by both sides."""

    def __init__(self, program, folder, width, pair):
        self.program, self.folder, self.width, self.pair = program, folder, width, pair
        self.model, self.pair_file = os.path.join(folder, "model"), os.path.join(folder, "pair")
        torch.manual_seed(width)
        self.state = {k: v.clone() for k, v in UNet(width).state_dict().items()}
        save_file(self.state, self.model)
        save_file(pair, self.pair_file)

    def net(self, dtype):
        net = UNet(self.width)
        net.load_state_dict(self.state)
        return net.eval().to(dtype)

    def ours(self, verb, *options):
        out = os.path.join(self.folder, "out")
        subprocess.run(
            [self.program, "parity", verb, self.model, self.pair_file, out, *map(str, options)], check=True)
        return load_file(out)

    def theirs(self, dtype, alpha=0.2, tau=350.0, top=0.0):
        net = self.net(dtype)
        pair = {k: v.to(dtype) for k, v in self.pair.items()}
        si, sj, reg, total, (pi, pj, hi, hj) = losses(net, pair, alpha, tau, top)
        total.backward()
        out = {"grad." + k: v.grad for k, v in net.named_parameters()}
        out.update({"loss.seg.i": si, "loss.seg.j": sj, "loss.reg": reg, "loss.total": total})
        out.update({"p.i": pi, "p.j": pj, "h.i": hi, "h.j": hj})
        return {k: v.detach().double() for k, v in out.items()}

    def curve(self, dtype, steps):
        net = self.net(dtype)
        pair = {k: v.to(dtype) for k, v in self.pair.items()}
        adam, curve = torch.optim.Adam(net.parameters(), 1e-4, eps=1e-7), []
        for _ in range(steps):
            adam.zero_grad()
            total = losses(net, pair, 0.2, 350.0, 0.0)[3]
            total.backward()
            adam.step()
            curve.append(total.item())
        return torch.tensor(curve, dtype=torch.float64)


def apart(a, b):
    """Relative L2."""
    return float((a.double().ravel() - b.double().ravel()).norm() / b.double().norm())


def largest(a, b):
    """Largest relative difference."""
    return float(((a - b) / b).abs().max())


def worst(ours, theirs, only=""):
    return max(apart(ours[k], v) for k, v in theirs.items() if k.startswith(only) and v.norm() > 0)


def held(case, edge, label):
    exact, single, ours = case.theirs(torch.float64), case.theirs(torch.float32), case.ours("step")
    own = worst(single, exact, "grad.")
    judge("%s, %d^3: worst gradient, CPU to PyTorch f64 (f32's own %.1e)" % (label, edge, own),
          worst(ours, exact, "grad."), 3 * own)
    judge("%s, %d^3: probabilities, largest difference" % (label, edge),
          float((ours["p.i"] - exact["p.i"]).abs().max()), 3e-5)
    curve, exact_curve, single_curve = case.ours("adam")["loss"], case.curve(torch.float64, 10), case.curve(
        torch.float32, 10)
    judge("%s, %d^3: ten Adam steps, loss curve to PyTorch f64 (f32's own %.1e)" % (
        label, edge, largest(single_curve, exact_curve)), largest(curve, exact_curve), 3e-5)


def regularised(case, edge, label, tau):
    exact = case.theirs(torch.float64, alpha=100.0, tau=tau)
    ours = case.ours("step", "--alpha", 100, "--tau", tau)
    judge("%s, %d^3: loss.reg at tau %g (%.3g)" % (label, edge, tau, float(exact["loss.reg"])),
          apart(ours["loss.reg"], exact["loss.reg"]), 1e-4)
    single = case.theirs(torch.float32, alpha=100.0, tau=tau)
    judge("%s, %d^3: all gradients together at alpha 100, tau %g (f32's own %.1e)" % (
        label, edge, tau, together(single, exact)), together(ours, exact), 1e-4)


def together(ours, theirs):
    names = [k for k in theirs if k.startswith("grad.")]
    return apart(torch.cat([ours[k].double().ravel() for k in names]), torch.cat([theirs[k].ravel() for k in names]))


def windowed(case, x, edge, stride):
    volume, out = os.path.join(case.folder, "volume"), os.path.join(case.folder, "probability")
    save_file({"volume": torch.from_numpy(np.ascontiguousarray(x))}, volume)
    subprocess.run([case.program, "parity", "window", case.model, volume, out, "--patch", str(edge),
                    "--stride", str(stride)], check=True)
    net = case.net(torch.float32)
    padded = np.pad(x, [(0, max(edge - n, 0)) for n in x.shape])
    total, count = np.zeros_like(padded), np.zeros_like(padded)
    starts = [list(range(0, n - edge + 1, stride)) for n in padded.shape]
    for axis, n in zip(starts, padded.shape):
        if axis[-1] + edge < n:
            axis.append(n - edge)
    with torch.no_grad():
        for a in starts[0]:
            for b in starts[1]:
                for c in starts[2]:
                    box = np.s_[a:a + edge, b:b + edge, c:c + edge]
                    total[box] += net(torch.from_numpy(padded[box].copy())[None, None])[0][0, 1].numpy()
                    count[box] += 1
    theirs = (total / count)[tuple(slice(0, n) for n in x.shape)]
    judge("width %d: window of %s voxels, largest difference of probabilities" % (case.width, "x".join(map(str, x.shape))),
          float(np.abs(load_file(out)["probability"].numpy() - theirs).max()), 3e-5)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--data")
    a.add_argument("--width", type=int, nargs="+", default=[8, 24])
    a.add_argument("--patch", type=int, default=32)
    a.add_argument("--threads", type=int, default=2)
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    os.environ.setdefault("OMP_NUM_THREADS", str(o.threads))
    scans = [scan(o.data, n) for n in (0, 1)] if o.data else [made_up(n, 2 * o.patch) for n in (0, 1)]
    small, large = ([patch_of(*s, edge) for s in scans] for edge in (16, o.patch))
    for width in o.width:
        label = "width %d" % width
        with tempfile.TemporaryDirectory() as folder:
            case = Case(o.program, folder, width, pair_of(*small))
            judge("%s, 16^3: worst gradient, Reference in Double to PyTorch f64" % label,
                  worst(case.ours("step", "--device", "double"), case.theirs(torch.float64), "grad."), 1e-9)
            case = Case(o.program, folder, width, pair_of(*large))
            held(case, o.patch, label)
            regularised(case, o.patch, label, 64.0 ** 3)
            x, _ = scans[0]
            middle = tuple(slice(n // 2 - min(n, e) // 2, n // 2 + (min(n, e) + 1) // 2)
                           for n, e in zip(x.shape, (o.patch + 9, o.patch - 3, 2 * o.patch)))
            windowed(case, x[middle], o.patch, o.patch // 2)
            case = Case(o.program, folder, width, pair_of(large[0], blurred(large[0])))
            regularised(case, o.patch, label + ", same image", 350.0)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
