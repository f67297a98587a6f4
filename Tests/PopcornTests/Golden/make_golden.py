#!/usr/bin/env python3
"""Makes ../GoldenValues.swift: equations 1-5 with their gradients by PyTorch's autograd in float64, and the image
quality operations by SciPy. Needs torch, numpy, scipy.  Run: make_golden.py > ../GoldenValues.swift"""
import numpy as np
import torch
from scipy.ndimage import gaussian_filter, uniform_filter1d

EDGE = 4


def swift(name, values, kind="Double"):
    flat = np.asarray(values, dtype=np.float64).ravel()
    rows = [", ".join(repr(float(v)) for v in flat[i:i + 5]) for i in range(0, len(flat), 5)]
    print(f"  static let {name}: [{kind}] = [")
    for row in rows:
        print(f"    {row},")
    print("  ]")


def dice_loss(p, y, top):
    q = torch.cat([1 - y, y], 0)
    inter, total = (p * q).sum(1), (p + q).sum(1)
    return 1 - ((2 * inter + top) / (total + 1)).mean()


rng = np.random.default_rng(2109)
n = EDGE ** 3
logits = [torch.tensor(rng.normal(size=(2, n)), dtype=torch.float64) for _ in range(2)]
p = [l.softmax(0).detach().requires_grad_() for l in logits]
y = [torch.tensor((rng.random((1, n)) < 0.3).astype(np.float64)) for _ in range(2)]
h = [torch.tensor(np.maximum(rng.normal(size=12), 0), dtype=torch.float64, requires_grad=True) for _ in range(2)]
alpha, tau, top = 0.2, 20.0, 0.0

seg = [dice_loss(p[k], y[k], top) for k in range(2)]
similarity = torch.exp(-((y[0] - y[1]) ** 2).sum() / tau)
distance = 2 * ((h[0] - h[1]) ** 2).sum() / ((h[0] ** 2).sum() + (h[1] ** 2).sum() + 1e-8)
reg = distance * similarity
total = seg[0] + seg[1] + alpha * reg
total.backward()

print("// Made by Golden/make_golden.py with PyTorch and SciPy; not to be edited.")
print("// swift-format-ignore-file")
print("enum Golden {")
print(f"  static let edge = {EDGE}")
for k, side in enumerate("ij"):
    swift(f"probabilities{side.upper()}", p[k].detach())
    swift(f"truth{side.upper()}", y[k])
    swift(f"latent{side.upper()}", h[k].detach())
    swift(f"probabilityGradient{side.upper()}", p[k].grad)
    swift(f"latentGradient{side.upper()}", h[k].grad)
swift("losses", [seg[0].item(), seg[1].item(), similarity.item(), reg.item(), total.item()])
swift("lifted", [dice_loss(p[0], y[0], 1.0).item()])

E2 = 8
x = rng.random((E2, E2, E2)).astype(np.float32).astype(np.float64)
print(f"  static let qualityEdge = {E2}")
swift("patch", x, "Float")
print("  // Every 7th voxel of each.")
for name, sigma in (("narrow", 0.5), ("wide", 1.75)):
    swift(f"{name}Blur", gaussian_filter(x, sigma).ravel()[::7])
swift("sharpened", (2 * x - gaussian_filter(x, 1.0)).ravel()[::7])
for s in (2, 3, 4):
    swift(f"slices{s}", uniform_filter1d(x, s, axis=0).ravel()[::7])
print("}")
