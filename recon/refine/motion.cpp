#include "recon/refine/motion.hpp"

#include "recon/scene/newton.hpp"
#include "sim/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>

namespace aet::recon {

namespace {

/// |F_t v_t|^2 summed over tilts, where v_t(a) is the displacement of atom a in image t (x', y').
double squared_product(const Scene& scene, const LinearModel& model,
                       const std::function<core::Vec3(std::size_t, std::size_t)>& displacement,
                       core::Threads threads) {
  std::vector<double> sums(scene.tilts.size(), 0.0);
  core::parallel_for(scene.tilts.size(), threads, [&](std::size_t t, int) {
    const TiltState& tilt = scene.tilts[t];
    const PixelBuffer& w = model.weights(t);
    PixelBuffer buffer(w.nx, w.ny);
    Stamp stamp;
    for (std::size_t a = 0; a < scene.size(); ++a) {
      if (model.stamps().place(scene, tilt, a, stamp))
        add_derivative(stamp, tilt.gain * displacement(t, a), buffer);
    }
    for (std::size_t i = 0; i < buffer.data.size(); ++i)
      buffer.data[i] *= w.data[i];
    for (std::size_t a = 0; a < scene.size(); ++a) {
      if (model.stamps().place(scene, tilt, a, stamp))
        sums[t] += (tilt.gain * gather_derivative(stamp, buffer)).head<2>().squaredNorm();
    }
  });
  double total = 0.0;
  for (const double s : sums)
    total += s;
  return total;
}

/// Squared gradients of all atoms in all images, what noise alone makes of them, and their number.
struct Gradients {
  double square = 0.0;
  double noise = 0.0;
  double noise_square = 0.0; ///< sum of (trace of an atom's own information)^2: for the standard error
};

Gradients squared_gradients(const Scene& scene, const LinearModel& model, core::Threads threads) {
  std::vector<Gradients> parts(scene.tilts.size());
  core::parallel_for(scene.tilts.size(), threads, [&](std::size_t t, int) {
    const TiltState& tilt = scene.tilts[t];
    Stamp stamp;
    for (std::size_t a = 0; a < scene.size(); ++a) {
      if (!model.stamps().place(scene, tilt, a, stamp)) continue;
      parts[t].square += (tilt.gain * gather_derivative(stamp, model.residuals(t))).head<2>().squaredNorm();
      const core::Mat3 f = tilt.gain * tilt.gain * gather_information(stamp, model.weights(t));
      parts[t].noise += f(0, 0) + f(1, 1);
      parts[t].noise_square += f(0, 0) * f(0, 0) + f(1, 1) * f(1, 1);
    }
  });
  Gradients all;
  for (const Gradients& p : parts) {
    all.square += p.square;
    all.noise += p.noise;
    all.noise_square += p.noise_square;
  }
  return all;
}

} // namespace

Motion unexplained_motion(const Scene& scene, const SeriesLikelihood& likelihood, const Limit& limit,
                          int probes, std::uint64_t seed, core::Threads threads) {
  constexpr double solver_tolerance = 1e-3;
  constexpr int most_iterations = 300;
  FreeParameters free;
  free.gain = free.background = false;
  const LinearModel model(scene, likelihood, free, threads);
  const std::size_t atoms = scene.size();
  const std::size_t tilts = scene.tilts.size();
  Motion out;
  out.expected_rmsd_a = limit.rms_a;

  double coupling = 0.0; // sum over tilts of |F_t|^2
  double cost = 0.0;     // sum over tilts of |F_t H^-1 s|^2: u^2 times it is what motion adds
  for (int probe = 0; probe < probes; ++probe) {
    std::vector<core::Vec3> normal(atoms * tilts);
    core::RandomStream stream(seed, "motion", {static_cast<std::uint32_t>(probe)});
    for (core::Vec3& v : normal)
      v = core::Vec3(stream.normal(), stream.normal(), 0.0);
    coupling +=
        squared_product(
            scene, model, [&](std::size_t t, std::size_t a) { return normal[t * atoms + a]; }, threads) /
        probes;
    ParameterVector sign = ParameterVector::Zero(model.size());
    for (std::size_t a = 0; a < atoms; ++a) {
      for (int axis = 0; axis < 3; ++axis)
        sign[atom_index(a) + axis] = (stream() & 1U) != 0U ? 1.0 : -1.0;
    }
    const ParameterVector y = solve(model, sign, 0.0, solver_tolerance, most_iterations).x;
    const auto turned = [&](std::size_t t, std::size_t a) -> core::Vec3 {
      return scene.tilts[t].pose.orientation * y.segment<3>(atom_index(a));
    };
    cost += squared_product(scene, model, turned, threads) / probes;
  }
  // Three coordinates are fitted to two measurements an image: the residual gradients are that much smaller.
  const double left = 1.0 - 3.0 / (2.0 * static_cast<double>(tilts));
  const Gradients g = squared_gradients(scene, model, threads);
  const double variance = (g.square / left - g.noise) / coupling;
  if (!(variance > 0.0)) return out;
  out.rms_a = std::sqrt(variance);
  // Squares of normal gradients scatter by twice their variance squared; neighbours' correlation left out.
  out.error_a = std::sqrt(2.0 * g.noise_square) / coupling / (2.0 * out.rms_a);
  out.expected_rmsd_a =
      std::sqrt(limit.rms_a * limit.rms_a + variance * cost / std::max(1.0, static_cast<double>(atoms)));
  return out;
}

} // namespace aet::recon
