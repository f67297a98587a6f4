#!/usr/bin/env python3
"""Writes docs/results.md from the studies that lie in docs/results/study.

  tables.py DOCS

Needs Python's own library only.
"""
import glob
import json
import os
import statistics
import sys


def hundredths(value):
    return "n/a" if value is None else "%.1f" % (100 * value)


def mean(values):
    values = [value for value in values if value is not None]
    return sum(values) / len(values) if values else None


def row(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


def table(head, rows):
    return row(head) + row("---" for _ in head) + "".join(row(cells) for cells in rows) + "\n"


def studies(folder):
    """The tables that `popcorn study` wrote, one difficulty after the other, their headings two levels down."""
    text = ""
    for study in SCRIPTS:
        path = os.path.join(folder, study, "tables.md")
        if os.path.exists(path):
            with open(path) as file:
                lines = file.read().rstrip().split("\n")
            # The page is headed by its data folder, which several studies may share.
            lines[0] = "# " + title(study)
            text += "\n".join("##" + line if line.startswith("#") else line for line in lines) + "\n\n"
            text += "`%s` makes or goes on with it.\n\n" % SCRIPTS[study][0]
            for figure in sorted(glob.glob(os.path.join(folder, study, "*.svg"))):
                name = os.path.basename(figure)
                text += "![%s](results/study/%s/%s)\n" % (name[:-4].replace("-", " "), study, name)
            text += "\n"
    return text and "## All strategies\n\n`make study` (`popcorn study`): " + STUDY % missing(folder) + text


def missing(folder):
    """The studies without a table yet."""
    return ", ".join(study for study in SCRIPTS if not os.path.exists(os.path.join(folder, study, "tables.md"))) or "these studies"


def glance(folder):
    """Mean test Dice of what most studies have, side by side: phantoms, then real scans."""
    text = "## At a glance\n\n" + GLANCE
    for heading, belongs in (("Phantoms", False), ("Real scans", True)):
        rows = [cells for study in SCRIPTS if study.startswith("real-") == belongs for cells in glance_at(folder, study)]
        head = ["study", "test images", "mm", "steps"] + ["%s, %s" % column for column in COLUMNS]
        if rows:
            text += "**%s**\n\n" % heading + table(head, rows)
    return text


COLUMNS = [(strategy, recipe) for recipe in ("paper", "improved") for strategy in ("baseline", "popcorn")]
GLANCE = """Mean test Dice, percent; in brackets over how many seeds, and of two or more the standard deviation. Fewer seeds of one cell than of its neighbour: no comparison. Rows of
other masks, resolutions or lesions are other tasks: what is to be compared stands in one row, with intervals and tests in the study's own tables.

"""


def glance_at(folder, study):
    """A row for a study; none where no such run is done."""
    cells, images, steps = [], 0, 0
    for strategy, recipe in COLUMNS:
        values = []
        for path in sorted(glob.glob(os.path.join(folder, study, "runs", strategy, recipe, "*", "run.json"))):
            with open(path) as file:
                run = json.load(file)
            values.append(mean(score["dice"] for score in run["scores"]))
            images, steps = len(run["scores"]), run["optimizerSteps"]
        spread = "; %s" % hundredths(statistics.stdev(values)) if len(values) > 1 else ""
        cells.append("%s (%d%s)" % (hundredths(mean(values)), len(values), spread) if values else "")
    if not any(cells):
        return []
    with open(os.path.join(folder, study, "plan.json")) as file:
        spacing = json.load(file)["settings"]["preparation"]["spacing"]
    is_drawn = os.path.exists(os.path.join(folder, study, "tables.md"))
    name = "[%s](#%s)" % (study, anchor(title(study))) if is_drawn else study
    return [[name, images, "%g" % spacing, steps] + cells]


def title(study):
    return "Study %s: %s" % (study, SCRIPTS[study][1])


def anchor(heading):
    """The name that a heading gets in the page."""
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c == "-")


