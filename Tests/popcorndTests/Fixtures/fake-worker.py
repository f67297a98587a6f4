#!/usr/bin/env python3
"""Stands in for `popcorn worker`: every file it writes is a hash of what it read, so that equal runs end equal."""
import hashlib
import json
import os
import queue
import signal
import struct
import sys
import threading
import time

STEPS = int(os.environ.get("FAKE_STEPS", "5"))
PAUSE = float(os.environ.get("FAKE_PAUSE", "0.02"))


# `preparing`: dies before the first step of training; `second`: of every training but the first; `steps`: after each of the first three of the first cycle;
# `checkpoint`: can go on from no checkpoint, not even where there is none.
DEATH = os.environ.get("FAKE_DEATH")


def say(number, name, content):
    sys.stdout.write(json.dumps({"id": number, "content": {name: content}}) + "\n")
    sys.stdout.flush()


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def write(path, content):
    with open(path + ".partial", "wb") as file:
        file.write(content)
    os.rename(path + ".partial", path)
    return hashlib.sha256(content).hexdigest()


def latent(seed):
    return struct.pack("<4f", *[byte / 16 for byte in hashlib.sha256(seed.encode()).digest()[:4]])


def figures(mask, probability=None, voxels=None):
    return {
        "maskDigest": mask, "probabilityDigest": probability, "voxelDigest": voxels, "lesionCount": 2, "voxelCount": 9,
        "volumeMl": 0.009, "largestMl": 0.005, "meanProbability": 0.75, "preparation": [{"name": "axes", "figures": {"flips": 0}}],
        "warnings": [],
    }


IDENTITY = {"version": "fake", "isa": "generic", "threads": 1, "oneDNN": "none"}


