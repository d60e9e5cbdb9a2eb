#!/usr/bin/env bash
# Build and run one benchmark; it prints one JSON object.
#   bash tests/bench/run.sh stem|genfire|denoise|order|atoms|md|report|beyond [options]
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${AETVAL_BUILD_DIR:-$top/build}
name=${1:-}
if [ -f "$top/tests/bench/${name}_bench.sh" ]; then # of the program as users run it
  shift
  bash "$top/.ci/setup.sh" >&2
  export AETVAL=${AETVAL:-$build/bin/aetval}
  exec bash "$top/tests/bench/${name}_bench.sh" "$@"
fi
[ -f "$top/tests/bench/${name}_bench.cpp" ] || {
  echo "there is no benchmark '$name'; there are: $(cd "$top/tests/bench" && ls ./*_bench.* | sed -E 's#\./(.*)_bench\..*#\1#' | tr '\n' ' ')" >&2
  exit 2
}
shift
bash "$top/.ci/setup.sh" --tests >&2
targets=("bench_$name")
[ "$name" = order ] && targets+=(aetval) # its part "chain" runs the program
cmake --build "$build" --target "${targets[@]}" >&2
exec "$build/bin/bench_$name" "$@"
