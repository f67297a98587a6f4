"""Makes the fixtures of ImagingTests with nibabel, NumPy and SciPy: python3 make_fixtures.py (in this folder)."""
import base64
import gzip
import io
import json

import nibabel as nib
import numpy as np
from scipy import ndimage, stats

rng = np.random.default_rng(20211014)


def b64(data):
    return base64.b64encode(data).decode()


def floats(array):
    return b64(np.asarray(array, "<f4").ravel(order="F").tobytes())


def serialise(image, packed=False):
    data = image.to_bytes()
    return gzip.compress(data, mtime=0) if packed else data


AFFINE = np.array([[-1.5, 0.1, 0, 10], [0.1, 2, 0.2, -20], [0, -0.2, 2.5, 30], [0, 0, 0, 1]])


def datatypes():
    cases = []
    for kind in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"]:
        if kind[0] == "f":
            data = rng.normal(0, 1000, (5, 4, 3))
        else:
            info = np.iinfo(kind)
            # Within the range that a float and the intake's limit can tell apart.
            low, high = max(info.min, -(10**14)), min(info.max, 10**14)
            data = rng.integers(low, high, (5, 4, 3), endpoint=True, dtype="i8" if low < 0 else "u8")
        for order in "<>":
            for version, maker, header in (
                (1, nib.Nifti1Image, nib.Nifti1Header), (2, nib.Nifti2Image, nib.Nifti2Header)):
                for packed in (False, True):
                    slope, inter = [(1, 0), (0.5, 10), (-2, 3)][len(cases) % 3]
                    head = header(endianness=order)
                    head.set_data_dtype(np.dtype(kind).newbyteorder(order))
                    image = maker(data.astype(np.dtype(kind).newbyteorder(order)), AFFINE, head)
                    image.header.set_slope_inter(slope, inter)
                    stored = bytearray(image.header.binaryblock)
                    raw = np.asarray(image.dataobj).astype(np.dtype(kind).newbyteorder(order)).tobytes(order="F")
                    content = bytes(stored) + b"\0\0\0\0" + raw
                    # nibabel's own reading of these bytes is the truth.
                    head = header(bytes(stored), endianness=order)
                    head["vox_offset"] = len(stored) + 4
                    head["magic"] = b"n+1" if version == 1 else b"n+2"
                    head["scl_slope"], head["scl_inter"] = slope, inter
                    content = head.binaryblock + b"\0\0\0\0" + raw
                    read = maker.from_bytes(content)
                    cases.append({
                        "name": f"{kind} {'little' if order == '<' else 'big'} nifti{version}{' gz' if packed else ''}",
                        "file": b64(gzip.compress(content, mtime=0) if packed else content),
                        "size": list(read.shape), "values": floats(read.get_fdata().astype("f4")),
                        "affine": list(read.affine[:3].ravel())})
    return cases


def rotation(quaternion):
    return nib.quaternions.quat2mat(quaternion)


def geometries():
    cases = []
    for index in range(40):
        head = nib.Nifti1Header()
        head.set_data_dtype("u1")
        head.set_data_shape((4, 5, 6))
        zooms = rng.uniform(0.4, 4, 3)
        head["pixdim"][:4] = [rng.choice([-1, 1]), *zooms]
        vector = rng.normal(size=4)
        vector /= np.linalg.norm(vector)
        if index % 5 == 0:
            vector[0] = 0  # a half turn
            vector /= np.linalg.norm(vector)
        vector *= np.sign(vector[0]) or 1
        head["quatern_b"], head["quatern_c"], head["quatern_d"] = vector[1:]
        head["qoffset_x"], head["qoffset_y"], head["qoffset_z"] = rng.uniform(-200, 200, 3)
        head["qform_code"] = [1, 0, 1][index % 3]
        head["sform_code"] = [0, 2, 4][index % 3]
        sform = np.eye(4)
        sform[:3, :3] = rotation(rng.normal(size=4)) @ np.diag(zooms)
        sform[:3, 3] = rng.uniform(-200, 200, 3)
        head.set_sform(sform, code=int(head["sform_code"]))
        head["magic"] = b"n+1"
        head["vox_offset"] = 352
        content = head.binaryblock + bytes(4 + 120)
        affine = nib.Nifti1Header(content[:348]).get_best_affine()
        cases.append({
            "name": f"random {index}", "file": b64(content), "affine": list(affine[:3].ravel()),
            "codes": "".join(nib.aff2axcodes(affine))})
    return cases


def components():
    cases = []
    for density in (0.05, 0.2, 0.35):
        mask = (rng.random((17, 13, 11)) < density).astype("u1")
        counts = []
        for connectivity in (1, 2, 3):
            labels, count = ndimage.label(mask, ndimage.generate_binary_structure(3, connectivity))
            sizes = sorted(np.bincount(labels.ravel())[1:].tolist())
            counts.append({"connectivity": {1: 6, 2: 18, 3: 26}[connectivity], "count": count, "sizes": sizes})
        cases.append({"size": list(mask.shape), "mask": b64(mask.tobytes(order="F")), "answers": counts})
    return cases


def peaks():
    """The mode of a Gaussian kernel density of bandwidth q/80, on a fine grid: what the histogram stands for."""
    cases = []
    for shares, means, widths in (
            ((0.6, 0.3, 0.1), (100, 70, 20), (9, 8, 10)), ((0.3, 0.65, 0.05), (400, 250, 1500), (30, 25, 200)),
            ((0.9, 0.1), (0.7, 0.2), (0.05, 0.08))):
        values = np.concatenate([
            rng.normal(mean, width, int(6000 * share)) for share, mean, width in zip(shares, means, widths)])
        values = values.astype("f4")
        values = values[values > 0]
        q = np.percentile(values, 99)
        kept = values[values <= q].astype("f8")
        grid = np.linspace(0, q, 4001)
        density = stats.gaussian_kde(kept, bw_method=(q / 80) / kept.std(ddof=1))(grid)
        cases.append({"values": floats(values), "peak": float(grid[density.argmax()]), "q": float(q)})
    return cases


for name, make in (
        ("datatypes", datatypes), ("geometries", geometries), ("components", components), ("peaks", peaks)):
    with io.open(f"{name}.json", "w") as file:
        json.dump(make(), file, indent=0)
        file.write("\n")
