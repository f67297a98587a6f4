#!/usr/bin/env python3
"""Takes the statistics of expert lesion masks that the phantom's lesions follow.

    lesion_statistics.py MASK_FOLDER > Sources/Core/Phantom/LesionTable.swift

Everything is in voxels of the masks' own grid. Lesion = 26-connected component. Nothing of a mask is kept but these
numbers. Elongation is the ratio of the largest to the middle and of the middle to the smallest standard deviation along
the principal axes (a voxel counts as a cube, hence + 1/12), for lesions of at least 20 voxels. Roughness is the number
of faces towards the background over that of a ball of the same volume (6 pi / 4 * d^2 faces on a lattice).
"""
import sys
from pathlib import Path

import nibabel
import numpy
from scipy import ndimage

SIZE_STEPS = [0, 10, 25, 50, 75, 90, 97, 100]
SHAPE_STEPS = [5, 25, 50, 75, 95]


def lesions_of(mask):
    labels, count = ndimage.label(mask, numpy.ones((3, 3, 3)))
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        yield labels[box] == number, numpy.array([s.start for s in box])


def elongation(part):
    points = numpy.argwhere(part).astype(float)
    spread = numpy.sqrt(numpy.linalg.eigvalsh(numpy.cov(points.T, bias=True) + numpy.eye(3) / 12))
    return spread[2] / spread[1], spread[1] / spread[0]


def roughness(part):
    padded = numpy.pad(part, 1).astype(int)
    faces = sum(numpy.abs(numpy.diff(padded, axis=axis)).sum() for axis in range(3))
    diameter = (6 * part.sum() / numpy.pi) ** (1 / 3)
    return faces / (6 * numpy.pi / 4 * diameter**2)


def swift_row(numbers, digits=None):
    return ", ".join(str(int(n)) if digits is None else f"{n:.{digits}f}" for n in numbers)


def main(folder):
    rows, long, flat, rough, centre_distance = [], [], [], [], []
    for path in sorted(Path(folder).glob("*_mask.nii.gz")):
        mask = numpy.asarray(nibabel.load(path).dataobj) > 0
        sizes = []
        for part, corner in lesions_of(mask):
            size = int(part.sum())
            sizes.append(size)
            if size >= 20:
                first, second = elongation(part)
                long.append(first)
                flat.append(second)
                rough.append(roughness(part))
            centre = numpy.argwhere(part).mean(axis=0) + corner
            centre_distance.append(numpy.linalg.norm(centre - (numpy.array(mask.shape) - 1) / 2))
        rows.append((len(sizes), sum(sizes), numpy.percentile(sizes, SIZE_STEPS)))
    rows.sort(key=lambda row: row[1])
    print("// Made by tools/phantom/lesion_statistics.py; not edited by hand.\n")
    print(f"/// Statistics of the lesions in {len(rows)} expert masks of MS patients (Lesjak et al., Neuroinformatics 2018,")
    print("/// doi:10.1007/s12021-017-9348-7, CC BY), in voxels of their grid. The masks themselves are not kept.")
    print("enum LesionTable {")
    print("  /// One patient: how many lesions, how many voxels they have together, and the sizes in voxels at the percentiles of `sizeSteps`.")
    print("  struct Patient: Sendable {\n    let lesions: Int\n    let voxels: Int\n    let sizes: [Float]\n  }\n")
    print(f"  static let sizeSteps: [Float] = [{swift_row(SIZE_STEPS)}]\n")
    print("  /// The patients by lesion volume, smallest first.")
    print("  static let patients: [Patient] = [")
    for count, voxels, sizes in rows:
        print(f"    Patient(lesions: {count}, voxels: {voxels}, sizes: [{swift_row(sizes, 1)}]),")
    print("  ]\n")
    print("  /// Percentiles at which the shapes below are given.")
    print(f"  static let shapeSteps: [Float] = [{swift_row(SHAPE_STEPS)}]")
    print("  /// Largest over middle standard deviation along the principal axes.")
    print(f"  static let lengthRatio: [Float] = [{swift_row(numpy.percentile(long, SHAPE_STEPS), 3)}]")
    print("  /// Middle over smallest standard deviation along the principal axes.")
    print(f"  static let flatness: [Float] = [{swift_row(numpy.percentile(flat, SHAPE_STEPS), 3)}]")
    print("  /// Faces towards the background over those of a ball of equal volume.")
    print(f"  static let roughness: [Float] = [{swift_row(numpy.percentile(rough, SHAPE_STEPS), 3)}]")
    print("  /// Distance of a lesion's centre to the centre of the grid, in voxels.")
    print(f"  static let centreDistance: [Float] = [{swift_row(numpy.percentile(centre_distance, SHAPE_STEPS), 1)}]")
    print("}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
