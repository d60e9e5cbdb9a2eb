#include "sim/stem/kinematic.hpp"

#include "sim/core/error.hpp"
#include "sim/core/fft.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/atom_response.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/image.hpp"
#include "sim/stem/interpolation.hpp"
#include "sim/stem/scattering_tables.hpp"
#include "sim/stem/thermal_motion.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace aet::stem {

namespace {

/// Spacing of the heights at which responses are tabulated [angstrom]. The phase of H changes by at most 0.25
/// radian an angstrom (30 mrad, 200 kV), which cubic interpolation over 1 A follows to 1e-4.
constexpr double height_step = 1.0;

/// An atom as the sum needs it.
struct Placed {
  double x = 0.0;                                   ///< [angstrom]
  double y = 0.0;                                   ///< [angstrom]
  Eigen::Matrix2d motion = Eigen::Matrix2d::Zero(); ///< mean square displacements [angstrom^2]
  double weight = 1.0;
};

/// Atoms of one element that share a height; one atom has parts in the four heights around it.
struct Layer {
  std::size_t depth = 0; ///< index into the depths
  std::vector<Placed> atoms;
};

struct Layers {
  std::vector<double> depths; ///< behind the focus [angstrom]
  std::map<int, std::vector<Layer>> of_element;
};

Layers sort_into_layers(const core::Atoms& atoms, const core::Mat3& orientation, const StemOptions& options,
                        bool depth_of_focus) {
  const auto motion = tensors_across_beam(thermal_motion(atoms, options.phonons), orientation);
  std::vector<core::Vec3> seen;
  double z_min = (orientation * atoms.positions[0]).z();
  double z_max = z_min;
  for (const auto& r : atoms.positions) {
    seen.push_back(orientation * r);
    z_min = std::min(z_min, seen.back().z());
    z_max = std::max(z_max, seen.back().z());
  }
  Layers out;
  int count = 1;
  double first = 0.0;
  if (depth_of_focus) {
    const double focus = options.probe.focus_z_a.value_or(0.5 * (z_min + z_max));
    count = std::max(4, static_cast<int>(std::ceil((z_max - z_min) / height_step)) + 1);
    first = 0.5 * (z_min + z_max) - focus - 0.5 * (count - 1) * height_step;
    for (std::size_t i = 0; i < seen.size(); ++i)
      seen[i].z() -= focus;
  }
  for (int d = 0; d < count; ++d)
    out.depths.push_back(first + d * height_step);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    auto& layers = out.of_element[atoms.atomic_numbers[i]];
    if (layers.empty()) {
      layers.resize(static_cast<std::size_t>(count));
      for (std::size_t d = 0; d < layers.size(); ++d)
        layers[d].depth = d;
    }
    Placed atom{seen[i].x(), seen[i].y(), motion[i], 1.0};
    if (!depth_of_focus) {
      layers[0].atoms.push_back(atom);
      continue;
    }
    const double place = std::clamp((seen[i].z() - first) / height_step, 0.0, count - 1.0);
    const CubicStencil stencil(place, count);
    for (std::size_t j = 0; j < 4; ++j) {
      atom.weight = stencil.weight[j];
      layers[stencil.first + j].atoms.push_back(atom);
    }
  }
  return out;
}

/// exp(-2 pi i q c - 2 pi^2 <u^2> q^2) at q = k / side.
core::Complex place_along_axis(double c, double mean_square, double side, int k) {
  const double q = k / side;
  return static_cast<float>(std::exp(-2.0 * core::pi * core::pi * mean_square * q * q)) *
         unit_phase(-2.0 * core::pi * q * c);
}

/// Complex numbers of one row of a spectrum, kx = 0 ... width - 1, in two parts so that sums vectorise.
struct SplitRow {
  float* re = nullptr;
  float* im = nullptr;
};

/// sum += factor * of
void add_row(core::Complex factor, SplitRow of, std::size_t width, SplitRow sum) {
  const float re = factor.real();
  const float im = factor.imag();
  for (std::size_t i = 0; i < width; ++i) {
    sum.re[i] += re * of.re[i] - im * of.im[i];
    sum.im[i] += re * of.im[i] + im * of.re[i];
  }
}

