#!/usr/bin/env bash
# Installs what is missing, builds, and runs the unit, regression and lint tests.
#   bash tests/run.sh [ARGUMENTS OF ctest]
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bash "$top/.ci/setup.sh" --tests
# Tests use threads and MPI ranks themselves, so two at a time on two cores; validation runs are asked for by name.
exec ctest --test-dir "${AETVAL_BUILD_DIR:-$top/build}" --output-on-failure -j "$(nproc)" -LE validation "$@"
