#!/usr/bin/env python3
"""How POPCORN compares with a baseline that has taken as many steps on experts' masks.

    tools/study/expert-steps.py docs/results/study

All strategies have the same optimizer steps; of POPCORN's second phase a part begins with a patch of a pseudo-label. Prints,
of each study and recipe, over the seeds that both have: POPCORN's steps that begin with an expert's patch, the baseline's
mean test Dice after so many (between two looks on the straight line between them: looks are up to a thousand steps apart,
so this is rough), and both at the end, percent.
"""

import glob
import json
import os
import statistics
import sys

# Patches that an expert's mask and a pseudo-label give an epoch (Recipe.mostPatches).
PATCHES = {"paper": (15, 2), "improved": (15 + 6, 2 + 1)}


def run(study, strategy, recipe, seed):
    path = os.path.join(study, "runs", strategy, recipe, seed, "run.json")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return json.load(file)


def expert_steps(run, recipe):
    """Steps whose first patch is of an expert's mask: all of the first phase, then their share of an epoch."""
    of_expert, of_pseudo = PATCHES[recipe]
    schedule, total = run["schedule"], run["optimizerSteps"]
    experts = run["experts"] * of_expert
    taken = schedule["initialEpochs"] * experts
    begun, labelled = float(min(taken, total)), 0
    while taken < total:
        labelled = min(run["pseudoLabels"], labelled + schedule["selectPerStep"])
        epoch = experts + labelled * of_pseudo
        steps = min(schedule["epochsPerStep"] * epoch, total - taken)
        begun += steps * experts / epoch
        taken += steps
    return begun


def final(run):
    return statistics.mean(score["dice"] for score in run["scores"])


def dice_after(run, steps):
    looks = sorted({look["optimizerSteps"]: look["meanDice"] for look in run["progress"]}.items())
    looks = [look for look in looks if look[0] < run["optimizerSteps"]] + [(run["optimizerSteps"], final(run))]
    for (before, low), (after, high) in zip(looks, looks[1:]):
        if before <= steps <= after:
            return low + (high - low) * (steps - before) / (after - before)
    return float("nan")


def main():
    print("study\trecipe\tstrategy\tseeds\texpert steps\tbaseline after as many\tstrategy, end\tbaseline, end")
    for study in sorted(glob.glob(os.path.join(sys.argv[1], "*", ""))):
        for recipe in PATCHES:
            for strategy in ("popcorn", "popcorn-half", "popcorn-no-consistency", "popcorn-no-graph"):
                found = []
                for path in sorted(glob.glob(os.path.join(study, "runs", strategy, recipe, "*", "run.json"))):
                    seed = os.path.basename(os.path.dirname(path))
                    ours, other = run(study, strategy, recipe, seed), run(study, "baseline", recipe, seed)
                    if other:
                        steps = expert_steps(ours, recipe)
                        found.append((steps, dice_after(other, steps), final(ours), final(other)))
                if found:
                    steps, *dice = (statistics.mean(column) for column in zip(*found))
                    name = os.path.basename(os.path.dirname(study))
                    print("\t".join([name, recipe, strategy, str(len(found)), "%.0f" % steps] + ["%.1f" % (100 * d) for d in dice]))


if __name__ == "__main__":
    main()
