"""Which branches a computation took: the elements that its ReLUs let through, those that its pools took.

Two computations that round differently take different branches where a value is within rounding of the
edge, and then have different gradients without either being wrong. So branches are noted, compared, and
forced on another computation.
"""
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

# In the order of computation, as parameters are named; a pool follows a level's second convolution.
RECTIFIED = (["encoder.%d.conv%d" % (level, conv) for level in range(3) for conv in (1, 2)]
             + ["bottleneck.conv"] + ["decoder.%d.conv" % level for level in (2, 1, 0)])
POOLED = {"encoder.%d.conv2" % level: "encoder.%d.pool" % level for level in range(3)}


class Noted(TorchFunctionMode):
    """Notes the branches of a forward pass while this is entered: masks of ReLUs, indices of pools."""

    def __init__(self):
        super().__init__()
        self.passed, self.taken = [], []

    def __torch_function__(self, function, types, arguments=(), options=None):
        y = function(*arguments, **(options or {}))
        if function is F.relu:
            self.passed.append(y.detach() > 0)
        elif function is F.max_pool3d:
            self.taken.append(F.max_pool3d(arguments[0].detach(), 2, return_indices=True)[1])
        return y


class Forced(TorchFunctionMode):
    """Forces noted branches, in the order of noting, on a forward pass and so on its gradients."""

    def __init__(self, noted):
        super().__init__()
        self.passed, self.taken = iter(noted.passed), iter(noted.taken)

    def __torch_function__(self, function, types, arguments=(), options=None):
        if function is F.relu:
            return arguments[0] * next(self.passed).to(arguments[0].dtype)
        if function is F.max_pool3d:
            taken = next(self.taken)
            return arguments[0].flatten(2).gather(2, taken.flatten(2)).view(taken.shape)
        return function(*arguments, **(options or {}))


def noted_by_us(entries, net):
    """The branches behind what `popcorn parity step --activations` wrote of a pair of cubes."""
    noted = Noted()
    for patch in "ij":
        for number, name in enumerate(RECTIFIED):
            channels = net.get_parameter(name + ".bias").numel()
            flat = entries["conv.%s.%d" % (patch, number)]
            side = round((flat.numel() / channels) ** (1 / 3))
            y = flat.view(1, channels, side, side, side)
            noted.passed.append(y > 0)
            if name in POOLED:
                noted.taken.append(F.max_pool3d(y, 2, return_indices=True)[1])
    return noted


def flips(a, b):
    """By layer, over both patches: how many choices differ, and of how many."""
    counts = {}
    layers = [RECTIFIED, list(POOLED.values())]
    for names, ours, theirs in zip(layers, (a.passed, a.taken), (b.passed, b.taken)):
        for number, (x, y) in enumerate(zip(ours, theirs, strict=True)):
            name = names[number % len(names)]
            differ, of = counts.get(name, (0, 0))
            counts[name] = differ + int((x != y).sum()), of + x.numel()
    return counts
