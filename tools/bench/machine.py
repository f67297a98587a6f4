#!/usr/bin/env python3
"""What machine this is, as JSON."""
import datetime
import json
import os

import torch

with open("/proc/cpuinfo") as file:
    lines = file.read().splitlines()


def field(name):
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "")


wide = [name for name in ("avx2", "avx512f", "amx_tile") if name in field("flags").split()]
print(json.dumps({
    "date": datetime.date.today().isoformat(), "threads": 2, "processors": os.cpu_count(),
    "processor": "%s (family %s, model %s; %s)" % (
        field("model name"), field("cpu family"), field("model"), ", ".join(wide)), "torch": torch.__version__}))
