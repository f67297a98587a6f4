"""Ten steps of Adam on several pairs: how far loss curves in single precision come from that in f64.

Adam's first steps have the length of the rate in every parameter whatever the gradient's size, so that a
gradient which is rounding alone steps as far as any other, and a flipped branch is carried on. One curve's
distance is one draw; what two equally good computations share is the distribution. Judged are therefore our
median against PyTorch f32's, and what can be held closely: one step, and the gradient after ten.
"""
import statistics

import torch

from branches import ALLOWED, LAYOUTS
from report import judge, note, tell
from sides import largest

STEPS, OLD_LIMIT = 10, 3e-5
# Of single precision above 1, where the scales of the norms begin.
SPACING = 2.0 ** -23


class Distances:
    """The largest relative difference of a curve to f64's, by pair, ours and PyTorch's."""

    def __init__(self):
        self.ours, self.theirs = [], {name: [] for name in LAYOUTS}

    def add(self, case, label):
        exact = case.curve(torch.float64, STEPS)
        self.ours.append(largest(case.ours("adam", "--steps", STEPS)["loss"], exact))
        for name, layout in LAYOUTS.items():
            self.theirs[name].append(largest(case.curve(torch.float32, STEPS, layout), exact))
        own = ", ".join("%s %.1e" % (name, values[-1]) for name, values in self.theirs.items())
        tell("%s: ten Adam steps, loss curve to PyTorch f64" % label, self.ours[-1], OLD_LIMIT)
        note(own)

    def judge(self, label):
        theirs = [value for values in self.theirs.values() for value in values]
        for name, middle in (("median", statistics.median), ("largest", max)):
            mine, own = middle(self.ours), middle(theirs)
            line = "%s, %d pairs: ten Adam steps, %s distance by f32's (%.1e by %.1e)" % (
                label, len(self.ours), name, mine, own)
            if name == "median":
                judge(line, mine / own, ALLOWED)
            else:
                tell(line, mine / own)


def hold_step(case, label):
    """The parameters after one step against Adam in double precision on our own gradients."""
    exact = case.stepped(case.ours("step"))
    ours = case.ours("adam", "--steps", 1)
    judge("%s: one Adam step, largest difference of a parameter" % label,
          max(float((ours[k].double() - v).abs().max()) for k, v in exact.items()), SPACING)


def after(case):
    """The parameters after our ten steps."""
    return {k: v for k, v in case.ours("adam", "--steps", STEPS).items() if k != "loss"}
