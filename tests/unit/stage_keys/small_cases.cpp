#include "tests/unit/stage_keys/small_cases.hpp"

namespace aet::test {

std::string particle_case() {
  return R"(
title = "keys"
seed = 3
[truth]
source = "particle"
elements = "Fe Pt"
phase = "L1_0"
composition = [0.5, 0.5]
atoms = 38
[images]
method = "kinematic"
pixels = 32
pixel_a = 0.6
tilt_count = 9
u_rms_a = 0.07
[images.microscope]
exposures_per_tilt = 2
shift_sd_a = 0.3
[reconstruct]
iterations = 8
compare = "wbp"
[align]
refine = "shifts"
rounds = 2
volume_iterations = 5
[trace]
element = "Fe Pt"
[refine]
max_iterations = 3
[analyze]
nucleus_min_atoms = 5
[checks]
recall_min = 0.1
)";
}

std::string dynamics_case() {
  return R"(
title = "md"
seed = 1
[truth]
atoms = 55
melt_k = 1500
melt_ps = 0.5
quench_ps = 1
hold_k = 600
hold_ps = 20
frame_ps = 0.5
frames_averaged = 4
cool_ps = 0.5
settle_ps = 0.5
order_every_ps = 0.5
order_frames_averaged = 3
moments = [0.5]
[images]
method = "kinematic"
pixels = 40
pixel_a = 0.6
tilt_count = 9
[images.noise]
dose_per_tilt_e_per_a2 = 1e5
[reconstruct]
algorithm = "least_squares"
iterations = 8
[trace]
non_atom_rule = "fixed"
[refine]
method = "published"
rounds = 2
[analyze]
nucleus_min_atoms = 5
nucleus_threshold = 0.3
neighbour_cutoff_a = 3.6
[checks]
rmsd_pm_max = 500
)";
}

std::vector<std::string> further_cases() {
  return {
      R"(
[truth]
system = "bulk"
atoms = 500
melting_k = 1500
melt_t_over_tm = 1.5
imaging_t_over_tm = 0.12
cut_radius_a = 8
[truth.scan]
from_k = 1200
[images]
tilts_deg = [-20, 0, 20]
)",
      R"(
[truth]
melting_k = 1500
hold_t_over_tm = 0.5
hold_end_t_over_tm = 0.4
[images]
tilt_scheme = "full_turn"
[images.microscope]
saturation_counts = 1000
[images.microscope.scan]
matrix = [1, 0, 0, 1]
)",
      R"(
[truth]
hold_end_k = 700
[images]
tilt_step_deg = 3
phonons = "trajectory_pairs"
[images.probe]
focus_z_a = 5
)",
      R"(
[truth]
source = "particle"
elements = "Fe Pt"
radius_a = 12
c_over_a = 0.98
shape = "wulff"
phase = "L1_0"
order_parameter = 0.9
composition = [0.5, 0.5]
grains = 2
zone_axis = [1, 1, 0]
up_axis = [0, 0, 1]
uniaxial_strain = 0.01
u_rms_a = [0.07, 0.06]
[truth.grain_2]
phase = "L1_0"
order_parameter = 0.8
composition = [0.5, 0.5]
seed_a = [5, 0, 0]
euler_deg = [0, 30, 0]
)",
      R"(
[truth]
source = "particle"
elements = "Fe Pt"
nuclei = 1
[truth.nucleus_1]
length_a = 8
)",
      R"(
[truth]
source = "particle"
shape = "truncated_octahedron"
matrix_around_core = "amorphous"
)",
  };
}

} // namespace aet::test
