#!/usr/bin/env bash
# A tilt series matures, and every later stage gets the mature one: 79 platinum atoms in 23 tilts with shifts, drift
# between and within exposures, hot pixels, an unknown gain, angles of a named convention. Each case once came out wrong
# without a word.
#   maturity.sh PATH_OF_AETVAL
set -eu
AETVAL=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
. "$here/expect.sh"

case_of() { # PIXELS, lines of [images.microscope], lines of [reconstruct] and further tables
  cat <<TOML
seed = 1
[truth]
source = "particle"
elements = "Pt"
shape = "truncated_octahedron"
atoms = 79
centre_cells = [0.13, 0.21, 0.08]
euler_deg = [11, 7, 5]
static_displacement_a = 0.1
u_rms_a = [0.07]
[images]
method = "kinematic"
pixels = $1
pixel_a = 0.4
source_sd_a = 0.4
tilt_first_deg = -66
tilt_last_deg = 66
tilt_count = 23
[images.noise]
total_dose_e_per_a2 = 4e5
[images.microscope]
$2
[reconstruct]
algorithm = "least_squares"
half_set_fsc = false
$3
[trace]
element = "Pt"
[refine]
TOML
}
run() { # NAME
  "$AETVAL" run "$1.toml" --out "$1" --threads 2 >"$1.log" 2>&1 || { echo "FAIL: $1"; tail -n 5 "$1.log"; exit 1; }
}
figure() { tr -d ' \n' <"$1/scores.json" | grep -oE "\"$2\":[0-9.e+-]+" | head -n1 | sed 's/.*://'; }
# within NAME FACTOR: all 79 atoms and no other, RMSD at most FACTOR times the limit
within() {
  local recall rmsd limit precision
  recall=$(figure "$1" recall) precision=$(figure "$1" precision) rmsd=$(figure "$1" rmsd_pm) limit=$(figure "$1" limit_rmsd_pm)
  echo "$1: recall $recall, precision $precision, RMSD $rmsd pm, limit $limit pm"
  awk -v r="$recall" -v p="$precision" -v a="$rmsd" -v b="$limit" -v f="$2" \
    'BEGIN { exit !(r == 1 && p == 1 && a > 0 && a <= f * b) }' ||
    { echo "FAIL: $1 is not within $2 times the limit"; failures=$((failures + 1)); }
}
near() { # WHAT VALUE WANTED RELATIVE
  awk -v a="$2" -v b="$3" -v t="$4" 'BEGIN { d = a / b - 1; exit !(d <= t && d >= -t) }' ||
    { echo "FAIL: $1 is $2, not $3 within $4"; failures=$((failures + 1)); }
}

# Nothing is wrong: the reference. RMSD of 79 atoms scatters about its limit by 1 / sqrt(6 x 79), 5 %.
case_of 48 "" "" >base.toml
run base
within base 1.15

# Shifts of 4 A rms, and of 8 A in a field of 54 A, and angle errors: refinement starts from the poses found.
posed=$'[align]\nrefine = "all"\nvolume_iterations = 20\nrounds = 5'
case_of 96 $'shift_sd_a = 4\nangle_error_sd_deg = [0.3, 0.3, 0.3]' "$posed" >mis4.toml
case_of 136 $'shift_sd_a = 8\nangle_error_sd_deg = [0.3, 0.3, 0.3]' "$posed" >mis8.toml
for name in mis4 mis8; do
  run $name
  within $name 1.3
done

# Four exposures a tilt that drift by 0.8 A from one to the next, and so within each.
case_of 64 $'shift_sd_a = 0.4\nexposures_per_tilt = 4\ndrift.walk_sd_a = 0.8' \
  $'[align]\nrefine = "shifts"\nvolume_iterations = 20\nrounds = 5' >dr.toml
run dr
within dr 1.3

# Hot pixels: as without them. Three exposures, so that they differ from base by their registration too.
case_of 48 $'exposures_per_tilt = 3' "" >cold.toml
case_of 48 $'hot_pixel_fraction = 0.0005\nhot_pixel_counts = 2000\nexposures_per_tilt = 3' $'[prepare]\nhot_pixels = true' >hot.toml
for name in cold hot; do
  run $name
  within $name 1.3
done
near "RMSD with hot pixels" "$(figure hot rmsd_pm)" "$(figure cold rmsd_pm)" 0.15

