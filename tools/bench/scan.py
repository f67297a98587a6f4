#!/usr/bin/env python3
"""A whole scan, from its packed file to mask and probability map on disk: `popcorn segment` against a PyTorch sliding
window over the paper's grid of 5 x 5 x 5 tiles, taking turns.

  scan.py POPCORN FOLDER [--width 24 8] [--repetitions 2] [--threads 2] [--json FILE]

The scan is a phantom of 181x217x181 voxels. Both have the same weights. Needs torch, nibabel, safetensors.
"""
import argparse
import json
import os
import subprocess
import sys
import time

import nibabel
import numpy as np
import torch
from safetensors.torch import save_file

from theirs import Theirs, prepare
from turns import our_environment, take_turns

EDGE, TILES, MARGIN = 64, 5, 4


def starts(length, margin):
    """First voxels of the paper's tiles along an axis."""
    overlap = (TILES * EDGE - (length - 2 * MARGIN)) // (TILES - 1)
    return [margin + k * (EDGE - overlap) for k in range(TILES)]


def save(values, like, path):
    nibabel.save(nibabel.Nifti1Image(values, like.affine), path)
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


@torch.no_grad()
def segment(net, path, mask_path, map_path):
    image = nibabel.load(path)
    x = np.asarray(image.dataobj, dtype=np.float32)
    brain = x > 0
    # The 70th percentile stands for the FLAIR peak, which ours looks for: theirs is spared that.
    x = torch.from_numpy(np.ascontiguousarray((x / np.percentile(x[brain], 70)).transpose(2, 1, 0)))
    total, count = torch.zeros_like(x), torch.zeros_like(x)
    places = [starts(n, m) for n, m in zip(x.shape, (0, MARGIN, MARGIN))]
    for z in places[0]:
        for y in places[1]:
            for x0 in places[2]:
                cut = x[z:z + EDGE, y:y + EDGE, x0:x0 + EDGE]
                tile = torch.zeros(1, 1, EDGE, EDGE, EDGE)
                tile[0, 0, :cut.shape[0], :cut.shape[1], :cut.shape[2]] = cut
                lesion = net(tile.to(memory_format=torch.channels_last_3d))[0][0, 1]
                total[z:z + EDGE, y:y + EDGE, x0:x0 + EDGE] += lesion[:cut.shape[0], :cut.shape[1], :cut.shape[2]]
                count[z:z + EDGE, y:y + EDGE, x0:x0 + EDGE] += 1
    probability = (total / count.clamp(min=1)).numpy().transpose(2, 1, 0) * brain
    save((probability >= 0.5).astype(np.uint8), image, mask_path)
    save(probability.astype(np.float32), image, map_path)


# A process begins with its parent's memory as the most that it ever had: ours is started by one that has little.
SMALL_PARENT = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def peak_mib(command, environment):
    """Runs the command; the most memory that it was resident in, MiB."""
    return float(subprocess.run([sys.executable, "-c", SMALL_PARENT, *command], env=environment, check=True,
                                capture_output=True, text=True).stdout.split()[-1])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("program")
    a.add_argument("folder")
    a.add_argument("--width", type=int, nargs="+", default=[24, 8])
    a.add_argument("--repetitions", type=int, default=2)
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--json")
    o = a.parse_args()
    prepare(o.threads)
    cohort = os.path.join(o.folder, "scan")
    if not os.path.exists(os.path.join(cohort, "phantom.json")):
        subprocess.run([o.program, "phantom", "--out", cohort, "--labeled", "1", "--unlabeled", "0", "--test", "0",
                        "--spacing", "1", "--size", "181x217x181"], check=True, stdout=subprocess.DEVNULL)
    path = os.path.join(cohort, "labeled", "ph-0001_FLAIR.nii.gz")
    outputs = [os.path.join(o.folder, name) for name in ("mask.nii.gz", "map.nii.gz")]
    results = []
    for width in o.width:
        net = Theirs(width, EDGE, "f32, channels last").net
        model = os.path.join(o.folder, "model-%d.safetensors" % width)
        save_file({k: v.contiguous() for k, v in net.state_dict().items()}, model)
        memory = []

        def theirs():
            start = time.perf_counter()
            segment(net, path, *outputs)
            return time.perf_counter() - start

        def ours():
            start = time.perf_counter()
            memory.append(peak_mib([o.program, "segment", "--model", model, "--probability", outputs[1], path, outputs[0]],
                                   our_environment(o.threads)))
            return time.perf_counter() - start

        result = take_turns(theirs, ours, o.repetitions, warm=False)
        result.update(width=width, patch=EDGE, subject="scan", peak_mib=max(memory))
        results.append(result)
        print("width %2d, scan of 181x217x181  PyTorch %6.1f s   popcorn %6.1f s, %.0f MiB   ratio %.2f (%.2f...%.2f)" % (
            width, result["theirs"]["median"], result["ours"]["median"], max(memory), result["ratio"]["median"],
            result["ratio"]["low"], result["ratio"]["high"]), flush=True)
    if o.json:
        with open(o.json, "w") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
