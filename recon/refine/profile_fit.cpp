#include "recon/refine/profile_fit.hpp"

#include "recon/refine/non_negative.hpp"
#include "recon/scene/term_weights.hpp"
#include "sim/core/error.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

namespace aet::recon {

namespace {

/// Narrower Gaussians fall between pixels: their weight and width cannot be told apart.
constexpr double narrowest_pixels = 0.5;

/// Merge the two terms nearest in width until at most `most` are left; weight and second moment are kept.
void merge_terms(std::vector<GaussianTerm>& terms, std::size_t most) {
  std::sort(terms.begin(), terms.end(),
            [](const GaussianTerm& a, const GaussianTerm& b) { return a.sigma < b.sigma; });
  constexpr double alike = 1.3; // widths of neighbours in the dictionary stand for one width between them
  while (terms.size() > 1) {
    std::size_t nearest = 0;
    for (std::size_t i = 1; i + 1 < terms.size(); ++i) {
      if (terms[i + 1].sigma / terms[i].sigma < terms[nearest + 1].sigma / terms[nearest].sigma) nearest = i;
    }
    GaussianTerm& a = terms[nearest];
    const GaussianTerm& b = terms[nearest + 1];
    if (terms.size() <= most && b.sigma / a.sigma > alike) break;
    const double weight = a.weight + b.weight;
    a.sigma = std::sqrt((a.weight * a.sigma * a.sigma + b.weight * b.sigma * b.sigma) / weight);
    a.weight = weight;
    terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(nearest + 1));
  }
}

PixelBuffer buffer_of(const core::Image& image) {
  PixelBuffer buffer(image.nx, image.ny);
  for (std::size_t i = 0; i < buffer.data.size(); ++i)
    buffer.data[i] = static_cast<double>(image.data[i]);
  return buffer;
}

/// Most that the Gaussians of a profile that are wider than an atom's image may weigh together. The light of
/// atoms that are not in the model spreads around those that are; a profile that takes it for its own makes
/// atoms into blobs, whose neighbours are needed less, and so on until few are left. Tails of a probe hold
/// some 15 % beyond 0.9 angstrom. A profile that is wide as a whole, of a blurred series, is left alone.
constexpr double wide_a = 0.9;
constexpr double most_wide = 0.5;          // of what the narrower ones weigh
constexpr double least_narrow_share = 0.1; // else it is wide as a whole

double most_of_wide(const AtomProfile& profile) {
  double narrow = 0.0;
  double total = 0.0;
  for (const GaussianTerm& term : profile.terms) {
    narrow += term.sigma <= wide_a ? term.weight : 0.0;
    total += term.weight;
  }
  return narrow > least_narrow_share * total ? most_wide * narrow : 1e300;
}

/// Wide Gaussians brought down to what they may weigh.
void limit_wide_terms(AtomProfile& profile) {
  const double most = most_of_wide(profile);
  double wide = 0.0;
  for (const GaussianTerm& term : profile.terms)
    wide += term.sigma > wide_a ? term.weight : 0.0;
  if (wide <= most) return;
  for (GaussianTerm& term : profile.terms) {
    if (term.sigma > wide_a) term.weight *= most / wide;
  }
}

/// One Gaussian of one species' profile.
struct TermIndex {
  std::size_t species;
  std::size_t term;
};

/// The shared parameters of a scene, one after the other, as functions that change them.
struct SharedParameter {
  std::function<void(Scene&, double)> change; ///< add so much
  double probe;                               ///< step of the numerical derivative
  double least = -1e300;                      ///< smallest change allowed
  double most = 1e300;                        ///< largest change allowed
  std::optional<TermIndex> only{};            ///< the one Gaussian it acts on; else all atoms are concerned
};

/// Solve with changes kept in their range: those that would leave it stop at its end, and the others are
/// solved again.
Eigen::VectorXd bounded_solution(const Eigen::MatrixXd& matrix, const Eigen::VectorXd& right,
                                 const std::vector<SharedParameter>& parameters) {
  std::vector<bool> stopped(parameters.size(), false);
  Eigen::VectorXd ends = Eigen::VectorXd::Zero(right.size());
  Eigen::VectorXd step;
  for (std::size_t round = 0; round <= parameters.size(); ++round) {
    Eigen::MatrixXd m = matrix;
    Eigen::VectorXd r = right - matrix * ends;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (!stopped[i]) continue;
      const auto k = static_cast<Eigen::Index>(i);
      m.row(k).setZero();
      m.col(k).setZero();
      m(k, k) = 1.0;
      r[k] = 0.0;
    }
    step = m.ldlt().solve(r) + ends;
    bool again = false;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const auto k = static_cast<Eigen::Index>(i);
      const double kept = std::clamp(step[k], parameters[i].least, parameters[i].most);
      if (stopped[i] || kept == step[k]) continue;
      stopped[i] = again = true;
      ends[k] = kept;
    }
    if (!again) break;
  }
  return step;
}

