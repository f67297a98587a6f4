#!/usr/bin/env python3
"""How good the pseudo-labels of a phantom study were, against the truth that training never saw, step by step.

  pseudo_labels.py STUDY

STUDY is the folder in which `tools/study/run` works (build/study). Needs numpy and nibabel.
"""
import glob
import json
import os
import sys

import nibabel
import numpy as np

STEP = 10  # scans a step, `--select` of tools/study/run


def mask(path):
    return np.asarray(nibabel.load(path).dataobj) > 0


def figures(drawn, truth):
    """Dice, precision, sensitivity, and the volume as a share of the true one."""
    both = (drawn & truth).sum()
    return (2 * both / max(1, drawn.sum() + truth.sum()), both / max(1, drawn.sum()), both / max(1, truth.sum()),
            drawn.sum() / max(1, truth.sum()))


def main(study):
    print("run\tstep\tDice\tprecision\tsensitivity\tvolume")
    for path in sorted(glob.glob(os.path.join(study, "*-popcorn-*.json"))):
        run = os.path.splitext(os.path.basename(path))[0]
        try:
            with open(path) as file:
                selected = json.load(file)["selected"]
        except ValueError:
            continue  # still running
        cohort = os.path.join(study, run.split("-")[0])
        rows = [figures(mask(os.path.join(study, run, "masks", name + ".nii.gz")),
                        mask(os.path.join(cohort, "truth", "unlabeled", name + "_mask.nii.gz"))) for name in selected]
        for first in range(0, len(rows), STEP):
            print(run, first // STEP + 1, *("%.3f" % value for value in np.mean(rows[first:first + STEP], 0)), sep="\t")


if __name__ == "__main__":
    main(sys.argv[1])
