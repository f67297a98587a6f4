#!/usr/bin/env python3
"""The same seed and threads: the same bytes each time. And what threads do to the time.

  repeat.py POPCORN FOLDER [--runs 10] [--json FILE]

Trains on phantoms of 4 mm again and again; then times a training step with 1, 2 and 4 threads, taking turns.
"""
import argparse
import hashlib
import json
import os
import shutil
import subprocess

from turns import Paced, our_environment, spread


def train(program, cohort, folder, threads):
    """A short training of POPCORN; the digest of its weights."""
    model = os.path.join(folder, "repeat.safetensors")
    shutil.rmtree(model + ".work", ignore_errors=True)
    subprocess.run(
        [program, "train", "--data", cohort, "--model", model, "--width", "8", "--patch", "32", "--spacing", "4", "--size",
         "48,56,48", "--initial-epochs", "2", "--epochs", "1", "--select", "2", "--rate", "1e-4", "--steps", "24"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=our_environment(threads))
    with open(model, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("folder")
    a.add_argument("--runs", type=int, default=10)
    a.add_argument("--json")
    o = a.parse_args()
    cohort = os.path.join(o.folder, "repeat")
    if not os.path.exists(os.path.join(cohort, "phantom.json")):
        subprocess.run([o.program, "phantom", "--out", cohort, "--labeled", "4", "--unlabeled", "4", "--test", "0",
                        "--spacing", "4"], check=True, stdout=subprocess.DEVNULL)
    digests = [train(o.program, cohort, o.folder, 2) for _ in range(o.runs)]
    print("%d trainings, %d different weights" % (len(digests), len(set(digests))), flush=True)

    counts = [1, 2, 4]
    results = []
    for width, patch in ((8, 32), (24, 64)):
        programs = [Paced(o.program, "train", "--width", width, "--patch", patch, threads=n) for n in counts]
        for program in programs:
            program.seconds()
        turns = [[program.seconds() for program in programs] for _ in range(3)]
        for program in programs:
            program.close()
        ratios = [spread([turn[0] / turn[i] for turn in turns]) for i in range(len(counts))]
        results.append({"width": width, "patch": patch, "threads": counts, "ratios": ratios,
                        "seconds": [spread([turn[i] for turn in turns]) for i in range(len(counts))]})
        print("width %d, %d^3: as fast as one thread: %s" % (width, patch, ", ".join(
            "%d threads %.2f" % (n, r["median"]) for n, r in zip(counts, ratios))), flush=True)
    if o.json:
        with open(o.json, "w") as file:
            json.dump({"runs": len(digests), "different": len(set(digests)), "scaling": results}, file, indent=1)


if __name__ == "__main__":
    main()
