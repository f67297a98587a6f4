#!/usr/bin/env python3
"""Stands in for popcorn-admit: a "scan" is a line of JSON and padding up to its "length"; of a "pair" the padding is in
the second file."""
import hashlib
import json
import os
import signal
import sys
import time

content = sys.stdin.buffer.read()
role = sys.argv[sys.argv.index("--role") + 1]


def answer(outcome, **fields):
    verdict = {"outcome": outcome, "numbers": [], "normalisations": [], "warnings": []}
    verdict.update(fields)
    sys.stderr.write(json.dumps(verdict) + "\n")
    sys.exit(0)


if "--compare" in sys.argv:
    # A mask whose "voxels" begin with "elsewhere" has nothing in common with any other; with "none" it is empty.
    other = os.fdopen(3, "rb").read()
    first, second = (0 if b'"voxels": "none' in mask else 2000 for mask in (content, other))
    both = 0 if 0 in (first, second) or json.loads(content)["voxels"].startswith("elsewhere") else 1500
    answer("accept", overlap={"first": first, "second": second, "both": both if other else -1})
if not content:
    answer("wait", reason="EMPTY_FILE")
if content.startswith(b"CRASH"):
    os.kill(os.getpid(), signal.SIGSEGV)
if content.startswith(b"KILL"):
    os.kill(os.getpid(), signal.SIGKILL)
if content.startswith(b"SLEEP"):
    time.sleep(3600)
if content.startswith(b"BROKEN"):
    answer("wait", reason="IO_ERROR", numbers=[{"name": "errno", "value": "5"}])
head = content.split(b"\n", 1)[0]
try:
    scan = json.loads(head)
except ValueError:
    answer("reject", reason="NOT_NIFTI", numbers=[{"name": "looks", "value": "text"}])
digests = {"inputDigest": hashlib.sha256(content).hexdigest()}
padded = content
if scan.get("pair"):
    try:
        padded = os.fdopen(3, "rb").read()
    except OSError:
        answer("wait", reason="PAIR_HALF")
    digests["inputDigest"] = hashlib.sha256(content + padded).hexdigest()
    digests["partDigests"] = [hashlib.sha256(part).hexdigest() for part in (content, padded)]
if len(padded) < scan.get("length", 0):
    numbers = [{"name": "have", "value": f"{len(padded)} B"}, {"name": "need", "value": f"{scan['length']} B"}]
    answer("wait", reason="INCOMPLETE", numbers=numbers, **digests)
hold = "OWN_OUTPUT" if role == "scan" and "ownCase" in scan else scan.get("hold") or scan.get(f"hold as {role}")
if hold and (hold != "FOV" or "--released" not in sys.argv):
    answer("hold", reason=hold, isReleasable=hold == "FOV", **digests)
voxels = hashlib.sha256(scan["voxels"].encode()).hexdigest()
canonical = json.dumps({"role": role, "voxels": scan["voxels"], "size": scan["size"]}).encode() + b"\n"
sys.stdout.buffer.write(canonical)
sys.stdout.buffer.flush()
answer(
    "accept",
    **digests,
    warnings=scan.get("warnings", []),
    voxelDigest=voxels,
    canonicalDigest=hashlib.sha256(canonical).hexdigest(),
    geometry={"size": scan["size"], "affine": scan.get("affine", [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])},
    axisCodes="RAS",
    foreground=scan.get("foreground", 7),
    **({"ownCase": scan["ownCase"]} if "ownCase" in scan else {}),
)
