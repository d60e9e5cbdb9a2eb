#!/usr/bin/env bash
# Images do not depend on how many processes and threads share the work, nor on a stop in between.
#   ranks.sh PATH_OF_AETVAL
set -eu
AETVAL=$1
command -v mpirun >/dev/null || { echo "skipped: mpirun is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >case.toml <<'TOML'
seed = 5
[truth]
source = "particle"
elements = "Pt"
atoms = 38
[images]
pixels = 32
pixel_a = 0.5
tilt_count = 3
phonon_configurations = 2
u_rms_a = 0.07
[images.detector]
further_mrad = [0, 30]
TOML
"$AETVAL" build case.toml --out atoms.xyz >log 2>&1 || { cat log; exit 1; }
launch() { OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n "$@"; }
mkdir one two three killed
"$AETVAL" image atoms.xyz --case case.toml --out one/t.mrc --threads 2 >>log 2>&1 || { cat log; exit 1; }
launch 2 "$AETVAL" image atoms.xyz --case case.toml --out two/t.mrc --threads 1 >>log 2>&1 || { cat log; exit 1; }
launch 3 "$AETVAL" image atoms.xyz --case case.toml --out three/t.mrc >>log 2>&1 || { cat log; exit 1; }

# Killed as soon as a first piece of work is on disk; then finished by two.
"$AETVAL" image atoms.xyz --case case.toml --out killed/t.mrc --threads 1 >>log 2>&1 &
pid=$!
for _ in $(seq 3000); do
  ls killed/partial-*/*.mrc >/dev/null 2>&1 && break
  sleep 0.01
done
kill -9 $pid
wait $pid 2>/dev/null || true
kept=$(find killed -name '*.mrc' | head -n 1)
stamp=$(stat -c %Y.%i "$kept")
launch 2 sh -c "sleep 0.1; exec \"$AETVAL\" image atoms.xyz --case case.toml --out killed/t.mrc" >>log 2>&1 || { cat log; exit 1; }

for other in two three killed; do
  for file in one/*; do
    cmp "$file" "$other/$(basename "$file")" || { echo "FAIL: $other differs in $(basename "$file")"; exit 1; }
  done
  [ "$(ls one | wc -l)" = "$(ls $other | wc -l)" ] || { echo "FAIL: $other holds other files:"; ls $other; exit 1; }
done
[ -f "one/t_0-30mrad.mrc" ] || { echo "FAIL: the further detector was not written"; exit 1; }
echo "$(ls one | wc -l) files agree (first checkpoint $stamp kept)"

# An error of one is an error of all, with its exit code.
code=0
launch 2 "$AETVAL" image missing.xyz --case case.toml --out x.mrc >error 2>&1 || code=$?
[ $code -eq 3 ] && grep -q "missing.xyz" error || { echo "FAIL: exit code $code"; cat error; exit 1; }
