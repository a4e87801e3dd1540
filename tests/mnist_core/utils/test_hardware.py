"""The processor as Linux describes it, and on a system that does not."""

import pytest

from mnist_core.utils import hardware

INTEL = """processor\t: 0
model name\t: Intel(R) Xeon(R) Platinum 8481C CPU
flags\t\t: fpu sse2 avx512f {flags}

processor\t: 1
model name\t: another
"""


@pytest.fixture
def cpuinfo(tmp_path, monkeypatch):
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(hardware, "_CPUINFO", path)
    return path


@pytest.mark.parametrize(
    ("text", "native"),
    [
        (INTEL.format(flags="avx512_bf16"), True),
        (INTEL.format(flags="amx_bf16 amx_tile"), True),
        (INTEL.format(flags="avx512_vnni"), False),
        ("Features\t: fp asimd bf16\n", True),
    ],
)
def test_bfloat16_is_native_where_a_flag_says_so(cpuinfo, text, native):
    cpuinfo.write_text(text)
    assert hardware.native_bfloat16() is native


def test_a_device_is_named_with_its_cores(cpuinfo, monkeypatch):
    monkeypatch.setattr(hardware.os, "cpu_count", lambda: 4)
    cpuinfo.write_text(INTEL.format(flags=""))
    words = "Intel(R) Xeon(R) Platinum 8481C CPU, 4 cores, no native bfloat16"
    assert hardware.describe_processor() == words


def test_a_system_that_does_not_tell_has_a_name_too(cpuinfo, monkeypatch):
    monkeypatch.setattr(hardware.platform, "processor", lambda: "")
    monkeypatch.setattr(hardware.platform, "machine", lambda: "arm64")
    assert hardware.describe_processor().startswith("arm64, ")
    assert not hardware.native_bfloat16()
