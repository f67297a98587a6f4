"""The same network, step and forward in PyTorch, in each of its modes."""
import os
import sys
import time

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "parity"))
from popcorn_torch import UNet, losses  # noqa: E402

MODES = ["f32", "f32, channels last", "bf16, channels last", "compiled, channels last"]


class Theirs:
    def __init__(self, width, patch, mode):
        torch.manual_seed(1)
        layout = torch.channels_last_3d if "channels last" in mode else torch.contiguous_format
        self.bf16 = mode.startswith("bf16")
        self.net = UNet(width).to(memory_format=layout)
        self.adam = torch.optim.Adam(self.net.parameters(), 1e-4, eps=1e-7, fused=True)
        self.call = torch.compile(self.net) if mode.startswith("compiled") else self.net
        x = torch.randn(2, 1, patch, patch, patch)
        y = (torch.rand(2, 1, patch, patch, patch) < 0.05).float()
        self.pair = {"x.i": x[0], "x.j": x[1], "y.i": y[0], "y.j": y[1]}
        self.x = x[:1].to(memory_format=layout)

    def net_in_its_precision(self, x):
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            p, h = self.call(x)
        return p.float(), h.float()

    def step(self):
        self.adam.zero_grad(set_to_none=True)
        losses(self.net_in_its_precision, self.pair, 0.2, 350.0, 0.0)[3].backward()
        self.adam.step()

    @torch.no_grad()
    def forward(self):
        self.net_in_its_precision(self.x)

    def gradient(self):
        """Of equation (5), all parameters as one vector; and the lesion probabilities."""
        self.adam.zero_grad(set_to_none=True)
        outcome = losses(self.net_in_its_precision, self.pair, 0.2, 350.0, 0.0)
        outcome[3].backward()
        return torch.cat([p.grad.flatten().double() for p in self.net.parameters()]), outcome[4][0].detach()

    def change(self, judge):
        """Against the same weights in the judge's mode: largest change of a probability, relative change of the gradient."""
        self.net.load_state_dict(judge.net.state_dict())
        self.pair = judge.pair
        (ours, p), (theirs, q) = self.gradient(), judge.gradient()
        return {"probability": float((p - q).abs().max()), "gradient": float((ours - theirs).norm() / theirs.norm())}

    def seconds(self, subject):
        start = time.perf_counter()
        getattr(self, subject)()
        return time.perf_counter() - start


def prepare(threads):
    """Threads, and denormals flushed as ours are: PyTorch is slower by a multiple where a network saturates."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
