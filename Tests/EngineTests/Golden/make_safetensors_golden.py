#!/usr/bin/env python3
"""Makes python.safetensors: a file as Hugging Face's own library writes it.

  make_safetensors_golden.py python.safetensors        (needs numpy and safetensors)
"""
import sys
import numpy as np
from safetensors.numpy import save_file

save_file(
    {
        "encoder.0.conv1.weight": np.arange(-8, 46, dtype=np.float32).reshape(2, 1, 3, 3, 3) / 8,
        "encoder.0.conv1.bias": np.array([0.5, -1.25], dtype=np.float32),
        "läsion/\"quoted\"": np.array([1e-300, -2.5, 1e300], dtype=np.float64),
        "empty": np.zeros((0, 3), dtype=np.float32),
    },
    sys.argv[1],
    {"format": "np", "width": "24"},
)