/// Rows of the spectrum that are summed together: an atom's phases along x are read from memory once for all
/// of them, which is what takes the time for thousands of atoms.
constexpr std::size_t rows_together = 8;

void check(const View& view, const StemOptions& options, const KinematicOptions& kinematic) {
  validate(options);
  validate(view.scan);
  require_rotation(view.orientation, "the orientation");
  if (!(kinematic.padding_a >= 4.0 && kinematic.padding_a <= 200.0)) {
    throw core::ConfigError(fmt::format(
        "kinematic.padding_a = {} is out of range: allowed is 4 to 200 angstrom", kinematic.padding_a));
  }
  if (options.detector.inner_mrad < options.probe.convergence_mrad + 1.0) {
    throw core::ConfigError(fmt::format("detector_inner_mrad = {} lies within the probe's convergence angle "
                                        "of {} mrad, where the image is not "
                                        "a sum over atoms: the kinematic method needs at least {} mrad",
                                        options.detector.inner_mrad, options.probe.convergence_mrad,
                                        options.probe.convergence_mrad + 1.0));
  }
  const core::Atoms& atoms = view.atoms;
  core::validate(atoms, "specimen");
  if (atoms.size() == 0) throw core::DataError("the specimen holds no atoms: there is nothing to image");
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (atoms.atomic_numbers[i] < 1 || atoms.atomic_numbers[i] > elements_with_factors) {
      throw core::DataError(fmt::format("atom {} has atomic number {}: scattering factors exist for 1 to {}",
                                        i + 1, atoms.atomic_numbers[i], elements_with_factors));
    }
  }
}

} // namespace

