#!/usr/bin/env python3
"""Makes Golden.swift: small studies, and what numpy and scipy 1.17 say about their rows.

    make_golden.py > Golden.swift

A study is a line for each run: strategy, recipe, seed, then Dice, precision and sensitivity of each test image, a dash where
a ratio is undefined. What is expected is a line for each row of each table: table, strategy, recipe, Dice, SD over seeds,
precision, its values left out, sensitivity, its values left out, p against the best, Holm's over the table and one-sided for
the best, the same against the baseline, one-sided for the row; a dash for none.
"""
import numpy
import scipy
from scipy import stats


# The rows of the paper's two tables.
ablations = ["popcorn", "popcorn-half", "popcorn-no-consistency", "popcorn-no-graph", "baseline-consistency", "baseline"]
comparisons = ["popcorn", "attention", "uncertainty", "transformation", "transformation-elastic", "baseline"]


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

    def compare(table, name, reference, alternative):
        others = [(k, reference) for k in table if reference not in (None, k)]
        values = [p_value(rows[k]["images"], rows[o]["images"]) for k, o in others]
        for (k, o), p, adjusted in zip(others, values, holm(values)):
            table[k][name] = (p, adjusted, p_value(rows[k]["images"], rows[o]["images"], alternative))

    baselines = [k for k in keys if k[0] == "baseline"]

    def compared(place, strategies, recipe):
        table = {(s, recipe): dict(rows[s, recipe], place=place) for s in strategies if (s, recipe) in rows}
        if table:
            compare(table, "best", max(table, key=lambda k: table[k]["dice"]), "less")
            own = next((k for k in baselines if k[1] == recipe), baselines[0] if len(baselines) == 1 else None)
            compare(table, "baseline", own, "greater")
        return table

    tables = [compared("1", ablations, "paper")]
    if any((s, "paper") in rows for s in comparisons if s not in ablations):
        tables.append(compared("2", comparisons, "paper"))
    for recipe in dict.fromkeys(r for _, r in keys if r != "paper"):
        tables.append(compared("recipe", [s for s, r in keys if r == recipe], recipe))
    return [(key, row) for table in tables for key, row in table.items()]


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


random = numpy.random.default_rng(20211014)
studies = {
    "threeSeeds": study(random, [(s, "paper") for s in ablations], 12, [1, 2, 3], 4, 0.06),
    "oneSeedCoarse": study(random, [(s, "paper") for s in ablations[:4] + ["baseline"]], 9, [7], 2, 0),
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
    for (strategy, recipe), row in expected(runs):
        best, baseline = row.get("best", (None,) * 3), row.get("baseline", (None,) * 3)
        figures = [row["dice"], row["sd"], *row["precision"], *row["sensitivity"]]
        print(f"        {row['place']} {strategy} {recipe} {' '.join(map(text, figures))} \\")
        print(f"          {' '.join(map(text, [*best, *baseline]))}")
    print("        \"\"\"),")
print("  ]\n}")