/// \param highest pixel of the specimen [image units]: saturations are measured by it.
std::vector<SharedParameter> shared_parameters(const Scene& scene, const ProfileFitOptions& options,
                                               double narrowest, double highest) {
  std::vector<SharedParameter> list;
  for (std::size_t s = 0; s < scene.profiles.size(); ++s) {
    const double most = most_of_wide(scene.profiles[s]);
    for (std::size_t k = 0; k < scene.profiles[s].terms.size(); ++k) {
      // Weights are shifted, widths scaled: a weight may pass through zero, a width never does.
      const double weight = scene.profiles[s].terms[k].weight;
      const double sigma = scene.profiles[s].terms[k].sigma;
      list.push_back({[s, k](Scene& x, double d) { x.profiles[s].terms[k].weight += d; },
                      1e-3 * std::max(std::abs(weight), 1e-3), -1e300, sigma > wide_a ? most - weight : 1e300,
                      TermIndex{s, k}});
      list.push_back({[s, k](Scene& x, double d) { x.profiles[s].terms[k].sigma *= std::exp(d); }, 1e-3,
                      std::min(0.0, std::log(narrowest / sigma)),
                      std::max(0.0, std::log(options.widest_a / sigma)), TermIndex{s, k}});
    }
  }
  if (options.depth_spread) {
    list.push_back({[](Scene& x, double d) { x.depth.spread = std::max(0.0, x.depth.spread + d); }, 1e-6});
    list.push_back({[](Scene& x, double d) { x.depth.focus += d; }, 1e-2});
  }
  if (options.depth_fade) list.push_back({[](Scene& x, double d) { x.depth.fade += d; }, 1e-5});
  if (options.response) {
    constexpr double longest = 0.3; // change of saturation x signal in one step
    list.push_back({[](Scene& x, double d) { x.response.saturation += d; }, 1e-4 / highest,
                    -longest / highest, longest / highest});
  }
  return list;
}

/// Sum of the profiles in one image; of all atoms, or of one Gaussian of one species.
PixelBuffer sum_of(const Scene& scene, std::size_t tilt, const std::optional<TermIndex>& only, double pixel,
                   int nx, int ny) {
  std::vector<AtomProfile> profiles = scene.profiles;
  if (only) profiles[only->species].terms = {scene.profiles[only->species].terms[only->term]};
  const StampMaker maker(profiles, scene.depth, pixel, nx, ny);
  PixelBuffer buffer(nx, ny);
  Stamp stamp;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    if (only && static_cast<std::size_t>(scene.species[a]) != only->species) continue;
    if (maker.place(scene, scene.tilts[tilt], a, stamp)) add_value(stamp, 1.0, buffer);
  }
  return buffer;
}

/// Derivative of one image by a parameter, by central differences.
/// \param sum of the scene's profiles.
PixelBuffer column_of(const Scene& scene, std::size_t tilt, const SharedParameter& p, const PixelBuffer& sum,
                      double pixel) {
  Scene up = scene;
  Scene down = scene;
  p.change(up, p.probe);
  p.change(down, -p.probe);
  PixelBuffer column(sum.nx, sum.ny);
  const double gain = scene.tilts[tilt].gain;
  if (up.response.saturation != scene.response.saturation) {
    for (std::size_t i = 0; i < sum.data.size(); ++i)
      column.data[i] =
          gain * (up.response.value(sum.data[i]) - down.response.value(sum.data[i])) / (2.0 * p.probe);
    return column;
  }
  const PixelBuffer high = sum_of(up, tilt, p.only, pixel, sum.nx, sum.ny);
  const PixelBuffer low = sum_of(down, tilt, p.only, pixel, sum.nx, sum.ny);
  for (std::size_t i = 0; i < sum.data.size(); ++i)
    column.data[i] =
        gain * scene.response.slope(sum.data[i]) * (high.data[i] - low.data[i]) / (2.0 * p.probe);
  return column;
}