RUN = "tools/study/run build/bin SECONDS "
REAL = "POPCORN_REAL_DATA=DIR tools/study/real build/bin"
SCRIPTS = {
    "middle": (RUN + "strategies switches", "the middle phantoms"),
    "easy": (RUN + "strategies", "the same people and lesions with less noise"),
    "hard": (RUN + "strategies", "the same people and lesions with more noise"),
    "longer": (RUN + "longer", "the middle phantoms, 20,000 optimizer steps"),
    "coarse": (RUN + "coarse", "the same heads at 3 mm, lesions of about as many voxels (1.7 times the volume in all), 40,000 optimizer steps of patches of 16"),
    "coarse-truth": (RUN + "coarse", "the same with experts' masks of the pool"),
    "truth": (RUN + "truth", "the middle phantoms with experts' masks of the pool (36 are learned from, 9 held out)"),
    "longer-truth": (RUN + "longer", "the same, 20,000 optimizer steps"),
    "constants": (RUN + "constants", "constants by three held-out people, on the cohort that `improved` was made with: its test images judge nothing"),
    "pool-clean": (RUN + "mimics", "the middle phantoms, no scan of the pool with hyperintensities that are not MS"),
    "pool-mimics": (RUN + "mimics", "the middle phantoms, every scan of the pool with some"),
    "real-catania": (REAL, "real scans, labels of Catania left out"),
    "real-ljubljana": (REAL, "real scans, labels of Ljubljana left out"),
    "real-tabriz": (REAL, "real scans, labels of Tabriz left out"),
    "real-longer-catania": (REAL, "real scans, labels of Catania left out, 6,000 optimizer steps"),
    "real-longer-ljubljana": (REAL, "real scans, labels of Ljubljana left out, 6,000 optimizer steps"),
    "real-longer-tabriz": (REAL, "real scans, labels of Tabriz left out, 6,000 optimizer steps"),
}
STUDY = """width 8, patch 32, rate 2e-4. Phantoms at 2 mm, 5,000 optimizer steps a run where nothing else is said: 5 labeled of one scanner (one held out, by which
nothing is chosen but in `constants`), 40 in the pool and 20 test scans over six scanners; the cohort is not the one that recipe `improved` was made with (but that `calibrate` is no part of it was decided when two runs
on this one had been seen: docs/findings.md), except for `constants`. The three difficulties are of the same people and lesions, but for ph-0018, ph-0031 and ph-0051
of the easy ones and ph-0018, ph-0031 and ph-0061 of the hard ones, whose lesions were drawn otherwise: no three cohorts. Real scans at 1 mm, 2,000 steps, the *labels* of one site left out
in turn (the pool has other patients of that site, but Catania has none). Every test image of every run is in `docs/results/study/STUDY/runs/STRATEGY/RECIPE/SEED/run.json`. Cohorts are made by `tools/study/run` (`popcorn phantom --labeled 5 --unlabeled 40 --test 20 --seed 2
--difficulty D --spacing 2 --size 91,109,91`; seed 1 and 15 labeled for `constants`), the same on every machine. Not measured yet: what has no section here of %s.

**Recipes.** `paper` is the paper's method, where it is silent as its authors' code does it. `improved` is paper+compound+average+window+trust=0.3: cross-entropy beside equation (1) with patches from anywhere in the
brain, running means of the weights, tiles that count by a Gaussian and are seen mirrored too, and pseudo-labels that count 0.3 of an expert's mask; each alone, on three seeds: docs/findings.md, "The words of `improved`".

**Where these studies are not the paper's experiment.**
The paper trains its baseline out (100 epochs), and POPCORN goes on from there with *more* steps; here all have the same steps, so that POPCORN labels the pool at half of them and is shown fewer experts' masks from
there on than the baseline, which goes on with them. "What the second phase brought" has both halves apart.
K is 10 of 40 scans (200 of 2901 there), on real scans 2 or 3 of 7 or 11, so there are four selections (fifteen), each of N epochs (2): 4 to 6 at 5,000 steps, 16 at 20,000, 32 at 40,000, 2 to 4 on real scans; p of equation (7) is 5 where four scans are learned from: the first selection is by the distances to all of them.
alpha is the paper's 0.2 by the paper's formula: alpha times equation (2) is 0.6 %% of the loss in the first epoch and under 0.1 %% from the fourteenth on (with their loss, one Dice of both patches, the authors' code weighs it some 38 times more; part `constants` tries that).
Equation (3) with the authors' tau calls two patches alike where they differ by some tens of voxels: of unlike pairs of the labelled scans the mean similarity is 0.02, so that nearly all of equation (2) is of pairs that are one
patch in two qualities, and whether there is consistency is largely whether half of the pairs are one patch twice (`same=0`, `alpha=0` and `tau=3000` of part `switches` hold the two apart).
Weights begin uniform within 1/sqrt(fan-in), biases too, as the oracle's do, not as Glorot's.
Ranges of image quality are voxels, as the authors' are at 1 mm: at 2 mm they are twice as coarse.
[19]'s student goes on from its teacher, within the budget; [7]'s segmentation is not asked to make painting easier; of [4] with elastic deformations the pool alone is deformed.

"""


def main():
    docs = sys.argv[1]
    text = "# Results\n\nWritten by `tools/study/tables.py docs` from what lies in `docs/results/study`; what it amounts to is in [findings.md](findings.md).\n\n"
    text += glance(os.path.join(docs, "results", "study"))
    text += studies(os.path.join(docs, "results", "study"))
    with open(os.path.join(docs, "results.md"), "w") as file:
        file.write(text)


if __name__ == "__main__":
    main()