# The same on files, where nothing was prepared.
limit() { "$AETVAL" limit base/truth/t000.xyz --json - "$@" | tr -d ' \n' | grep -oE '"rmsd_pm":[0-9.e+-]+' | head -n1 | sed 's/.*://'; }
python3 - <<'PY' || { echo "skipped: python3 is not there to make counts of another gain"; exit 77; }
import random, struct, array
b = open('base/tilts/t000.mrc', 'rb').read()
values = array.array('f', b[1024:])
def write(name, a):
    open(name + '.mrc', 'wb').write(b[:1024] + array.array('f', a).tobytes())
    open(name + '.rawtlt', 'w').write(open('base/tilts/t000.rawtlt').read())
random.seed(1)
write('gain', [round(2000 + 40 * v + random.gauss(0, 8)) for v in values])
write('gain7', [round(500 + 7.3 * v) for v in values])
write('spots', [v + 2000 if random.random() < 0.0005 else v for v in values])
PY
plain=$(limit --tilts base/tilts/t000.mrc)
near "limit of single counts" "$(limit --tilts base/tilts/t000.mrc --gain 1)" "$plain" 0.001
# The gain is found to a few percent, and the limit goes with its root.
near "limit at gain 40, found" "$(limit --tilts gain.mrc)" "$plain" 0.05
near "limit at gain 40, given" "$(limit --tilts gain.mrc --gain 40 --offset 2000 --readout-sd 8)" "$plain" 0.03
near "limit at gain 7.3, found" "$(limit --tilts gain7.mrc)" "$plain" 0.05
expect 0 "Warning: images and model differ by|--gain" "$AETVAL" limit base/truth/t000.xyz --tilts gain.mrc --gain 1
expect 0 "look hot; they are masked|79 atoms" "$AETVAL" refine base/model/t000.xyz --tilts spots.mrc --out spots.xyz
expect 2 "need --gain" "$AETVAL" limit base/truth/t000.xyz --tilts gain.mrc --offset 2000
expect 2 "--gain is nan" "$AETVAL" limit base/truth/t000.xyz --tilts gain.mrc --gain nan

# Angles of text: our own files say what they mean, others are asked.
sed '/^#/d' mis4/aligned/t000_angles.txt >bare.txt
expect 3 "bare.txt|three angles an image|--angle-convention stage" \
  "$AETVAL" refine mis4/model/t000.xyz --tilts mis4/aligned/t000.json --angles bare.txt --out wrong.xyz
expect 3 "'stage' convention, not 'resire'" \
  "$AETVAL" limit mis4/model/t000.xyz --tilts mis4/aligned/t000.json --angles mis4/aligned/t000_angles.txt --angle-convention resire
expect 0 "converged" "$AETVAL" refine mis4/model/t000.xyz --tilts mis4/prepared/t000.mrc --angles mis4/aligned/t000.json \
  --shifts --refine-angles --out posed.xyz
# The refined poses are a series again.
expect 0 "limit of 79 atoms" "$AETVAL" limit posed.xyz --tilts posed_series.json

# Step by step on files, as in the run.
expect 0 "23 tilts of 64 x 64 pixels from 92 images|recorded with the series" "$AETVAL" prepare dr/tilts/t000_exposures.mrc --out p.mrc
cmp p.mrc dr/prepared/t000.mrc || failures=$((failures + 1))
expect 0 "23 tilts of 32 x 32 pixels|pixels masked" "$AETVAL" prepare dr/tilts/t000_exposures.mrc --crop 2,2,60,56 --bin 2 --pad 32 --out binned.mrc
expect 2 "crop is 60 x 60 pixels from pixel (8, 0)|64 x 64" "$AETVAL" prepare dr/tilts/t000_exposures.mrc --crop 8,0,60,60 --out no.mrc
expect 2 "bin is 9|allowed is 1 to 8" "$AETVAL" prepare dr/tilts/t000_exposures.mrc --bin 9 --out no.mrc
expect 2 "pad is 63|64 to 32768" "$AETVAL" prepare dr/tilts/t000_exposures.mrc --pad 63 --out no.mrc
expect 0 "poses of 23 images" "$AETVAL" align p.mrc --shifts --rounds 5 --volume-iterations 20 --out a.json
expect 0 "voxels" "$AETVAL" reconstruct a.json --algorithm least_squares --no-fsc --out v.mrc
cmp v.mrc dr/volume/t000.mrc || failures=$((failures + 1))
expect 3 "several images per tilt|aetval prepare" "$AETVAL" align dr/tilts/t000_exposures.mrc --out b.json
finish
