#include "sim/stem/specimen.hpp"

#include "sim/core/error.hpp"
#include "sim/core/random.hpp"
#include "sim/stem/scattering_tables.hpp"
#include "sim/stem/thermal_motion.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::stem {

SlicedSpecimen slice_specimen(const core::Atoms& atoms, const core::Mat3& orientation,
                              const StemOptions& options, const ImageKey& key, std::uint32_t configuration) {
  core::validate(atoms, "specimen");
  if (atoms.size() == 0) throw core::DataError("the specimen holds no atoms: there is nothing to image");
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (atoms.atomic_numbers[i] < 1 || atoms.atomic_numbers[i] > elements_with_factors) {
      throw core::DataError(fmt::format("atom {} has atomic number {}: scattering factors exist for 1 to {}",
                                        i + 1, atoms.atomic_numbers[i], elements_with_factors));
    }
  }
  const ThermalMotion motion = thermal_motion(atoms, options.phonons);

  double z_min = orientation.row(2).dot(atoms.positions[0]);
  double z_max = z_min;
  for (const auto& r : atoms.positions) {
    const double z = orientation.row(2).dot(r);
    z_min = std::min(z_min, z);
    z_max = std::max(z_max, z);
  }
  const double margin = 5.0 * motion.largest_rms();
  const double middle = 0.5 * (z_min + z_max);

  SlicedSpecimen out;
  out.thickness = options.slices.thickness_a;
  out.focus_z = options.probe.focus_z_a.value_or(middle);
  if (options.slices.entrance_z_a) {
    out.entrance_z = *options.slices.entrance_z_a;
    if (out.entrance_z > z_min - margin) {
      throw core::ConfigError(
          fmt::format("entrance_z_a = {} A lies inside the specimen, whose atoms begin at z = "
                      "{:.3f} A: choose a lower value",
                      out.entrance_z, z_min - margin));
    }
    out.slices.resize(
        static_cast<std::size_t>(std::ceil((z_max + margin - out.entrance_z) / out.thickness) + 1.0));
  } else {
    // The small addition keeps outermost atoms off the faces, where rounding would decide.
    const auto count = std::ceil((z_max - z_min + 2.0 * margin + 1e-6) / out.thickness);
    out.entrance_z = middle - 0.5 * count * out.thickness;
    out.slices.resize(static_cast<std::size_t>(count));
  }

  const bool drawn = !averages_analytically(options);
  const bool pairs = options.phonons.sampling != PhononSampling::independent;
  const double sign = pairs && configuration % 2 == 1 ? -1.0 : 1.0;
  core::RandomStream random(key.seed, "phonon",
                            {key.frame, key.tilt, pairs ? configuration / 2 : configuration});
  const std::vector<double> averaged = drawn || options.method != Method::fast
                                           ? std::vector<double>(atoms.size(), 0.0)
                                           : rms_across_beam(motion, orientation);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    core::Vec3 r = atoms.positions[i];
    if (drawn) {
      core::Vec3 deviates;
      for (double& deviate : deviates)
        deviate = sign * random.normal();
      r += motion.tensors.empty() ? core::Vec3(motion.u_rms[i] * deviates)
                                  : core::Vec3(symmetric_root(motion.tensors[i]) * deviates);
    }
    const core::Vec3 p = orientation * r;
    // Beyond 5 u_rms (once in 3 million draws) an atom is put into the outermost slice.
    const auto last = static_cast<double>(out.slices.size()) - 1.0;
    const double s = std::clamp(std::floor((p.z() - out.entrance_z) / out.thickness), 0.0, last);
    const auto slice = static_cast<std::size_t>(s);
    const double half = 0.5 * out.thickness;
    out.slices[slice].push_back({atoms.atomic_numbers[i], p.x(), p.y(),
                                 std::clamp(p.z() - out.plane_z(slice), -half, half), averaged[i]});
  }
  return out;
}

} // namespace aet::stem
