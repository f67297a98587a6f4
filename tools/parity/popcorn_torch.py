"""The network and losses of arXiv 2109.06361 in PyTorch, as plainly as they can be said: what ours is compared with."""
import torch
import torch.nn.functional as F
from torch import nn


def conv(inputs, outputs):
    return nn.Conv3d(inputs, outputs, 3, padding=1)


def norm(channels):
    return nn.GroupNorm(8, channels, eps=1e-6)


class Level(nn.Module):
    def __init__(self, inputs, middle, outputs, first):
        super().__init__()
        self.norm1 = nn.Identity() if first else norm(inputs)
        self.conv1 = conv(inputs, middle)
        self.norm2 = norm(middle)
        self.conv2 = conv(middle, outputs)

    def forward(self, x):
        x = F.relu(self.conv1(self.norm1(x)))
        return F.relu(self.conv2(self.norm2(x)))


class Single(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.norm = norm(inputs)
        self.conv = conv(inputs, outputs)

    def forward(self, x):
        return F.relu(self.conv(self.norm(x)))


class UNet(nn.Module):
    """Figure 1: three levels down, a bottleneck, three up. Gives probabilities (N, 2, D, H, W) and latents (N, 16 width)."""

    def __init__(self, width=24, channels=1, classes=2):
        super().__init__()
        w = width
        self.encoder = nn.ModuleList(
            [Level(channels, w, 2 * w, True), Level(2 * w, 2 * w, 4 * w, False), Level(4 * w, 4 * w, 8 * w, False)])
        self.bottleneck = Single(8 * w, 16 * w)
        self.decoder = nn.ModuleList([Single(6 * w, 4 * w), Single(12 * w, 4 * w), Single(24 * w, 8 * w)])
        self.output = conv(4 * w, classes)

    def forward(self, x):
        skips = []
        for level in self.encoder:
            skips.append(level(x))
            x = F.max_pool3d(skips[-1], 2)
        bottleneck = self.bottleneck(x)
        x = bottleneck
        for level, skip in zip(reversed(self.decoder), reversed(skips)):
            x = F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=False)
            x = level(torch.cat([x, skip], 1))
        return self.output(x).softmax(1), bottleneck.mean((2, 3, 4))


def dice_loss(p, y, top=0.0):
    """Equation (1). p (2, D, H, W), y (1, D, H, W)."""
    q = torch.cat([1 - y, y])
    shared, total = (p * q).flatten(1).sum(1), (p + q).flatten(1).sum(1)
    return 1 - ((2 * shared + top) / (total + 1)).mean()


def similarity(yi, yj, tau):
    """Equation (3), the squared difference scaled by tau."""
    return torch.exp(-((yi - yj) ** 2).sum() / tau)


def distance(hi, hj):
    """Equation (4)."""
    return 2 * ((hi - hj) ** 2).sum() / ((hi ** 2).sum() + (hj ** 2).sum() + 1e-8)


def losses(net, pair, alpha, tau, top):
    """Equation (5) on a pair: both Dice terms, the consistency term, their sum, and what they were computed from."""
    (pi, hi), (pj, hj) = net(pair["x.i"][None]), net(pair["x.j"][None])
    si, sj = dice_loss(pi[0], pair["y.i"], top), dice_loss(pj[0], pair["y.j"], top)
    reg = distance(hi[0], hj[0]) * similarity(pair["y.i"], pair["y.j"], tau)
    return si, sj, reg, si + sj + alpha * reg, (pi[0], pj[0], hi[0], hj[0])
