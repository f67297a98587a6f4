#!/usr/bin/env python3
"""Makes Golden.swift: what others say. scipy 1.17 of signed ranks, surfaces, components and correlations; SimpleITK of
overlaps; scikit-image of lesions, which MSSEG 2016's procedure, written here from its description, then judges.

    pip install numpy scipy scikit-image SimpleITK; make_golden.py > Golden.swift
"""
import collections
import sys
from fractions import Fraction

import numpy
import scipy
import SimpleITK
import skimage
from scipy import ndimage, stats
from skimage import measure

CASES = {
    "plain": [.12, -.05, .31, .22, -.17, .08, .41, .03, -.02, .27],
    "ties": [.1, -.1, .2, .2, .3, -.3, .4, .5, .5, .6],
    "zeros": [0, 0, .1, .2, -.15, .3, .4, -.05, .25, .35, .45, .5],
    "twentyWithTies": [1, 2, 2, 3, -1, 4, 5, -2, 6, 7, 7, 8, -3, 9, 10, 11, -4, 12, 13, 14],
    "fortyThree": [
        .0354, -.0345, -.0027, -.0121, .0715, -.0048, .0499, .1406, .0958, -.0064, -.0008, .0473, -.0801, -.0317, .0496,
        .0125, .1361, -.0171, -.0428, -.0334, .0208, .0104, .1538, -.0039, .0233, .0731, .0135, .0533, .0437, .0702,
        -.0645, .0685, .0117, .0312, -.0032, .1195, -.1028, .104, -.0207, .1117, .0933, .0809, .0697],
}


def swift(values):
    rows = [", ".join(map(str, values[k : k + 10])) for k in range(0, len(values), 10)]
    comma = "," if len(values) > 1 else ""  # as swift format has it
    return "[" + "".join(f"\n        {row}{comma}" for row in rows) + "\n      ]"


def signed_ranks():
    random = numpy.random.default_rng(20211014)
    cases = dict(CASES)
    for n in [1, 2, 5, 8, 13, 14, 21, 34, 50, 51, 80]:
        cases[f"plain{n}"] = numpy.round(random.normal(0.2, 1, n), 6).tolist()
        cases[f"coarse{n}"] = numpy.round(random.normal(0.3, 1, n), 0).tolist()
    for name, d in cases.items():
        if not numpy.any(d):
            continue
        auto = stats.wilcoxon(d, method="auto")
        exact = stats.wilcoxon(d, method="exact")
        normal = stats.wilcoxon(d, method="asymptotic")
        corrected = stats.wilcoxon(d, method="asymptotic", correction=True)
        print(f"    SignedRanks(\n      name: \"{name}\",\n      differences: {swift(list(map(float, d)))},")
        print(f"      statistic: {float(auto.statistic)!r}, automatic: {float(auto.pvalue)!r},")
        print(f"      exact: {float(exact.pvalue)!r}, asymptotic: {float(normal.pvalue)!r},")
        print(f"      z: {float(normal.zstatistic)!r}, corrected: {float(corrected.pvalue)!r},")
        greater = [
            float(stats.wilcoxon(d, alternative="greater", method=method, correction=correction).pvalue)
            for method, correction in [("auto", False), ("exact", False), ("asymptotic", False), ("asymptotic", True)]]
        print(f"      greater: {swift(greater)}),")


def layers(mask):
    rows = ("".join(map(str, layer.ravel())) for layer in mask.T.astype(int))
    return "".join(f'\n        "{row}",' for row in rows)


def surface(mask):
    padded = numpy.pad(mask, 1)
    return (padded & ~ndimage.binary_erosion(padded))[1:-1, 1:-1, 1:-1]


