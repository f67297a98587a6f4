#!/usr/bin/env python3
"""Dice of a study's models by where probabilities are cut, and where different people's masks would cut them.

  thresholds.py POPCORN DATA STUDY OUT.tsv [RECIPE...]

A threshold is chosen after training, so no training is repeated: each finished run's model segments the labeled and the test
scans of DATA (folders labeled/ and test/ of NAME_FLAIR.nii.gz and NAME_mask.nii.gz), and each scan's Dice is written down for
every threshold. What OUT.tsv has is not computed again; of other recipes than RECIPE nothing is. Then prints, for each run
that is there, the mean test Dice at 0.5, at the threshold that is best for the held-out scans, at the one that is best for
all scans with an expert's mask (held out and learned from), and at the one that is best for the test scans themselves, which
nobody can know. Needs nibabel (`make parity` installs it into .venv).
"""
import collections
import glob
import json
import os
import subprocess
import sys
import tempfile

import nibabel
import numpy

THRESHOLDS = [round(0.05 * step, 2) for step in range(1, 20)]
HEAD = ["strategy", "recipe", "seed", "scan"] + ["%.2f" % threshold for threshold in THRESHOLDS]


def scans(data, role):
    for path in sorted(glob.glob(os.path.join(data, role, "*_FLAIR.nii.gz"))):
        yield os.path.basename(path)[: -len("_FLAIR.nii.gz")], path


def dice(probability, truth, threshold):
    marked = probability >= threshold
    volumes = marked.sum() + truth.sum()
    return 2 * (marked & truth).sum() / volumes if volumes else 1.0


def probability(popcorn, model, scan):
    with tempfile.TemporaryDirectory() as folder:
        out = [os.path.join(folder, name) for name in ("mask.nii.gz", "probability.nii.gz")]
        subprocess.run(
            [popcorn, "segment", "--model", model, scan, out[0], "--probability", out[1]], check=True, capture_output=True)
        return numpy.asarray(nibabel.load(out[1]).dataobj)


def measure(popcorn, data, study, out, recipes):
    known = {(*run, name) for run, dices in read(out).items() for name in dices}
    with open(out, "a") as file:
        if file.tell() == 0:
            file.write("\t".join(HEAD) + "\n")
        for run in sorted(glob.glob(os.path.join(study, "runs/*/*/*/run.json"))):
            strategy, recipe, seed = run.split("/")[-4:-1]
            if recipes and recipe not in recipes:
                continue
            model = os.path.join(os.path.dirname(run), "cycle/model.safetensors")
            if not os.path.exists(model):
                continue
            for role in ("labeled", "test"):
                for name, scan in scans(data, role):
                    if (strategy, recipe, seed, name) in known:
                        continue
                    field = probability(popcorn, model, scan)
                    truth = numpy.asarray(nibabel.load(scan.replace("_FLAIR.", "_mask.")).dataobj) > 0
                    values = ["%.4f" % dice(field, truth, threshold) for threshold in THRESHOLDS]
                    file.write("\t".join([strategy, recipe, seed, name] + values) + "\n")
                    file.flush()


def read(out):
    runs = collections.defaultdict(dict)
    if os.path.exists(out):
        with open(out) as file:
            for line in list(file)[1:]:
                fields = line.rstrip("\n").split("\t")
                if len(fields) != len(HEAD):  # It was being written when the last run ended.
                    continue
                runs[tuple(fields[:3])][fields[3]] = numpy.array([float(value) for value in fields[4:]])
    return runs


def report(data, study, out):
    with open(os.path.join(study, "plan.json")) as file:
        held_out = {scan["name"] for scan in json.load(file)["cohort"]["holdout"]}
    labeled = {name for name, _ in scans(data, "labeled")}
    half = THRESHOLDS.index(0.5)
    print("| strategy | recipe | seed | at 0.5 | by the held-out | by all with an expert's mask | by the test scans |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for (strategy, recipe, seed), dices in sorted(read(out).items()):
        test = numpy.mean([dices[name] for name in dices if name not in labeled], axis=0)

        def chosen(names):
            curve = numpy.mean([dices[name] for name in names], axis=0)
            best = max(range(len(curve)), key=lambda place: (curve[place], -abs(place - half)))
            return "%.1f at %.2f" % (100 * test[best], THRESHOLDS[best])

        cells = ["%.1f" % (100 * test[half]), chosen(held_out), chosen(labeled), chosen(set(dices) - labeled)]
        print("| " + " | ".join([strategy, recipe, seed] + cells) + " |")


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    measure(*sys.argv[1:5], sys.argv[5:])
    report(*sys.argv[2:5])
