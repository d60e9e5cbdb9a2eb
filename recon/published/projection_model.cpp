#include "recon/published/projection_model.hpp"

#include "sim/core/aligned.hpp"
#include "sim/core/error.hpp"
#include "sim/core/fft.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace aet::recon::published {

namespace {

constexpr double adf_exponent = 1.7;

/// sum |obs| |F| figures of one image.
double fourier_r(const core::Image& observed, const std::vector<double>& calculated) {
  const core::Fft2 fft(observed.nx, observed.ny);
  core::AlignedVector<core::Complex> a(observed.data.size());
  core::AlignedVector<core::Complex> b(observed.data.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = observed.data[i];
    b[i] = static_cast<float>(calculated[i]);
  }
  fft.forward(a.data());
  fft.forward(b.data());
  double difference = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto obs = static_cast<double>(std::abs(a[i]));
    difference += std::abs(obs - static_cast<double>(std::abs(b[i])));
    total += obs;
  }
  return total > 0.0 ? difference / total : 0.0;
}

} // namespace

Model model_of(const core::Atoms& atoms, double b_a2) {
  if (atoms.size() == 0) throw core::DataError("the model has no atoms; there is nothing to refine");
  const std::set<int> elements(atoms.atomic_numbers.begin(), atoms.atomic_numbers.end());
  Model model;
  for (const int z : elements) {
    (void)electron_form_factor(z);
    model.parameters.push_back(
        {z, std::pow(static_cast<double>(z) / *elements.rbegin(), adf_exponent), b_a2});
  }
  model.positions = atoms.positions;
  for (const int z : atoms.atomic_numbers)
    model.species.push_back(static_cast<int>(std::distance(elements.begin(), elements.find(z))));
  return model;
}

void check_series(const core::TiltSeries& series, const Model& model) {
  if (!(series.pixel_size > 0.0) || !std::isfinite(series.pixel_size)) {
    throw core::DataError(fmt::format("the pixel size of the tilt series is {}; it must be a positive number "
                                      "of angstrom: give it with --pixel-a",
                                      series.pixel_size));
  }
  core::validate(series, "the tilt series");
  if (series.size() < 3) {
    throw core::DataError(fmt::format(
        "the tilt series has {} tilts; refinement in three dimensions needs at least 3", series.size()));
  }
  if (model.positions.empty()) throw core::DataError("the model has no atoms; there is nothing to refine");
  std::size_t outside = 0;
  const core::Image& image = series.images.front();
  for (const core::Mat3& orientation : series.orientations) {
    for (const core::Vec3& p : model.positions) {
      const core::Vec3 r = orientation * p / series.pixel_size;
      outside += std::abs(r.x()) > 0.5 * image.nx || std::abs(r.y()) > 0.5 * image.ny ? 1U : 0U;
    }
  }
  if (2 * outside > series.size() * model.positions.size()) {
    throw core::DataError(fmt::format(
        "most atoms of the model fall outside the images ({} x {} pixels of {} angstrom); do the model and "
        "the tilt series belong together, and is the pixel size right?",
        image.nx, image.ny, series.pixel_size));
  }
}

std::vector<RadialProfile> profiles_of(const Model& model) {
  std::vector<RadialProfile> profiles;
  for (const SpeciesParameters& p : model.parameters)
    profiles.emplace_back(electron_form_factor(p.element), p.b_a2);
  return profiles;
}

std::vector<double> render(const Model& model, const std::vector<RadialProfile>& profiles,
                           const core::TiltSeries& series, std::size_t tilt) {
  std::vector<double> image(series.images[tilt].data.size(), 0.0);
  for (std::size_t n = 0; n < model.positions.size(); ++n) {
    const auto s = static_cast<std::size_t>(model.species[n]);
    const double h = model.parameters[s].h;
    visit_pixels(
        series, tilt, model.positions[n], profiles[s].reach(),
        [&](std::size_t i, const Eigen::Vector2d&, double u) { image[i] += h * profiles[s](u).value; });
  }
  return image;
}

double error_of(const Model& model, const core::TiltSeries& series, core::Threads threads) {
  const auto profiles = profiles_of(model);
  std::vector<double> difference(series.size(), 0.0);
  std::vector<double> total(series.size(), 0.0);
  core::parallel_for(series.size(), threads, [&](std::size_t j, int) {
    const std::vector<double> image = render(model, profiles, series, j);
    for (std::size_t i = 0; i < image.size(); ++i) {
      const auto observed = static_cast<double>(series.images[j].data[i]);
      difference[j] += (image[i] - observed) * (image[i] - observed);
      total[j] += observed * observed;
    }
  });
  double sum = 0.0;
  double norm = 0.0;
  for (std::size_t j = 0; j < series.size(); ++j) {
    sum += difference[j];
    norm += total[j];
  }
  return norm > 0.0 ? sum / norm : sum;
}

RFactors r_factors(const Model& model, const core::TiltSeries& series, core::Threads threads) {
  const auto profiles = profiles_of(model);
  RFactors r;
  r.r1_of_image.assign(series.size(), 0.0);
  std::vector<double> fourier(series.size(), 0.0);
  core::parallel_for(series.size(), threads, [&](std::size_t j, int) {
    const std::vector<double> image = render(model, profiles, series, j);
    double difference = 0.0;
    double total = 0.0;
    for (std::size_t i = 0; i < image.size(); ++i) {
      const auto observed = static_cast<double>(series.images[j].data[i]);
      difference += std::abs(image[i] - observed);
      total += std::abs(observed);
    }
    r.r1_of_image[j] = total > 0.0 ? difference / total : 0.0;
    fourier[j] = fourier_r(series.images[j], image);
  });
  const auto n = static_cast<double>(series.size());
  for (std::size_t j = 0; j < series.size(); ++j) {
    r.r1 += r.r1_of_image[j] / n;
    r.r_fourier += fourier[j] / n;
  }
  return r;
}

double fit_scale(Model& model, const core::TiltSeries& series, core::Threads threads) {
  const auto profiles = profiles_of(model);
  std::vector<double> cross(series.size(), 0.0);
  std::vector<double> square(series.size(), 0.0);
  core::parallel_for(series.size(), threads, [&](std::size_t j, int) {
    const std::vector<double> image = render(model, profiles, series, j);
    for (std::size_t i = 0; i < image.size(); ++i) {
      cross[j] += image[i] * static_cast<double>(series.images[j].data[i]);
      square[j] += image[i] * image[i];
    }
  });
  double numerator = 0.0;
  double denominator = 0.0;
  for (std::size_t j = 0; j < series.size(); ++j) {
    numerator += cross[j];
    denominator += square[j];
  }
  const double factor = numerator / denominator;
  if (!(factor > 0.0) || !std::isfinite(factor)) {
    throw core::DataError(
        "the model's projections do not resemble the images (their best scale is not positive); do the model "
        "and the tilt series belong together, and was the background removed?");
  }
  for (SpeciesParameters& p : model.parameters)
    p.h *= factor;
  return factor;
}

} // namespace aet::recon::published
