#!/usr/bin/env python3
"""Stands in for popcorn-admit: a "scan" is a line of JSON and padding up to its "length"."""
import hashlib
import json
import os
import signal
import sys

content = sys.stdin.buffer.read()
role = sys.argv[sys.argv.index("--role") + 1]


def answer(outcome, **fields):
    verdict = {"outcome": outcome, "numbers": [], "normalisations": [], "warnings": []}
    verdict.update(fields)
    sys.stderr.write(json.dumps(verdict) + "\n")
    sys.exit(0)


if not content:
    answer("wait", reason="EMPTY_FILE")
if content.startswith(b"CRASH"):
    os.kill(os.getpid(), signal.SIGSEGV)
head = content.split(b"\n", 1)[0]
try:
    scan = json.loads(head)
except ValueError:
    answer("reject", reason="NOT_NIFTI", numbers=[{"name": "looks", "value": "text"}])
if len(content) < scan.get("length", 0):
    answer("wait", reason="INCOMPLETE", numbers=[{"name": "have", "value": str(len(content))}])
if scan.get("hold"):
    hold = scan["hold"]
else:
    hold = None
voxels = hashlib.sha256(scan["voxels"].encode()).hexdigest()
canonical = json.dumps({"role": role, "voxels": scan["voxels"], "size": scan["size"]}).encode() + b"\n"
sys.stdout.buffer.write(canonical)
sys.stdout.buffer.flush()
answer(
    "hold" if hold else "accept",
    **({"reason": hold} if hold else {}),
    inputDigest=hashlib.sha256(content).hexdigest(),
    voxelDigest=voxels,
    canonicalDigest=hashlib.sha256(canonical).hexdigest(),
    geometry={"size": scan["size"], "affine": scan.get("affine", [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])},
    axisCodes="RAS",
    foreground=scan.get("foreground", 7),
    **({"ownCase": scan["ownCase"]} if "ownCase" in scan else {}),
)
