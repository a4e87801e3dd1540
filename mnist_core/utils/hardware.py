"""The processor of this machine, as context for measured times."""

import os
import platform
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


def _cpuinfo(key: str) -> str:
    """Return the first value of a key in /proc/cpuinfo, or "" (always "" except on Linux)."""
    lines = _CPUINFO.read_text().splitlines() if _CPUINFO.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")


def native_bfloat16() -> bool:
    """Return whether the processor computes in bfloat16 natively; False where that is unknown."""
    flags = (_cpuinfo("flags") or _cpuinfo("Features")).split()
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags)


def describe_processor() -> str:
    """Return one line for people: processor, number of cores, native bfloat16 or not."""
    name = _cpuinfo("model name") or platform.processor() or platform.machine()
    bfloat16 = "native bfloat16" if native_bfloat16() else "no native bfloat16"
    return f"{name}, {os.cpu_count()} cores, {bfloat16}"
