"""Test accuracy and seconds of the presets `fast` and `accurate` over several seeds.

python -m benchmarks.recipes [--seeds 3]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from statistics import mean


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = parser.parse_args().seeds
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = os.environ | {"MNIST_DATABASE_URL": f"sqlite:///{folder}/runs.db"}
        for name in ("fast", "accurate"):
            runs = []
            for seed in range(seeds):
                command = [sys.executable, "-m", "mnist_core", "train", name, "--json"]
                command += ["--seed", str(seed)]
                done = subprocess.run(
                    command, capture_output=True, text=True, check=True, env=environment
                )
                runs.append(json.loads(done.stdout))
            accuracies = ", ".join(f"{run['test_accuracy']:.2%}" for run in runs)
            print(
                f"{name}: {accuracies}; mean {mean(run['test_accuracy'] for run in runs):.3%}; "
                f"{mean(run['seconds'] for run in runs):.1f} s a run",
                flush=True,
            )


if __name__ == "__main__":
    main()
