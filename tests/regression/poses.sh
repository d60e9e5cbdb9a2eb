#!/usr/bin/env bash
# inputs/misaligned.toml, made small: errors of the microscope go in, registration, alignment and refinement take
# them out, and the score says so. Then a reconstruction is killed and goes on to the same bytes.
#   poses.sh PATH_OF_AETVAL PATH_OF_CHECK_SCHEMA
set -eu
AETVAL=$1
CHECK_SCHEMA=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $1"; [ ! -e "$work/log" ] || tail -n 30 "$work/log"; exit 1; }

# Kinematic images and half the size: seconds instead of minutes.
sed -e 's/^method = "fast"/method = "kinematic"/' -e 's/^atoms = .*/atoms = 79/' -e 's/^pixels = .*/pixels = 48/' \
  -e 's/^tilt_count = .*/tilt_count = 21/' -e 's/^refine = "all"/&\nvolume_iterations = 20\nrounds = 5/' \
  -e 's/^\(volume_angle_error_deg_max\) = .*/\1 = 0.4/' "$here/../../inputs/misaligned.toml" >"$work/case.toml"
"$AETVAL" run "$work/case.toml" --out "$work/run" --threads 2 >"$work/log" 2>&1 || fail "the run did not pass"
"$CHECK_SCHEMA" scores "$work/run/scores.json" && "$CHECK_SCHEMA" manifest "$work/run/manifest.json" || fail "a file is not as its schema says"
figure() { grep -oE "\"$1\": *[0-9.e+-]+" "$work/run/scores.json" | head -n1 | sed "s/.*: *//"; }
for pair in "angle_error_given_deg angle_error_deg" "shift_error_given_px shift_error_px"; do
  read -r given left <<<"$pair"
  awk -v a="$(figure "$given")" -v b="$(figure "$left")" 'BEGIN { exit !(b > 0 && b < 0.6 * a) }' ||
    fail "$left is $(figure "$left"), $given $(figure "$given")"
done
grep -q "turn_deg" "$work/run/aligned/t000_fit.json" || fail "no change per tilt is reported"
grep -q "resolution_0.143_a" "$work/run/volume/t000.json" || fail "no half-set FSC is reported"

# Killed while iterating, started again.
series=$work/run/tilts/t000.mrc
settings=(--oversampling 4 --iterations 400 --no-fsc --denoise none)
reconstruct() { "$AETVAL" reconstruct "$series" "${settings[@]}" "$@" >>"$work/log" 2>&1; }
reconstruct --out "$work/whole.mrc" --threads 2 || fail "no volume"
"$AETVAL" reconstruct "$series" "${settings[@]}" --out "$work/killed.mrc" --threads 1 >>"$work/log" 2>&1 &
pid=$!
for _ in $(seq 2000); do
  [ -e "$work/killed.mrc.partial" ] && break
  kill -0 $pid 2>/dev/null || break
  sleep 0.01
done

kill -9 $pid 2>/dev/null || fail "it ended before it could be killed"
wait $pid 2>/dev/null || true
[ -e "$work/killed.mrc.partial" ] && [ ! -e "$work/killed.mrc" ] || fail "no state was left behind"
reconstruct --out "$work/killed.mrc" --threads 2 || fail "it does not go on"
cmp "$work/whole.mrc" "$work/killed.mrc" || fail "the resumed volume differs"
[ ! -e "$work/killed.mrc.partial" ] || fail "the state was not removed"
echo "angles: $(figure angle_error_given_deg) -> $(figure angle_error_deg) degrees; shifts: $(figure shift_error_given_px) -> $(figure shift_error_px) pixels"