/// Largest pixel above its tilt's background, at gain 1, of those that are measurements.
double highest_signal(const Scene& scene, const SeriesLikelihood& likelihood) {
  const core::TiltSeries& series = likelihood.series();
  double highest = 0.0;
  for (std::size_t t = 0; t < series.size(); ++t) {
    const auto& data = series.images[t].data;
    const TiltLikelihood pixels = likelihood.tilt(t);
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (!pixels.trusted(i)) continue;
      const double signal = static_cast<double>(data[i]) - scene.tilts[t].background;
      highest = std::max(highest, signal / scene.tilts[t].gain);
    }
  }
  return std::max(highest, 1e-6);
}

/// Weights of a dictionary of widths, and backgrounds, by non-negative least squares.
struct DictionaryFit {
  std::vector<TiltEquations> equations;
  Eigen::VectorXd weights;
  double explained = 0.0; ///< twice the log likelihood ratio against backgrounds alone
};

/// \param scene its profiles become the dictionary, of weights 1.
DictionaryFit fit_dictionary(Scene& scene, const SeriesLikelihood& likelihood, int species,
                             const ProfileFitOptions& options, core::Threads threads) {
  const core::TiltSeries& series = likelihood.series();
  AtomProfile dictionary;
  for (double width = options.narrowest_a; width < options.widest_a; width *= 1.25)
    dictionary.terms.push_back({1.0, width});
  scene.profiles.assign(static_cast<std::size_t>(species), dictionary);
  const int nx = series.images.front().nx;
  const int ny = series.images.front().ny;
  DictionaryFit fit;
  fit.equations.resize(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    const PixelBuffer target = buffer_of(series.images[t]);
    // The mean is not known yet; a smooth image stands for it.
    PixelBuffer weight(nx, ny);
    constexpr int half = 2;
    const TiltLikelihood pixels = likelihood.tilt(t);
    for (int y = 0; y < ny; ++y) {
      for (int x = 0; x < nx; ++x) {
        double sum = 0.0;
        double count = 0.0;
        for (int j = std::max(0, y - half); j <= std::min(ny - 1, y + half); ++j) {
          for (int i = std::max(0, x - half); i <= std::min(nx - 1, x + half); ++i) {
            if (!pixels.trusted(static_cast<std::size_t>(j * nx + i))) continue;
            sum += target.row(j)[i];
            count += 1.0;
          }
        }
        weight.row(y)[x] = pixels.weight(static_cast<std::size_t>(y * nx + x), sum / std::max(1.0, count));
      }
    }
    fit.equations[t] = equations_of(term_images(scene, t, series.pixel_size, nx, ny), target, weight);
  });
  const SharedEquations shared = eliminate_backgrounds(fit.equations);
  fit.weights = non_negative_solution(shared.matrix, shared.right);
  fit.explained = 2.0 * shared.right.dot(fit.weights) - fit.weights.dot(shared.matrix * fit.weights);
  return fit;
}

} // namespace

void check(const ProfileFitOptions& o) {
  if (o.terms < 1 || o.terms > static_cast<int>(most_terms)) {
    throw core::ConfigError(
        fmt::format("refinement: terms is {}; allowed is 1 to {} Gaussians", o.terms, most_terms));
  }
  if (!(o.narrowest_a > 0.0) || !(o.widest_a > o.narrowest_a)) {
    throw core::ConfigError(
        fmt::format("refinement: widths from {} to {} angstrom; they must be positive and rising",
                    o.narrowest_a, o.widest_a));
  }
}

