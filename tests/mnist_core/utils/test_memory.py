"""Memory that goes back to the system: the process holds less, and all of it still works."""

import subprocess
import sys

import pytest

SCRIPT = """
import re, mmap, sys
from pathlib import Path
import numpy as np
from mnist_core.utils.memory import release_memory

def held():
    return int(re.search(r"RssFile:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

path = Path(sys.argv[1])
path.write_bytes(bytes(range(256)) * 80_000)  # 20 MB
with path.open("rb") as file:
    mapped = mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ)
seen = np.frombuffer(mapped, np.uint8).sum(dtype=np.int64)
before = held()
release_memory()
assert before - held() > 19_000, (before, held())
assert np.frombuffer(mapped, np.uint8).sum(dtype=np.int64) == seen == 127.5 * 256 * 80_000
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is given back")
def test_what_was_read_of_a_file_goes_back_and_can_be_read_again(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "file")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is handed back")
def test_handing_back_drops_files_and_changes_nothing():
    code = """if True:
        import numpy, psutil
        from mnist_core.utils.memory import release_memory
        held = psutil.Process().memory_info
        numbers = numpy.arange(1_000_000)
        before = held()
        release_memory()
        after = held()
        assert after.shared < before.shared / 2, (before, after)
        assert numbers.sum() == 499_999_500_000
        assert numpy.linalg.norm(numpy.ones((50, 50)) @ numpy.ones((50, 50))) == 2500
    """
    subprocess.run([sys.executable, "-c", code], check=True)
