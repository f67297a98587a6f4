#!/usr/bin/env python3
"""Makes network.json: what PyTorch gives for the U-Net of arXiv 2109.06361, width 8, on a 16^3 patch and pair.

  make_network_golden.py > network.json        (needs torch 2 and numpy; a minute)

Weights, inputs and the places of the recorded values come from one integer hash that GoldenValues.swift repeats, so that
nothing large is stored. Each recorded tensor has its L2 norm, its sum, and 64 sampled values, in float64, and the
relative L2 error over those samples of the same computation in float32.
"""
import json
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

WIDTH, EDGE, SAMPLES = 8, 16, 64


def bits(seed, count):
    """SplitMix64's finaliser of seed + (n + 1) golden ratio."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def values(seed, count, scale=1.0, offset=0.0):
    """float32 in offset +- scale."""
    unit = (bits(seed, count) >> np.uint64(40)).astype(np.float32) * np.float32(2.0 ** -23) - np.float32(1)
    return unit * np.float32(scale) + np.float32(offset)


def conv(i, o):
    return nn.Conv3d(i, o, 3, padding=1)


def norm(c):
    return nn.GroupNorm(8, c, eps=1e-6)


class Level(nn.Module):
    def __init__(self, i, m, o, first):
        super().__init__()
        self.norm1 = nn.Identity() if first else norm(i)
        self.conv1, self.norm2, self.conv2 = conv(i, m), norm(m), conv(m, o)

    def forward(self, x):
        return F.relu(self.conv2(self.norm2(F.relu(self.conv1(self.norm1(x))))))


class Single(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.norm, self.conv = norm(i), conv(i, o)

    def forward(self, x):
        return F.relu(self.conv(self.norm(x)))


class UNet(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.encoder = nn.ModuleList(
            [Level(1, w, 2 * w, True), Level(2 * w, 2 * w, 4 * w, False), Level(4 * w, 4 * w, 8 * w, False)])
        self.bottleneck = Single(8 * w, 16 * w)
        self.decoder = nn.ModuleList([Single(6 * w, 4 * w), Single(12 * w, 4 * w), Single(24 * w, 8 * w)])
        self.output = conv(4 * w, 2)

    def forward(self, x):
        skips = []
        for level in self.encoder:
            skips.append(level(x))
            x = F.max_pool3d(skips[-1], 2)
        b = x = self.bottleneck(x)
        for level, skip in zip(reversed(self.decoder), reversed(skips)):
            x = F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=False)
            x = level(torch.cat([x, skip], 1))
        return self.output(x).softmax(1)[0], b.mean((2, 3, 4))[0]


def network(dtype):
    net = UNet(WIDTH).eval()
    with torch.no_grad():
        for number, p in enumerate(net.parameters()):
            if p.dim() == 5:
                scale, offset = (6 / (p.shape[1] * 27)) ** 0.5, 0
            elif number % 2 == 0:
                scale, offset = 0.2, 1
            else:
                scale, offset = 0.1, 0
            p.copy_(torch.from_numpy(values(number, p.numel(), scale, offset).reshape(p.shape)))
    return net.to(dtype)


def patch(seed, dtype):
    return torch.from_numpy(values(seed, EDGE ** 3).reshape(1, 1, EDGE, EDGE, EDGE)).to(dtype)


def gradients(dtype):
    """Of the sum of probabilities and latent, weighted by hashed numbers."""
    net = network(dtype)
    p, h = net(patch(100, dtype))
    weigh = torch.from_numpy(values(101, p.numel()).reshape(p.shape)).to(dtype)
    lean = torch.from_numpy(values(102, h.numel())).to(dtype)
    ((p * weigh).sum() + (h * lean).sum()).backward()
    tensors = {"probabilities": p.detach(), "latent": h.detach()}
    tensors.update({name: q.grad for name, q in net.named_parameters()})
    return {name: t.double().numpy().ravel() for name, t in tensors.items()}


def sampled(count, number):
    return (bits(1000 + number, SAMPLES) % np.uint64(count)).astype(np.int64)


def dice_loss(p, y):
    q = torch.cat([1 - y, y])
    shared, total = (p * q).flatten(1).sum(1), (p + q).flatten(1).sum(1)
    return 1 - (2 * shared / (total + 1)).mean()


def curve(dtype, steps=10, alpha=0.2, tau=350.0):
    """Equation (5) on a pair before each of Adam's steps. The rate is small, so that rounding does not
    grow from step to step by more than it is worth. The lesions are boxes."""
    net = network(dtype)
    adam = torch.optim.Adam(net.parameters(), 1e-5, eps=1e-7)
    masks = torch.zeros(2, 1, EDGE, EDGE, EDGE, dtype=dtype)
    masks[0, 0, 4:9, 3:9, 5:12] = 1
    masks[1, 0, 4:8, 4:10, 5:11] = 1
    losses = []
    for _ in range(steps):
        adam.zero_grad()
        (pi, hi), (pj, hj) = net(patch(200, dtype)), net(patch(201, dtype))
        apart = 2 * ((hi - hj) ** 2).sum() / ((hi ** 2).sum() + (hj ** 2).sum() + 1e-8)
        alike = torch.exp(-((masks[0] - masks[1]) ** 2).sum() / tau)
        total = dice_loss(pi, masks[0]) + dice_loss(pj, masks[1]) + alpha * apart * alike
        total.backward()
        adam.step()
        losses.append(total.item())
    return losses


def main():
    torch.set_num_threads(2)
    exact, single = gradients(torch.float64), gradients(torch.float32)
    tensors = []
    for number, (name, t) in enumerate(exact.items()):
        places = sampled(t.size, number)
        off = np.linalg.norm(single[name][places] - t[places]) / np.linalg.norm(t[places])
        tensors.append({"name": name, "count": t.size, "norm": float(np.linalg.norm(t)), "sum": float(t.sum()),
                        "samples": [float(v) for v in t[places]], "singleError": float(off)})
    print(json.dumps({"width": WIDTH, "edge": EDGE, "torch": torch.__version__, "tensors": tensors,
                      "curve": curve(torch.float64), "singleCurve": curve(torch.float32)}, indent=1))


if __name__ == "__main__":
    main()