void start_profiles(Scene& scene, const SeriesLikelihood& likelihood, int species,
                    const ProfileFitOptions& options, core::Threads threads) {
  check(options);
  const auto [equations, weights, explained] = fit_dictionary(scene, likelihood, species, options, threads);
  constexpr double least_explained = 30.0;
  Eigen::Index k = 0;
  for (std::size_t s = 0; s < scene.profiles.size(); ++s) {
    std::vector<GaussianTerm>& terms = scene.profiles[s].terms;
    for (GaussianTerm& term : terms)
      term.weight = weights[k++];
    std::erase_if(terms, [](const GaussianTerm& term) { return !(term.weight > 0.0); });
    if (terms.empty() || explained < least_explained) {
      throw core::DataError(fmt::format("the images show nothing at the positions of species {}; does the "
                                        "tilt series belong to this model, and are angles, pixel size and "
                                        "rotation centre right?",
                                        s));
    }
    merge_terms(terms, static_cast<std::size_t>(options.terms));
    limit_wide_terms(scene.profiles[s]);
  }
  for (std::size_t t = 0; t < equations.size(); ++t)
    scene.tilts[t].background = background_of(equations[t], weights);
}

double explained_by_profiles(const Scene& scene, const SeriesLikelihood& likelihood, int species,
                             const ProfileFitOptions& options, core::Threads threads) {
  check(options);
  Scene fitted = scene;
  return fit_dictionary(fitted, likelihood, species, options, threads).explained;
}

double improve_profiles(Scene& given, const SeriesLikelihood& likelihood, const ProfileFitOptions& options,
                        core::Threads threads) {
  const core::TiltSeries& series = likelihood.series();
  // A spread of zero has no focus. From a small one a step may go anywhere, but what was given must be
  // bettered.
  Scene scene = given;
  const bool spread_begins = options.depth_spread && given.depth.spread == 0.0;
  if (spread_begins) scene.depth.spread = 1e-5;
  const int nx = series.images.front().nx;
  const int ny = series.images.front().ny;
  const std::vector<SharedParameter> parameters =
      shared_parameters(scene, options, std::max(options.narrowest_a, narrowest_pixels * series.pixel_size),
                        highest_signal(scene, likelihood));
  std::vector<TiltEquations> equations(series.size());
  std::vector<double> losses(series.size(), 0.0);
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    const PixelBuffer sum = sum_of(scene, t, std::nullopt, series.pixel_size, nx, ny);
    std::vector<PixelBuffer> columns;
    for (const SharedParameter& p : parameters)
      columns.push_back(column_of(scene, t, p, sum, series.pixel_size));
    const TiltLikelihood pixels = likelihood.tilt(t);
    PixelBuffer target(nx, ny);
    PixelBuffer weight(nx, ny);
    for (std::size_t i = 0; i < sum.data.size(); ++i) {
      const double mean = pixel_mean(scene.tilts[t], scene.response, sum.data[i]);
      losses[t] += pixels.loss(i, mean);
      weight.data[i] = pixels.weight(i, mean);
      target.data[i] = pixels.observed(i) - mean;
    }
    equations[t] = equations_of(columns, target, weight);
  });
  double before = 0.0;
  for (const double loss : losses)
    before += loss;
  if (spread_begins) before = misfit(given, likelihood, threads).loss;
  const SharedEquations shared = eliminate_backgrounds(equations);
  for (double damping = 1e-6; damping < 1e3; damping *= 30.0) {
    Eigen::MatrixXd m = shared.matrix;
    m.diagonal() *= 1.0 + damping;
    const Eigen::VectorXd step = bounded_solution(m, shared.right, parameters);
    if (!step.allFinite()) continue;
    Scene next = scene;
    for (std::size_t i = 0; i < parameters.size(); ++i)
      parameters[i].change(next, step[static_cast<Eigen::Index>(i)]);
    for (AtomProfile& profile : next.profiles)
      limit_wide_terms(profile);
    for (std::size_t t = 0; t < series.size(); ++t)
      next.tilts[t].background += background_of(equations[t], step);
    const double after = misfit(next, likelihood, threads).loss;
    if (after < before) {
      given = std::move(next);
      return before - after;
    }
  }
  if (!spread_begins) return 0.0;
  ProfileFitOptions without = options;
  without.depth_spread = false;
  return improve_profiles(given, likelihood, without, threads);
}

} // namespace aet::recon
