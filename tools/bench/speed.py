#!/usr/bin/env python3
"""Training step of a pair and forward of a patch: `popcorn bench` against PyTorch's best modes, taking turns.

  speed.py POPCORN [--case WIDTH,PATCH ...] [--repetitions 5] [--threads 2] [--json FILE]

All of PyTorch's modes are tried first, each for itself. The fastest in single precision, as ours is, takes turns with
ours; so does the fastest in bfloat16, with what that costs: the largest change of a probability and the relative change of
the gradient. Needs torch.
"""
import argparse
import json

from theirs import MODES, Theirs, prepare
from turns import Paced, take_turns

SUBJECTS = {"step": "train", "forward": "forward"}


def try_modes(width, patch, subject, tries):
    """Seconds of each mode at best; none of one that cannot run here."""
    found = {}
    for mode in MODES:
        try:
            theirs = Theirs(width, patch, mode)
            theirs.seconds(subject)
            found[mode] = min(theirs.seconds(subject) for _ in range(tries))
        except Exception as error:  # torch.compile wants a compiler that knows its flags
            found[mode] = None
            print("  %s: %s" % (mode, str(error).splitlines()[0][:100]), flush=True)
    return found


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("--case", nargs="+", default=["8,64", "8,32", "24,64"])
    a.add_argument("--subject", nargs="+", default=["forward", "step"])
    a.add_argument("--repetitions", type=int, default=5)
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--json")
    o = a.parse_args()
    prepare(o.threads)
    results = []
    for case in o.case:
        width, patch = map(int, case.split(","))
        for subject in o.subject:
            modes = try_modes(width, patch, subject, 2)
            for precision in ("single", "bfloat16"):
                able = [m for m in modes if modes[m] and m.startswith("bf16") == (precision == "bfloat16")]
                if not able:
                    continue
                best = min(able, key=modes.get)
                theirs = Theirs(width, patch, best)
                ours = Paced(o.program, SUBJECTS[subject], "--width", width, "--patch", patch, threads=o.threads)
                result = take_turns(lambda: theirs.seconds(subject), ours.seconds, o.repetitions)
                result.update(width=width, patch=patch, subject=subject, modes=modes, best=best, precision=precision,
                              peak_mib=ours.peak_mib())
                ours.close()
                if precision == "bfloat16":
                    result["change"] = theirs.change(Theirs(width, patch, "f32"))
                results.append(result)
                print("width %2d, %d^3, %-7s  PyTorch (%s) %8.0f ms   popcorn %8.0f ms   ratio %.2f (%.2f...%.2f)" % (
                    width, patch, subject, best, 1e3 * result["theirs"]["median"], 1e3 * result["ours"]["median"],
                    result["ratio"]["median"], result["ratio"]["low"], result["ratio"]["high"]), flush=True)
    if o.json:
        with open(o.json, "w") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