def masks():
    random = numpy.random.default_rng(7)
    spacing = (0.9, 1.1, 3.0)
    for number in range(6):
        field = ndimage.gaussian_filter(random.normal(size=(9, 8, 7)), 1.2)
        truth = field > numpy.quantile(field, 0.86)
        mask = (field + 0.05 * random.normal(size=field.shape)) > numpy.quantile(field, 0.82)
        s, t = surface(truth), surface(mask)
        away = numpy.concatenate([
            ndimage.distance_transform_edt(~t, sampling=spacing)[s], ndimage.distance_transform_edt(~s, sampling=spacing)[t]])
        wide = ndimage.generate_binary_structure(3, 2)
        labels, lesions = ndimage.label(truth, wide)
        found = sum(bool(mask[labels == k].any()) for k in range(1, lesions + 1))
        other, marks = ndimage.label(mask, wide)
        false = sum(not truth[other == k].any() for k in range(1, marks + 1))
        # x is the first axis here and the fastest in our volumes: lesions are numbered over the transposed mask.
        numbers, _ = ndimage.label(truth.T, wide)
        centres = ndimage.center_of_mass(truth.T, numbers, range(1, lesions + 1))
        overlap = SimpleITK.LabelOverlapMeasuresImageFilter()
        overlap.Execute(*(SimpleITK.GetImageFromArray(m.T.astype("uint8")) for m in (mask, truth)))
        precision, sensitivity = (truth & mask).sum() / mask.sum(), (truth & mask).sum() / truth.sum()
        terms = overlap.GetDiceCoefficient() / 8 + precision / 8 + (1 - false / marks) / 4 + found / lesions / 4
        print(f"    MaskPair(\n      truth: [{layers(truth)}\n      ],\n      mask: [{layers(mask)}\n      ],")
        print(f"      lesions: {lesions}, found: {found}, marks: {marks}, wrong: {false},")
        print(f"      average: {away.mean().item()!r}, percentile95: {numpy.percentile(away, 95).item()!r},")
        print(f"      dice: {overlap.GetDiceCoefficient()!r}, jaccard: {overlap.GetJaccardCoefficient()!r},")
        print(f"      volumeDifference: {(abs(mask.sum() - truth.sum()) / truth.sum()).item()!r},")
        print(f"      score: {(terms * 4 / 3).item()!r},")
        rows = "".join(f"\n        {[c.item() for c in centre[::-1]]}," for centre in centres)
        print(f"      centres: [{rows}\n      ]),")


def lesions_of(mask, fewest):
    """Numbers lesions, which touch by faces, from 1, the largest first; small ones become background."""
    labels = measure.label(mask, connectivity=1)
    regions = [r for r in measure.regionprops(labels) if r.num_pixels >= fewest]
    numbered = numpy.zeros(mask.shape, int)
    for number, region in enumerate(sorted(regions, key=lambda r: -r.num_pixels), 1):
        numbered[labels == region.label] = number
    return numbered, len(regions)


def detected(table, why):
    """How many of the rows of an overlap table are detected; row and column 0 are background."""
    alpha, beta, gamma = Fraction("0.10"), Fraction("0.70"), Fraction("0.65")
    count = 0
    for i in range(1, len(table)):
        covered = sum(table[i][1:])
        if not Fraction(covered, sum(table[i])) > alpha:
            why["alpha"] += 0 < covered
            continue
        share, good, unasked = Fraction(0), True, False
        for j in sorted(range(1, len(table[i])), key=lambda j: -table[i][j]):
            if table[i][j] == 0:
                break
            outside = Fraction(table[0][j], sum(row[j] for row in table))
            if share >= gamma:
                unasked |= outside > beta
                continue
            if outside > beta:
                good = False
                why["beta first" if share == 0 else "beta later"] += 1
                break
            share += Fraction(table[i][j], covered)
        why["gamma"] += good and unasked
        count += good
    return count


def bits(mask):
    """A number for each z, a bit for each x + 8 y."""
    layers = [sum(1 << int(k) for k in numpy.flatnonzero(layer)) for layer in mask]
    rows = [", ".join(f"0x{layer:x}" for layer in layers[k : k + 4]) for k in (0, 4)]
    return "[" + "".join(f"\n        {row}," for row in rows) + "\n      ]"


def random_pair(random, kind):
    """Masks of 8 x 8 x 8 voxels, axes z, y, x, that agree in one of five ways."""
    shape = (8, 8, 8)

    def field(width):
        return ndimage.gaussian_filter(random.normal(size=shape), width)

    def above(values, share):
        return values > numpy.quantile(values, 1 - share)

    common = field(random.uniform(0.6, 1.2))
    truth = above(common, random.uniform(0.05, 0.25))
    if kind == 0:
        mask = ndimage.binary_dilation(truth & (random.random(shape) < 0.3), iterations=random.integers(1, 3))
    elif kind == 1:
        other = common / common.std() * random.uniform(0, 2) + field(0.8) / field(0.8).std()
        mask = above(other, random.uniform(0.05, 0.35))
    elif kind == 2:  # The cores of lesions: all inside, and little of each.
        mask = above(common, truth.mean() * random.uniform(0.04, 0.3))
    elif kind == 3:
        mask = ndimage.binary_dilation(truth, iterations=random.integers(1, 3))
        mask &= random.random(shape) < random.uniform(0.45, 0.9)
    else:  # One large lesion in pieces, some of which reach far out.
        truth = above(field(2.5), random.uniform(0.2, 0.4))
        mask = above(field(0.7), random.uniform(0.1, 0.25)) & (truth | (random.random(shape) < 0.7))
    return (truth, mask) if random.random() < 0.5 else (mask, truth)


