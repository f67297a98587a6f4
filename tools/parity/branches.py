"""Gradients where both sides take the same branches, and how many branches they take apart.

An f32 network takes a few ReLUs and pools of millions otherwise than f64 does: where a value is within
rounding of zero, or of its neighbour. Each such flip moves the gradient by a finite amount however small
the rounding was, so that a distance to f64 taken with flips says which values lay near an edge, not how
well anything was computed. Judged is therefore the distance to the f64 gradient of the very branches that
were taken; the distance with flips is told beside the limit that was agreed for it.
"""
import statistics
from typing import NamedTuple

import torch

from choices import Forced, Noted, flips, noted_by_us
from report import judge, note, tell
from sides import together, worst

# With flips, by PyTorch f32's own distance: what was agreed before flips were told apart.
ALLOWED = 3
# On the same branches. PyTorch f32 comes to 2.4e-5 in its worst tensor and to 1.5e-6 as a whole.
SAME_WORST, SAME_WHOLE = 1e-4, 1e-5
PLAIN = {"PyTorch f32": torch.contiguous_format}
LAYOUTS = PLAIN | {"PyTorch f32 channels last": torch.channels_last_3d}


def by_layer(counts):
    return ", ".join("%s %d of %d" % (name, n, of) for name, (n, of) in counts.items() if n) or "none"


def total(counts):
    return sum(n for n, _ in counts.values())


class Side(NamedTuple):
    """A single-precision gradient: by layer, its branches that are not f64's; its distances to f64's
    gradient, the worst tensor's and the whole's, as they are and with the same branches."""
    flips: dict
    worst: float
    whole: float
    same_worst: float
    same_whole: float


def side(case, terms, exact, exact_branches, answer, noted):
    same = case.theirs(torch.float64, branch=Forced(noted), **terms)
    return Side(flips(noted, exact_branches), worst(answer, exact, "grad."), together(answer, exact),
                worst(answer, same, "grad."), together(answer, same))


def sides(case, layouts=PLAIN, alpha=0.2, tau=350.0):
    """Of a pair: its f64 answer, ours, and by name how our gradient and PyTorch f32's stand to f64's."""
    terms = {"alpha": alpha, "tau": tau}
    noted = Noted()
    exact = case.theirs(torch.float64, branch=noted, **terms)
    ours = case.ours("step", "--activations", "--alpha", alpha, "--tau", tau)
    our_branches = noted_by_us(ours, case.net(torch.float32))
    found = {"ours": side(case, terms, exact, noted, ours, our_branches)}
    for name, layout in layouts.items():
        single = Noted()
        answer = case.theirs(torch.float32, layout=layout, branch=single, **terms)
        found[name] = side(case, terms, exact, noted, answer, single)
    return exact, ours, found


def hold(found, label):
    """Judges our gradient on the same branches; tells it with flips beside the limit agreed for that."""
    ours, single = found["ours"], found["PyTorch f32"]
    judge("%s: worst gradient, on the same branches (f32's own %.1e)" % (label, single.same_worst),
          ours.same_worst, SAME_WORST)
    judge("%s: all gradients, on the same branches (f32's own %.1e)" % (label, single.same_whole),
          ours.same_whole, SAME_WHOLE)
    tell("%s: worst gradient, with %d flips (f32's own %.1e)" % (
        label, total(ours.flips), single.worst), ours.worst, ALLOWED * single.worst)
    note_sides(found)


def hold_whole(found, label, limit):
    """The same of all gradients as one vector, at the limit agreed for it."""
    ours, single = found["ours"], found["PyTorch f32"]
    judge("%s: all gradients, on the same branches (f32's own %.1e)" % (label, single.same_whole),
          ours.same_whole, limit)
    tell("%s: all gradients, with %d flips (f32's own %.1e)" % (
        label, total(ours.flips), single.whole), ours.whole, limit)
    note_sides(found)


def note_sides(found):
    for name, side in found.items():
        note("%s: flips %s" % (name, by_layer(side.flips)))
        note("%s: worst tensor %.1e, same branches %.1e; whole %.1e, same branches %.1e" % (
            name, side.worst, side.same_worst, side.whole, side.same_whole))


class Spread:
    """Over pairs: flips, and gradient distances with flips, ours and PyTorch's."""

    def __init__(self):
        self.found = []

    def add(self, found):
        self.found.append(found)

    def tell(self, label):
        for name in self.found[0]:
            of = [found[name] for found in self.found]
            free, same = [s.worst for s in of], [s.same_worst for s in of]
            note("%s, %s: %d flips; worst gradient, median %.1e, largest %.1e; same branches %.1e, %.1e" % (
                label, name, sum(total(s.flips) for s in of), statistics.median(free), max(free),
                statistics.median(same), max(same)))
