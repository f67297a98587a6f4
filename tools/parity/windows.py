"""Probabilities of volumes larger than a patch: the mean of overlapping windows, numpy around PyTorch."""
import glob
import os
import subprocess

import nibabel
import numpy as np
import torch
from safetensors.torch import load_file, save_file

from popcorn_torch import UNet
from report import judge

LIMIT = 3e-5


def starts(length, edge, stride):
    """Where windows begin along an axis; the last is moved back to the axis' end."""
    axis = list(range(0, max(length - edge, 0) + 1, stride))
    return axis if axis[-1] + edge >= length else axis + [length - edge]


def mean_of_windows(net, x, edge, stride):
    """Lesion probability of a volume (D, H, W); an axis shorter than a window is padded with zeros."""
    padded = np.pad(x, [(0, max(edge - n, 0)) for n in x.shape])
    total, count = np.zeros_like(padded), np.zeros_like(padded)
    along = [starts(n, edge, stride) for n in padded.shape]
    with torch.no_grad():
        for corner in np.stack(np.meshgrid(*along, indexing="ij"), -1).reshape(-1, 3):
            box = tuple(slice(n, n + edge) for n in corner)
            total[box] += net(torch.from_numpy(padded[box].copy())[None, None])[0][0, 1].numpy()
            count[box] += 1
    return (total / count)[tuple(slice(0, n) for n in x.shape)]


def hold_window(case, x, edge, stride):
    volume, out = os.path.join(case.folder, "volume"), os.path.join(case.folder, "probability")
    save_file({"volume": torch.from_numpy(np.ascontiguousarray(x))}, volume)
    subprocess.run([case.program, "parity", "window", case.model, volume, out, "--patch", str(edge),
                    "--stride", str(stride)], check=True)
    theirs = mean_of_windows(case.net(torch.float32), x, edge, stride)
    judge("width %d: window of %s voxels, largest difference of probabilities" % (
        case.width, "x".join(map(str, x.shape))),
        float(np.abs(load_file(out)["probability"].numpy() - theirs).max()), LIMIT)


def smallest_scan(data, folder):
    """The path of the labeled scan with fewest voxels; without data, of one that is made up."""
    if data:
        scans = sorted(glob.glob(os.path.join(data, "labeled", "*_FLAIR.nii.gz")))
        return min(scans, key=lambda path: np.prod(nibabel.load(path).shape))
    path = os.path.join(folder, "made-up_FLAIR.nii.gz")
    values = np.random.default_rng(0).gamma(2, 50, (70, 61, 29)).astype(np.float32)
    nibabel.save(nibabel.Nifti1Image(values, np.diag([1, 1, 3, 1])), path)
    return path


def hold_scan(program, model, path, folder, edge, stride):
    """A whole scan by `popcorn segment --raw`, and by Python alone from the same two files."""
    out = os.path.join(folder, "scan.nii.gz")
    subprocess.run([program, "segment", "--raw", "--model", model, "--patch", str(edge), "--stride",
                    str(stride), path, out], check=True, stdout=subprocess.DEVNULL)
    state = load_file(model)
    width = state["encoder.0.conv1.weight"].shape[0]
    net = UNet(width)
    net.load_state_dict(state)
    theirs = mean_of_windows(net.eval(), nibabel.load(path).get_fdata(dtype=np.float32).T, edge, stride)
    ours = nibabel.load(out).get_fdata(dtype=np.float32).T
    judge("width %d: a scan of %s voxels, segment --raw to load_file() in Python, probabilities" % (
        width, "x".join(map(str, theirs.shape))), float(np.abs(ours - theirs).max()), LIMIT)
