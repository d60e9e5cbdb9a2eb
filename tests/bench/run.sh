#!/usr/bin/env bash
# Build and run one benchmark; it prints one JSON object.
#   bash tests/bench/run.sh stem|genfire|denoise|order|atoms|md|report [options]
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${AETVAL_BUILD_DIR:-$top/build}
name=${1:-}
[ -f "$top/tests/bench/${name}_bench.cpp" ] || {
  echo "there is no benchmark '$name'; there are: $(cd "$top/tests/bench" && ls ./*_bench.cpp | sed -E 's#\./(.*)_bench.cpp#\1#' | tr '\n' ' ')" >&2
  exit 2
}
shift
bash "$top/.ci/setup.sh" --tests >&2
targets=("bench_$name")
[ "$name" = order ] && targets+=(aetval) # its part "chain" runs the program
cmake --build "$build" --target "${targets[@]}" >&2
exec "$build/bin/bench_$name" "$@"
