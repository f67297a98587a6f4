"""A network and a pair in files, computed by us and by PyTorch, and how far apart two answers are."""
import os
import subprocess
from contextlib import nullcontext

import torch
from safetensors.torch import load_file, save_file

from popcorn_torch import UNet, losses


class Case:
    """`state` holds the parameters; without it they are drawn anew, the same for a width."""

    def __init__(self, program, folder, width, pair, state=None):
        self.program, self.folder, self.width, self.pair = program, folder, width, pair
        self.model, self.pair_file = os.path.join(folder, "model"), os.path.join(folder, "pair")
        if state is None:
            torch.manual_seed(width)
            state = {k: v.clone() for k, v in UNet(width).state_dict().items()}
        self.state = state
        save_file(self.state, self.model)
        save_file(pair, self.pair_file)

    def net(self, dtype, layout=torch.contiguous_format):
        net = UNet(self.width)
        net.load_state_dict(self.state)
        return net.eval().to(dtype).to(memory_format=layout)

    def converted(self, dtype):
        return {k: v.to(dtype) for k, v in self.pair.items()}

    def ours(self, verb, *options):
        out = os.path.join(self.folder, "out")
        subprocess.run(
            [self.program, "parity", verb, self.model, self.pair_file, out, *map(str, options)], check=True)
        return load_file(out)

    def theirs(self, dtype, alpha=0.2, tau=350.0, layout=torch.contiguous_format, branch=None):
        """Losses, gradients, probabilities, latents. `branch` notes or forces the forward pass's branches."""
        net = self.net(dtype, layout)
        with branch or nullcontext():
            si, sj, reg, total, (pi, pj, hi, hj) = losses(net, self.converted(dtype), alpha, tau, 0.0)
        total.backward()
        out = {"grad." + k: v.grad for k, v in net.named_parameters()}
        out.update({"loss.seg.i": si, "loss.seg.j": sj, "loss.reg": reg, "loss.total": total})
        out.update({"p.i": pi, "p.j": pj, "h.i": hi, "h.j": hj})
        return {k: v.detach().double() for k, v in out.items()}

    def curve(self, dtype, steps, layout=torch.contiguous_format):
        """The loss before each step of Adam, at the rate and terms of `popcorn parity adam`."""
        net, pair = self.net(dtype, layout), self.converted(dtype)
        adam, curve = torch.optim.Adam(net.parameters(), 1e-4, eps=1e-7), []
        for _ in range(steps):
            adam.zero_grad()
            total = losses(net, pair, 0.2, 350.0, 0.0)[3]
            total.backward()
            adam.step()
            curve.append(total.item())
        return torch.tensor(curve, dtype=torch.float64)

    def stepped(self, gradients):
        """The parameters after one step of Adam in double precision, on these gradients."""
        parameters = {k: v.double().requires_grad_() for k, v in self.state.items()}
        for name, parameter in parameters.items():
            parameter.grad = gradients["grad." + name].double()
        torch.optim.Adam(parameters.values(), 1e-4, eps=1e-7).step()
        return {k: v.detach() for k, v in parameters.items()}


def apart(a, b):
    """Relative L2."""
    return float((a.double().ravel() - b.double().ravel()).norm() / b.double().norm())


def largest(a, b):
    """Largest relative difference."""
    return float(((a - b) / b).abs().max())


def worst(ours, theirs, only=""):
    return max(apart(ours[k], v) for k, v in theirs.items() if k.startswith(only) and v.norm() > 0)


def together(ours, theirs):
    """Of all gradients as one vector."""
    names = [k for k in theirs if k.startswith("grad.")]
    return apart(*(torch.cat([side[k].double().ravel() for k in names]) for side in (ours, theirs)))