def draft(number, order):
    scan = json.loads(open(order["scan"]["scan"]).readline())
    if scan["voxels"].startswith("crash"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if scan["voxels"].startswith("slow"):
        time.sleep(3600)
    if scan["voxels"].startswith("head") and not order["scan"].get("brain"):
        return say(number, "failed", {"reason": "NO_BRAIN", "text": "all of it is bright"})
    once = order["latentPath"] + ".full"
    if scan["voxels"].startswith("full") and not os.path.exists(once):
        write(once, b"")
        return say(number, "failed", {"reason": "DISK_FULL", "text": "no room"})
    if digest_of(order["model"]) != os.path.basename(order["model"])[:64]:
        return say(number, "failed", {"reason": "MODEL_DAMAGED", "text": "not what its name says"})
    seed = digest_of(order["scan"]["scan"]) + digest_of(order["model"])
    if order["scan"].get("brain"):
        seed += digest_of(order["scan"]["brain"])
    mask = write(order["maskPath"], b"mask " + seed.encode())
    probability = None
    if order.get("probabilityPath"):
        probability = write(order["probabilityPath"], b"probability " + seed.encode())
    write(order["latentPath"], latent(seed))
    voxels = hashlib.sha256(("draft of " + scan["voxels"]).encode()).hexdigest()
    measured = figures(mask, probability, voxels)
    if scan["voxels"].startswith("big"):
        measured["volumeMl"] = 2.5
    say(number, "drafted", {"_0": measured})


def proximities(pool, trusted, neighbours):
    def read(member):
        with open(member["latent"], "rb") as file:
            return struct.unpack("<4f", file.read())

    known = [(member["id"], read(member)) for member in trusted]
    ordered = []
    for member in pool:
        here = read(member)
        near = sorted((sum((a - b) ** 2 for a, b in zip(here, there)) ** 0.5, name) for name, there in known)
        near = near[:neighbours]
        ordered.append({
            "id": member["id"], "sum": sum(distance for distance, _ in near),
            "nearest": [{"id": name, "distance": distance} for distance, name in near],
        })
    return sorted(ordered, key=lambda figure: (figure["sum"], figure["id"]))


def is_native(case):
    return json.loads(open(case["scan"]).readline())["voxels"].startswith("head") and not case.get("brain")


def train(number, folder, paused):
    order = json.load(open(folder + "/cycle.json"))
    native = [case["id"] for case in order["trainingSet"] + order["holdout"] if is_native(case)]
    if native:
        found = [{"id": name, "reason": "NO_BRAIN", "text": "all of it is bright"} for name in native]
        return say(number, "unusable", {"_0": found})
    checkpoint = folder + "/checkpoint"
    known = open(checkpoint).read() if os.path.exists(checkpoint) else "0"
    if DEATH == "checkpoint" or not known.isdecimal():
        return say(number, "failed", {"reason": "CHECKPOINT_UNREADABLE", "text": "the checkpoint is of another version"})
    done = int(known)
    say(number, "progress", {"_0": {"phase": "preparing", "step": 0, "epoch": 0, "done": 0, "total": 0}})
    if order.get("model") and digest_of(order["model"]) != os.path.basename(order["model"])[:64]:
        return say(number, "failed", {"reason": "MODEL_DAMAGED", "text": "not what its name says"})
    if DEATH == "preparing" or DEATH == "second" and order.get("model"):
        os.kill(os.getpid(), signal.SIGKILL)
    while done < STEPS:
        if paused.is_set():
            paused.clear()
            say(number, "paused", {})
            return
        while not requests.empty():
            handle(*requests.get())
        time.sleep(PAUSE)
        done += 1
        write(checkpoint, str(done).encode())
        say(number, "progress", {"_0": {
            "phase": "training", "step": 1, "epoch": 1, "done": done, "total": STEPS, "loss": 1 / done,
            "consistency": 0.1, "secondsLeft": (STEPS - done) * PAUSE}})
        if DEATH == "steps" and done <= 3 and not order.get("model"):
            os.kill(os.getpid(), signal.SIGKILL)
    seed = digest_of(order["model"]) if order.get("model") else "first"
    for case in order["trainingSet"]:
        seed += case["id"] + "".join(digest_of(mask["path"]) for mask in case["masks"])
    os.makedirs(folder + "/latents", exist_ok=True)
    for case in order["trainingSet"] + order["pool"]:
        write(f"{folder}/latents/{case['id']}.f32", latent(seed + case["id"]))
    unreadable = [case for case in order["pool"] if b'"unreadable' in open(case["scan"], "rb").read()]
    pool = [case for case in order["pool"] if case not in unreadable]
    # The compared methods label nothing of the pool.
    chosen = pool[: order["settings"]["selectPerStep"]] if "popcorn" in order["settings"]["strategy"] else []
    selections = []
    for rank, case in enumerate(chosen, 1):
        mask = write(f"{folder}/{case['id']}-mask", b"pseudo " + (seed + case["id"]).encode())
        write(f"{folder}/{case['id']}-reference", b"reference " + (seed + case["id"]).encode())
        selections.append({
            "proximity": {"id": case["id"], "sum": float(rank), "nearest": []}, "step": 1, "rank": rank,
            "referenceMask": f"{folder}/{case['id']}-reference", "mask": f"{folder}/{case['id']}-mask",
            "figures": figures(mask)})
    model = write(folder + "/model.safetensors", b"model " + hashlib.sha256(seed.encode()).hexdigest().encode())
    write(folder + "/optimizer.safetensors", b"optimizer " + hashlib.sha256(seed.encode()).hexdigest().encode())
    outcome = os.environ.get("FAKE_OUTCOME", "publish")
    incidents = [] if outcome != "diverged" else [{
        "reason": "TRAIN_DIVERGED", "at": 3, "backTo": 0, "learningRate": 1e-5,
        "cases": [case["id"] for case in order["trainingSet"][:2]]}]
    result = {
        "outcome": outcome, "words": "as good as before", "model": folder + "/model.safetensors",
        "modelDigest": model, "optimizer": folder + "/optimizer.safetensors", "latents": folder + "/latents",
        "gate": [{"id": case["id"], "after": 0.7} for case in order["holdout"]], "selections": selections,
        "incidents": incidents, "leftOut": [{"id": case["id"], "words": "the gzip stream ends early"} for case in unreadable],
        "optimizerSteps": STEPS, "finalLoss": 0.5, "worker": IDENTITY}
    write(folder + "/result.json", json.dumps(result).encode())
    say(number, "trained", {"_0": result})


def handle(number, content):
    (name, fields), = content.items()
    if name == "draft":
        draft(number, fields["_0"])
    elif name == "order":
        order = fields["_0"]
        say(number, "ordered", {"_0": proximities(order["pool"], order["trusted"], order["neighbours"])})
    elif name == "train":
        train(number, fields["directory"], paused)
    elif name == "stop":
        sys.exit(0)


requests = queue.Queue()
paused = threading.Event()


def listen():
    for line in sys.stdin:
        envelope = json.loads(line)
        if "pause" in envelope["content"]:
            paused.set()
            continue
        if "stop" in envelope["content"]:
            os._exit(0)
        requests.put((envelope["id"], envelope["content"]))
    os._exit(0)


threading.Thread(target=listen, daemon=True).start()
say(0, "ready", {"_0": IDENTITY})
while True:
    handle(*requests.get())
