"""What this machine is, for figures that need their context."""

import os
import platform
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


def _cpuinfo(key: str) -> str:
    """The first value of a key that Linux tells of the processor; empty on other systems."""
    lines = _CPUINFO.read_text().splitlines() if _CPUINFO.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")


def native_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 by itself; False where the system does not tell."""
    flags = (_cpuinfo("flags") or _cpuinfo("Features")).split()
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags)


def device() -> str:
    """One line for people: processor, cores, native bfloat16 or not."""
    name = _cpuinfo("model name") or platform.processor() or platform.machine()
    bfloat16 = "native bfloat16" if native_bfloat16() else "no native bfloat16"
    return f"{name}, {os.cpu_count()} cores, {bfloat16}"