core::Image simulate_kinematic_image(const View& view, const StemOptions& options,
                                     const KinematicOptions& kinematic, core::Threads threads) {
  check(view, options, kinematic);
  const Scan& scan = view.scan;
  const Layers layers = sort_into_layers(view.atoms, view.orientation, options, kinematic.depth_of_focus);
  std::map<int, AtomResponse> responses;
  for (const auto& [z, unused] : layers.of_element)
    responses.emplace(z, AtomResponse(z, options, layers.depths));

  // A grid that carries every frequency; the pixels of the scan are some of its samples.
  const double q_max = AtomResponse::q_max(options.probe);
  const int finer = std::max(1, static_cast<int>(std::ceil(2.0 * q_max * scan.pixel_a)));
  const double step = scan.pixel_a / finer;
  const int n = core::good_fft_size(scan.n * finer + static_cast<int>(std::ceil(kinematic.padding_a / step)));
  const double side = n * step;
  const int reach = std::min(static_cast<int>(q_max * side), n / 2 - 1);
  const auto width = static_cast<std::size_t>(reach) + 1; // kx >= 0: the image is real

  // Phases along x of every atom, in the order of the layers.
  std::size_t parts = 0;
  for (const auto& [z, of_element] : layers.of_element) {
    for (const Layer& layer : of_element)
      parts += layer.atoms.size();
  }
  core::AlignedVector<float> along_x(parts * 2 * width);
  const auto row_in = [width](core::AlignedVector<float>& rows, std::size_t index) {
    float* const begin = rows.data() + 2 * width * index;
    return SplitRow{begin, begin + width};
  };
  std::size_t part = 0;
  for (const auto& [z, of_element] : layers.of_element) {
    for (const Layer& layer : of_element) {
      for (const Placed& atom : layer.atoms) {
        const SplitRow row = row_in(along_x, part++);
        for (std::size_t i = 0; i < width; ++i) {
          const core::Complex value = place_along_axis(atom.x, atom.motion(0, 0), side, static_cast<int>(i));
          row.re[i] = value.real();
          row.im[i] = value.imag();
        }
      }
    }
  }

  core::AlignedVector<core::Complex> spectrum(square(n));
  const auto rows = static_cast<std::size_t>(2 * reach + 1);
  const std::size_t groups = (rows + rows_together - 1) / rows_together;
  core::parallel_for(groups, threads, [&](std::size_t group, int) {
    const int first = static_cast<int>(group * rows_together) - reach; // ky
    const std::size_t here = std::min(rows_together, rows - group * rows_together);
    core::AlignedVector<float> sums(2 * width * here);
    core::AlignedVector<float> turned(2 * width);
    std::vector<core::Complex> total(width * here);
    std::size_t next = 0; // part
    for (const auto& [z, of_element] : layers.of_element) {
      const AtomResponse& response = responses.at(z);
      for (const Layer& layer : of_element) {
        if (layer.atoms.empty()) continue;
        std::fill(sums.begin(), sums.end(), 0.0F);
        for (const Placed& atom : layer.atoms) {
          const SplitRow phase_x = row_in(along_x, next++);
          for (std::size_t r = 0; r < here; ++r) {
            const int ky = first + static_cast<int>(r);
            const core::Complex along_y =
                static_cast<float>(atom.weight) * place_along_axis(atom.y, atom.motion(1, 1), side, ky);
            if (atom.motion(0, 1) == 0.0) {
              add_row(along_y, phase_x, width, row_in(sums, r));
              continue;
            }
            // What the displacements along x and y have in common, from one frequency along x to the next.
            const double common =
                std::exp(-4.0 * core::pi * core::pi * atom.motion(0, 1) * ky / (side * side));
            const SplitRow both = row_in(turned, 0);
            double thermal = 1.0;
            for (std::size_t i = 0; i < width; ++i) {
              both.re[i] = static_cast<float>(thermal) * phase_x.re[i];
              both.im[i] = static_cast<float>(thermal) * phase_x.im[i];
              thermal *= common;
            }
            add_row(along_y, both, width, row_in(sums, r));
          }
        }
        for (std::size_t r = 0; r < here; ++r) {
          const double qy = (first + static_cast<int>(r)) / side;
          const SplitRow sum = row_in(sums, r);
          for (std::size_t i = 0; i < width; ++i) {
            const auto h =
                static_cast<float>(response(layer.depth, std::hypot(static_cast<double>(i) / side, qy)));
            total[width * r + i] += core::Complex(h * sum.re[i], h * sum.im[i]);
          }
        }
      }
    }
    // Each value is written to its place and, conjugated, to the opposite one; on the line kx = 0 both halves
    // come up by themselves.
    const auto put = [&](int kx, int k, core::Complex value) {
      spectrum[static_cast<std::size_t>(fourier_index(k, n)) * static_cast<std::size_t>(n) +
               static_cast<std::size_t>(fourier_index(kx, n))] = value;
    };
    for (std::size_t r = 0; r < here; ++r) {
      const int ky = first + static_cast<int>(r);
      const core::Complex* const row = total.data() + width * r;
      put(0, ky, row[0]);
      for (std::size_t i = 1; i < width; ++i) {
        put(static_cast<int>(i), ky, row[i]);
        put(-static_cast<int>(i), -ky, std::conj(row[i]));
      }
    }
  });
  core::Fft2(n, n).backward(spectrum.data());

  core::Image image(scan.n, scan.n);
  const auto scale = static_cast<float>(1.0 / (side * side));
  for (int iy = 0; iy < scan.n; ++iy) {
    const int y = ((iy - scan.n / 2) * finer + n) % n;
    for (int ix = 0; ix < scan.n; ++ix) {
      const int x = ((ix - scan.n / 2) * finer + n) % n;
      const float value =
          scale *
          spectrum[static_cast<std::size_t>(y) * static_cast<std::size_t>(n) + static_cast<std::size_t>(x)]
              .real();
      image.at(ix, iy) = std::max(0.0F, value); // rounding may leave a value just below zero over vacuum
    }
  }
  return image;
}

double predicted_kinematic_seconds(std::size_t atoms, const Scan& scan, const StemOptions& options) {
  constexpr double seconds_per_term = 0.5e-9; // one atom at one frequency
  constexpr double seconds_of_responses = 0.1;
  const double frequencies =
      (scan.n * scan.pixel_a + KinematicOptions{}.padding_a) * 2.0 * AtomResponse::q_max(options.probe);
  return seconds_of_responses +
         static_cast<double>(atoms) * 0.5 * frequencies * frequencies * seconds_per_term;
}

} // namespace aet::stem
