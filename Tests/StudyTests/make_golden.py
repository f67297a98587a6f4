#!/usr/bin/env python3
"""Makes Golden.swift: small studies, and what numpy and scipy 1.17 say about their rows.

    make_golden.py > Golden.swift

A study is a line for each run: strategy, recipe, seed, then Dice, precision and sensitivity of each test image, a dash where
a ratio is undefined. What is expected is a line for each row: strategy, recipe, Dice, SD over seeds, precision, its values
left out, sensitivity, its values left out, p against the best, Holm's and one-sided, the same against the baseline; a dash
for none.
"""
import numpy
import scipy
from scipy import stats


def holm(values):
    order = sorted(range(len(values)), key=lambda k: values[k])
    out, least = [None] * len(values), 0.0
    for rank, k in enumerate(order):
        least = max(least, min(1.0, (len(values) - rank) * values[k]))
        out[k] = least
    return out


def p_value(a, b, alternative="two-sided"):
    d = numpy.round(numpy.asarray(a) - numpy.asarray(b), 12)
    return 1.0 if not d.any() else float(stats.wilcoxon(d, alternative=alternative, method="auto").pvalue)


def expected(runs):
    keys = list(dict.fromkeys((s, r) for s, r, *_ in runs))
    rows = {}
    for key in keys:
        own = [run for run in runs if run[:2] == key]
        dice, precision, sensitivity = (numpy.array([run[k] for run in own], float) for k in (3, 4, 5))

        def ratio(values):
            # Per image over seeds, then over images: nan is undefined.
            images = [v[~numpy.isnan(v)].mean() for v in values.T if (~numpy.isnan(v)).any()]
            return (float(numpy.mean(images)) if images else None), int(numpy.isnan(values).sum())

        rows[key] = dict(
            images=dice.mean(axis=0), dice=float(dice.mean(axis=0).mean()),
            sd=float(numpy.std(dice.mean(axis=1), ddof=1)) if len(own) > 1 else None,
            precision=ratio(precision), sensitivity=ratio(sensitivity))

    def compare(name, reference):
        tested = [(k, reference(k)) for k in keys if reference(k) not in (None, k)]
        values = [p_value(rows[k]["images"], rows[o]["images"]) for k, o in tested]
        for (k, o), p, adjusted in zip(tested, values, holm(values)):
            rows[k][name] = (p, adjusted, p_value(rows[k]["images"], rows[o]["images"], "greater"))

    def best(key):
        return max((k for k in keys if k[1] == key[1]), key=lambda k: rows[k]["dice"])

    def baseline(key):
        all_ = [k for k in keys if k[0] == "baseline"]
        return next((k for k in all_ if k[1] == key[1]), all_[0] if len(all_) == 1 else None)

    compare("best", best)
    compare("baseline", baseline)
    return rows


def study(random, strategies, images, seeds, digits, undefined):
    hardness = random.normal(0.68, 0.09, images)
    runs = []
    for seed in seeds:
        for n, (strategy, recipe) in enumerate(strategies):
            shift = 0.05 - 0.018 * n
            dice, precision, sensitivity = (
                numpy.clip(hardness + shift + random.normal(0, 0.03, images), 0, 1).round(digits) for _ in range(3))
            for values in (precision, sensitivity):
                values[random.random(images) < undefined] = numpy.nan
            if undefined:
                precision[0] = numpy.nan  # for no seed
            runs.append((strategy, recipe, seed, dice.tolist(), precision.tolist(), sensitivity.tolist()))
    return runs


def text(value):
    return "-" if value is None or value != value else repr(value)


paper = ["popcorn", "popcorn-half", "popcorn-no-consistency", "popcorn-no-graph", "baseline-consistency", "baseline"]
random = numpy.random.default_rng(20211014)
studies = {
    "threeSeeds": study(random, [(s, "paper") for s in paper], 12, [1, 2, 3], 4, 0.06),
    "oneSeedCoarse": study(random, [(s, "paper") for s in paper[:4] + ["baseline"]], 9, [7], 2, 0),
    "manyImages": study(random, [("baseline", "paper"), ("popcorn", "paper"), ("attention", "paper")], 60, [1, 2], 4, 0.02),
    "twoRecipes": study(
        random, [("popcorn", "paper"), ("baseline", "paper"), ("popcorn", "improved"), ("attention", "improved")],
        14, [1, 2], 4, 0),
}

print(f"// Made by make_golden.py with scipy {scipy.__version__} and numpy {numpy.__version__}; not edited by hand.\n")
print("/// A study as numbers, and what its rows must be: formats are told in make_golden.py.")
print("struct GoldenStudy: Sendable {\n  let name, runs, rows: String\n")
print("  static let all = [")
for name, runs in studies.items():
    print(f"    GoldenStudy(\n      name: \"{name}\",\n      runs: \"\"\"")
    for strategy, recipe, seed, *values in runs:
        print(f"        {strategy} {recipe} {seed} \\")
        for k, row in enumerate(values):
            for start in range(0, len(row), 12):
                last = k == 2 and start + 12 >= len(row)
                print("          " + " ".join(map(text, row[start : start + 12])) + ("" if last else " \\"))
    print("        \"\"\",\n      rows: \"\"\"")
    for (strategy, recipe), row in expected(runs).items():
        best, baseline = row.get("best", (None,) * 3), row.get("baseline", (None,) * 3)
        figures = [row["dice"], row["sd"], *row["precision"], *row["sensitivity"]]
        print(f"        {strategy} {recipe} {' '.join(map(text, figures))} \\")
        print(f"          {' '.join(map(text, [*best, *baseline]))}")
    print("        \"\"\"),")
print("  ]\n}")
