#!/usr/bin/env python3
"""Writes docs/performance.md and docs/performance.svg from the JSON files that `make bench` left.

  performance.py RESULTS DOCS
"""
import json
import os
import sys

OURS, THEIRS, INK, RULE = "#0b7285", "#adb5bd", "#212529", "#dee2e6"


def read(folder, name):
    path = os.path.join(folder, name + ".json")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return json.load(file)


def duration(seconds):
    return "%.0f ms" % (1e3 * seconds) if seconds < 1 else "%.2f s" % seconds if seconds < 10 else "%.0f s" % seconds


def row(what, result, floor):
    ratio = result["ratio"]
    memory = "%.0f MiB" % result["peak_mib"]
    return "| %s | %s | %s | **%.2f** (%.2f to %.2f) | %s | %s |" % (
        what, duration(result["theirs"]["median"]), duration(result["ours"]["median"]), ratio["median"], ratio["low"],
        ratio["high"], floor, memory)


def comparisons(folder):
    lines = ["| | PyTorch | popcorn | times as fast (spread) | asked | our peak memory |", "|---|---|---|---|---|---|"]
    names = {"step": "training step of a pair", "forward": "forward of a patch"}
    for result in read(folder, "speed") or []:
        if result["precision"] == "single":
            what = "%s, width %d, %d³" % (names[result["subject"]], result["width"], result["patch"])
            lines.append(row(what, result, "3"))
    for result in read(folder, "scan") or []:
        lines.append(row("whole scan, width %d, 181x217x181, file to files" % result["width"], result, "4"))
    for result in read(folder, "proximity") or []:
        lines.append(row("proximity of %d to %d, %d long" % (result["pool"], result["trusted"], result["length"]),
                         result, "1"))
    return lines


def bfloat16(folder):
    lines = ["| | PyTorch | popcorn, single precision | times as fast (spread) | its largest change of a probability | "
             "its relative change of the gradient |", "|---|---|---|---|---|---|"]
    for result in read(folder, "speed"):
        if result["precision"] == "bfloat16":
            lines.append("| %s, width %d, %d³ | %s | %s | %.2f (%.2f to %.2f) | %.0e | %.2f |" % (
                result["subject"], result["width"], result["patch"], duration(result["theirs"]["median"]),
                duration(result["ours"]["median"]), result["ratio"]["median"], result["ratio"]["low"],
                result["ratio"]["high"], result["change"]["probability"], result["change"]["gradient"]))
    return lines


def modes(folder):
    lines = ["| | " + " | ".join(next(iter(read(folder, "speed")))["modes"]) + " |"]
    lines.append("|---" * (lines[0].count("|") - 1) + "|")
    for result in read(folder, "speed"):
        if result["precision"] != "single":
            continue
        cells = [duration(s) if s else "not here" for s in result["modes"].values()]
        lines.append("| %s, width %d, %d³ | %s |" % (result["subject"], result["width"], result["patch"], " | ".join(cells)))
    return lines


def shares(layers):
    lines = ["| layer | forward | share of peak | backward | share of peak | of the convolutions' time |",
             "|---|---|---|---|---|---|"]
    total = sum(2 * (l["ours_forward"] + l["ours_backward"]) for l in layers["layers"])
    for l in layers["layers"]:
        lines.append("| %s | %.1f ms | %.2f | %.1f ms | %.2f | %.0f %% |" % (
            l["layer"], 1e3 * l["ours_forward"], l["operations"] / l["ours_forward"] / layers["peak"],
            1e3 * l["ours_backward"], l["gradients"] * l["operations"] / l["ours_backward"] / layers["peak"],
            100 * 2 * (l["ours_forward"] + l["ours_backward"]) / total))
    return lines, total


def picture(layers, path):
    """Seconds of a step by layer, PyTorch's above ours: bars of one scale."""
    rows = [(l["layer"], 2 * (l["theirs_forward"] + l["theirs_backward"]), 2 * (l["ours_forward"] + l["ours_backward"]))
            for l in layers["layers"]]
    left, right, line, top = 210, 80, 34, 54
    width, height = 860, top + line * len(rows) + 16
    scale = (width - left - right) / max(max(t, o) for _, t, o in rows)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" '
             'role="img" aria-label="Time of each convolution in a training step">' % (width, height),
             '<rect width="100%" height="100%" fill="white"/>',
             '<text x="12" y="20" font-size="14" fill="%s">Each convolution in a training step of a pair, width %d, %d³: '
             'forward and both gradients</text>' % (INK, layers["width"], layers["patch"]),
             '<rect x="12" y="31" width="10" height="10" fill="%s"/><text x="27" y="40" fill="%s">PyTorch</text>'
             % (THEIRS, INK),
             '<rect x="92" y="31" width="10" height="10" fill="%s"/><text x="107" y="40" fill="%s">popcorn</text>'
             % (OURS, INK)]
    for number, (name, theirs, ours) in enumerate(rows):
        y = top + line * number
        parts.append('<line x1="12" x2="%d" y1="%d" y2="%d" stroke="%s"/>' % (width - 12, y, y, RULE))
        parts.append('<text x="12" y="%d" fill="%s">%s</text>' % (y + 21, INK, name.replace(">", "&gt;")))
        for offset, seconds, colour in ((5, theirs, THEIRS), (18, ours, OURS)):
            parts.append('<rect x="%d" y="%d" width="%.1f" height="11" fill="%s"/>' % (
                left, y + offset, max(1, seconds * scale), colour))
            parts.append('<text x="%.1f" y="%d" fill="%s">%.0f ms</text>' % (
                left + seconds * scale + 5, y + offset + 10, INK, 1e3 * seconds))
    with open(path, "w") as file:
        file.write("\n".join(parts) + "\n</svg>\n")