def judged(truth, mask, volume):
    """Lesions of the truth, those detected, lesions of the mask, those right; and how often each threshold decided."""
    why = collections.Counter()
    fewest = int(3 // volume) + 1
    (one, lesions), (other, marks) = lesions_of(truth, fewest), lesions_of(mask, fewest)
    table = [[int(((one == i) & (other == j)).sum()) for j in range(marks + 1)] for i in range(lesions + 1)]
    found, right = detected(table, why), detected([list(column) for column in zip(*table)], why)
    return (lesions, found, marks, right), why


def detections():
    random, decided = numpy.random.default_rng(2016), collections.Counter()
    empty = numpy.zeros((8, 8, 8), bool)
    some, _ = random_pair(random, 0)
    cases = [(empty, empty, 1.0), (some, empty, 1.0), (empty, some, 1.0)]
    rare = {"alpha": 8, "beta later": 8, "gamma": 8}
    while len(cases) < 43 or any(decided[reason] < least for reason, least in rare.items()):
        volume = [0.4, 0.75, 1.0, 1.6, 3.5][random.integers(5)]
        truth, mask = random_pair(random, random.integers(5))
        _, why = judged(truth, mask, volume)
        # Most lesions fail by beta; the other thresholds are to decide too, or the golden values would prove little.
        if len(cases) < 43 or any(why[reason] and decided[reason] < least for reason, least in rare.items()):
            cases.append((truth, mask, volume))
            decided += why
    for truth, mask, volume in cases:
        (lesions, found, marks, right), _ = judged(truth, mask, volume)
        print(f"    DetectionPair(\n      truth: {bits(truth)},\n      mask: {bits(mask)},")
        print(f"      voxelVolume: {volume}, lesions: {lesions}, detected: {found}, marks: {marks}, right: {right}),")
    print("decided by", dict(decided), len(cases), "pairs", file=sys.stderr)


def agreements():
    random = numpy.random.default_rng(1986)
    for n in [2, 3, 8, 30]:
        truth = numpy.round(random.gamma(2, 8, n), 3)
        mask = numpy.round(truth * random.uniform(0.7, 1.1, n) + 0.5, 3)
        (tt, tm), (_, mm) = numpy.cov(truth, mask, bias=True)
        lin = 2 * tm / (tt + mm + (truth.mean() - mask.mean()) ** 2)
        away = mask - truth
        print(f"    VolumePair(\n      truth: {swift(truth.tolist())},\n      mask: {swift(mask.tolist())},")
        print(f"      bias: {away.mean().item()!r}, deviation: {away.std(ddof=1).item()!r},")
        print(f"      correlation: {stats.pearsonr(truth, mask).statistic.item()!r}, concordance: {lin.item()!r}),")


def intervals():
    random = numpy.random.default_rng(1908)
    for n in [3, 4, 5, 10, 11, 12, 13, 30, 200]:
        values = numpy.round(random.normal(1, 3, n), 3)
        low, high = stats.t.interval(0.95, n - 1, values.mean(), stats.sem(values))
        print(f"    MeanPair(\n      values: {swift(values.tolist())},\n      low: {low.item()!r}, high: {high.item()!r}),")


print(f"// Made by make_golden.py with scipy {scipy.__version__}, numpy {numpy.__version__}, scikit-image "
      f"{skimage.__version__}, SimpleITK\n// {SimpleITK.__version__}; not edited by hand.\n")
print("struct SignedRanks: Sendable {\n  let name: String\n  let differences: [Double]")
print("  let statistic, automatic, exact, asymptotic, z, corrected: Double")
print("  /// One-sided p of differences above 0: automatic, exact, asymptotic, corrected.\n  let greater: [Double]\n")
print("  static let golden: [SignedRanks] = [")
signed_ranks()
print("  ]\n}\n")
print("/// Masks of 9 x 8 x 7 voxels of 0.9 x 1.1 x 3 mm, a string for each z, x fastest.")
print("struct MaskPair: Sendable {\n  let truth, mask: [String]\n  let lesions, found, marks, wrong: Int")
print("  let average, percentile95, dice, jaccard, volumeDifference, score: Double")
print("  /// Centres of the truth's lesions, in voxels.\n  let centres: [[Double]]\n")
print("  static let golden: [MaskPair] = [")
masks()
print("  ]\n}")
print("\n/// Masks of 8 x 8 x 8 voxels: a number for each z, a bit for each x + 8 y.")
print("struct DetectionPair: Sendable {\n  let truth, mask: [UInt64]\n  let voxelVolume: Double")
print("  let lesions, detected, marks, right: Int\n\n  static let golden: [DetectionPair] = [")
detections()
print("  ]\n}\n\nstruct VolumePair: Sendable {\n  let truth, mask: [Double]")
print("  let bias, deviation, correlation, concordance: Double\n\n  static let golden: [VolumePair] = [")
agreements()
print("  ]\n}\n\n/// Values and Student's interval of 95 of 100 for their mean.")
print("struct MeanPair: Sendable {\n  let values: [Double]\n  let low, high: Double\n\n  static let golden: [MeanPair] = [")
intervals()
print("  ]\n}")
