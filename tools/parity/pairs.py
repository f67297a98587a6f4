"""Pairs of patches, of real scans or made up, and their tensors as both sides read them."""
import glob
import os

import numpy as np
import torch


def scan(data, number):
    """The intensities and mask of a labeled scan, (D, H, W), the highest peak of the intensities near 1."""
    import nibabel
    image = sorted(glob.glob(os.path.join(data, "labeled", "*_FLAIR.nii.gz")))[number]
    x = nibabel.load(image).get_fdata(dtype=np.float32).T
    y = (nibabel.load(image.replace("_FLAIR.nii.gz", "_mask.nii.gz")).get_fdata(dtype=np.float32).T > 0.5)
    return x / np.median(x[x > 0]), y.astype(np.float32)


def made_up(number, edge):
    """Smooth noise with bright boxes."""
    random = np.random.default_rng(number)
    x = random.normal(1, 0.15, (edge,) * 3).astype(np.float32)
    y = np.zeros_like(x)
    y[edge // 4:edge // 2, edge // 3:edge // 2, edge // 4:3 * edge // 4] = 1
    return x + 0.8 * y, y


def patch_of(x, y, edge):
    """The box with most lesion, by steps of half an edge, padded with zeros."""
    pad = [(0, max(edge - n, 0)) for n in x.shape]
    x, y = np.pad(x, pad), np.pad(y, pad)
    corners = [(a, b, c) for a in range(0, x.shape[0] - edge + 1, max(edge // 2, 1))
               for b in range(0, x.shape[1] - edge + 1, max(edge // 2, 1))
               for c in range(0, x.shape[2] - edge + 1, max(edge // 2, 1))]
    a, b, c = max(corners, key=lambda k: y[k[0]:k[0] + edge, k[1]:k[1] + edge, k[2]:k[2] + edge].sum())
    box = np.s_[a:a + edge, b:b + edge, c:c + edge]
    return x[box], y[box]


def pair_of(i, j):
    tensors = {"x.i": i[0], "y.i": i[1], "x.j": j[0], "y.j": j[1]}
    return {k: torch.from_numpy(np.ascontiguousarray(v))[None] for k, v in tensors.items()}


def blurred(patch):
    """The same patch at another image quality: the mean of three slices."""
    x, y = patch
    padded = np.pad(x, [(1, 1), (0, 0), (0, 0)], mode="edge")
    return ((padded[:-2] + padded[1:-1] + padded[2:]) / 3).astype(np.float32), y


def scans_in(data):
    return len(glob.glob(os.path.join(data, "labeled", "*_FLAIR.nii.gz")))