def parts(folder):
    lines = ["| | median | least to most | |", "|---|---|---|---|"]
    for report in filter(None, (read(folder, name) for name in ("parts-24", "parts-8"))):
        for key, value in report.items():
            if not key.endswith("_seconds"):
                continue
            subject = key.removesuffix("_seconds")
            more = []
            if subject + "_gflops" in report:
                more.append("%.0f GFLOP/s, %.2f of the peak" % (
                    report[subject + "_gflops"], report[subject + "_share_of_peak"]))
            elif subject + "_gbytes_a_second" in report:
                more.append("%.0f MB/s" % (1e3 * report[subject + "_gbytes_a_second"]))
            network = ", width %d" % report["width"] if subject in ("scan", "latents") else ""
            subject = {"decode": "gzip decode of a scan", "encode": "gzip encode of a scan",
                       "intake": "popcorn-admit of a scan", "start": "popcornd --once, nothing to do"}.get(subject, subject)
            lines.append("| %s%s | %s | %s to %s | %s |" % (
                subject, network, duration(value["median"]), duration(value["low"]), duration(value["high"]),
                "; ".join(more)))
    return lines


def cycles(folder):
    lines = []
    for width in (24, 8):
        for estimate in read(folder, "cycle-%d" % width) or []:
            lines += ["", "Width %d, %d labelled scans, a cycle of %s; hours:" % (
                width, estimate["labelled"], "one step, latents at its start known from drafts" if estimate["isOneStep"]
                else "as many steps of 200 as the pool lasts"), "",
                "| pool | training | latents | pseudo-labels | distances | all |", "|---|---|---|---|---|---|"]
            for row in estimate["rows"]:
                terms = [row[key] for key in ("training", "latents", "labels", "distances")]
                cells = ["%.3g" % term if term < 1000 else "%.0f" % term for term in terms + [sum(terms)]]
                most = terms.index(max(terms))
                cells[most] = "**%s**" % cells[most]
                lines.append("| %d | %s |" % (row["pool"], " | ".join(cells)))
    return lines


def main():
    folder, docs = sys.argv[1:3]
    machine, layers, repeat = read(folder, "machine"), read(folder, "layers"), read(folder, "repeat")
    table, convolutions = shares(layers)
    step = next(r for r in read(folder, "speed") if (r["width"], r["patch"], r["subject"]) == (
        layers["width"], layers["patch"], "step"))["ours"]["median"]
    picture(layers, os.path.join(docs, "performance.svg"))
    text = ["# How fast, and compared with what", "",
            "`make bench` wrote this file on %s: %s, %d threads, PyTorch %s. A machine that is shared says little of seconds;"
            % (machine["date"], machine["processor"], machine["threads"], machine["torch"]),
            "what compares are the ratios, each the median of neighbouring measurements of both, taking turns. What is asked "
            "is the least that a", "release is held to. Measurements of earlier versions and other machines are in "
            "[measured.md](measured.md).", "", "## Against PyTorch's best in single precision", ""]
    text += comparisons(folder)
    text += ["", "PyTorch's whole scan goes over the paper's 125 tiles; ours over those of the same overlap that hold "
             "brain, and writes the same two files.", "", "## PyTorch's modes", "", "Denormals flushed in all.", ""]
    text += modes(folder)
    text += ["", "Where the processor multiplies bfloat16 twice as fast, PyTorch's autocast is its fastest mode. It computes "
             "something else: beside single", "precision (same weights, same pair) it changes", ""]
    text += bfloat16(folder)
    text += ["", "## Where the time goes", "", "![Each convolution in a training step](performance.svg)", "",
             "Shares count sums as they are written, so that Winograd's convolutions can be over 1 (at most 6). The "
             "processor's peak is %.0f GFLOP/s." % (layers["peak"] / 1e9), ""]
    text += table
    text += ["", "Of a step of %s the convolutions are %s (%.0f %%); norms, pooling, upsampling, losses and Adam are the "
             "rest." % (duration(step), duration(convolutions), 100 * convolutions / step), ""]
    text += ["## The other parts", "", "`popcorn bench` without PyTorch beside it.", ""] + parts(folder)
    text += ["", "## The same bytes, and threads", "",
             "%d trainings of the same seed with the same threads ended in %d different file%s of weights." % (
                 repeat["runs"], repeat["different"], "" if repeat["different"] == 1 else "s"), ""]
    for scaling in repeat["scaling"]:
        text.append("- A step at width %d, %d³, as many times as fast as with one thread (on %d processors): %s." % (
            scaling["width"], scaling["patch"], machine["processors"], ", ".join(
                "%.2f with %d" % (r["median"], n) for n, r in zip(scaling["threads"][1:], scaling["ratios"][1:]))))
    text += ["", "## As the pool grows", "",
             "Counts of `CycleCost` (held by a test to cycles that run) times what was measured above. A draft takes the same "
             "whatever the pool; a", "training step too. Latents are of every scan, at every step, because the weights have "
             "changed: in a cycle of one step they take most from some", "two thousand scans on. In a cycle through the whole "
             "pool the training set grows with each step, and training takes most, latents not much less: both grow with",
             "the square of the pool. Distances never matter. `max_steps_per_cycle` bounds a cycle."]
    text += cycles(folder)
    with open(os.path.join(docs, "performance.md"), "w") as file:
        file.write("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
