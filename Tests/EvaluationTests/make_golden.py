#!/usr/bin/env python3
"""Makes Golden.swift: what scipy 1.17 says about signed ranks, surfaces and components.

    make_golden.py > Golden.swift
"""
import numpy
import scipy
from scipy import ndimage, stats

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
    return "[" + "".join(f"\n        {row}," for row in rows) + "\n      ]"


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
        print(f"      z: {float(normal.zstatistic)!r}, corrected: {float(corrected.pvalue)!r}),")


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
        # x is the first axis here and the fastest in our volumes.
        print(f"    MaskPair(\n      truth: [{layers(truth)}\n      ],\n      mask: [{layers(mask)}\n      ],")
        print(f"      lesions: {lesions}, found: {found}, marks: {marks}, wrong: {false},")
        print(f"      average: {away.mean().item()!r}, percentile95: {numpy.percentile(away, 95).item()!r}),")


print(f"// Made by make_golden.py with scipy {scipy.__version__} and numpy {numpy.__version__}; not edited by hand.\n")
print("struct SignedRanks: Sendable {\n  let name: String\n  let differences: [Double]")
print("  let statistic, automatic, exact, asymptotic, z, corrected: Double\n")
print("  static let golden: [SignedRanks] = [")
signed_ranks()
print("  ]\n}\n")
print("/// Masks of 9 x 8 x 7 voxels of 0.9 x 1.1 x 3 mm, a string for each z, x fastest.")
print("struct MaskPair: Sendable {\n  let truth, mask: [String]\n  let lesions, found, marks, wrong: Int")
print("  let average, percentile95: Double\n")
print("  static let golden: [MaskPair] = [")
masks()
print("  ]\n}")
