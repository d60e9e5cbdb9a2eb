#include "recon/atoms/refine_in_volume.hpp"

#include "sim/core/error.hpp"

#include <Eigen/Cholesky>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace aet::recon {

namespace {

using Vec3 = Eigen::Vector3d;
/// Of one atom: step along x, y, z [voxel], then of its height.
using PeakStep = Eigen::Vector4d;

/// Of all atoms, and of the logarithms of the three widths that they share.
struct Change {
  std::vector<PeakStep> atoms;
  Vec3 widths = Vec3::Zero();
};

constexpr double reach_in_sigmas = 2.6; // 97 % of a peak, and where it has a slope
constexpr int most_reach = 12;
constexpr std::size_t longest_line = 2 * most_reach + 1;

/// Everything in voxels, places counted from the first one.
struct PeakModel {
  std::vector<Vec3> places;
  std::vector<double> heights;
  Vec3 sigma;
  double background = 0.0;
};

/// A peak of height 1 along one axis: values, and their derivatives by the place.
struct Line {
  int first = 0;
  int size = 0;
  std::array<float, longest_line> value;
  std::array<float, longest_line> slope;
  std::array<float, longest_line> wide; ///< derivatives by the logarithm of the width
};

Line line_of(double place, double sigma, int n) {
  const int reach = std::min(most_reach, static_cast<int>(std::ceil(reach_in_sigmas * sigma)));
  const int centre = static_cast<int>(std::lround(place));
  Line line;
  line.first = std::max(0, centre - reach);
  line.size = std::max(0, std::min(n - 1, centre + reach) - line.first + 1);
  for (int i = 0; i < line.size; ++i) {
    const double d = (line.first + i - place) / sigma;
    const double e = std::exp(-0.5 * d * d);
    line.value[static_cast<std::size_t>(i)] = static_cast<float>(e);
    line.slope[static_cast<std::size_t>(i)] = static_cast<float>(e * d / sigma);
    line.wide[static_cast<std::size_t>(i)] = static_cast<float>(e * d * d);
  }
  return line;
}

struct SeparablePeak {
  Line x, y, z;
};

/// The peaks in the volume, and their order along z.
class AllPeaks {
public:
  AllPeaks(const PeakModel& model, const core::Volume& volume, core::Threads threads)
      : model_(model), nx_(volume.nx), ny_(volume.ny), nz_(volume.nz), threads_(threads),
        peaks_(model.places.size()) {
    core::parallel_for(peaks_.size(), threads, [&](std::size_t a, int) {
      const Vec3& p = model.places[a];
      peaks_[a] = {line_of(p.x(), model.sigma.x(), nx_), line_of(p.y(), model.sigma.y(), ny_),
                   line_of(p.z(), model.sigma.z(), nz_)};
    });
  }

  /// volume += sum over atoms of height_part x height x peak + its derivative along the change. Slabs across
  /// z share the work; in each voxel atoms are added in their order.
  void add(double height_part, const Change& change, float* volume) const {
    constexpr int slabs = 16;
    const Vec3& wide = change.widths;
    core::parallel_for(slabs, threads_, [&](std::size_t slab, int) {
      const int low = static_cast<int>(slab) * nz_ / slabs;
      const int high = (static_cast<int>(slab) + 1) * nz_ / slabs;
      for (std::size_t a = 0; a < peaks_.size(); ++a) {
        const SeparablePeak& p = peaks_[a];
        const int from = std::max(low, p.z.first);
        const int to = std::min(high, p.z.first + p.z.size);
        if (from >= to) continue;
        const double h = model_.heights[a];
        const PeakStep step = change.atoms.empty() ? PeakStep(PeakStep::Zero()) : change.atoms[a];
        for (int z = from; z < to; ++z) {
          const auto k = static_cast<std::size_t>(z - p.z.first);
          const auto in_z = static_cast<double>(p.z.value[k]);
          const double along_z =
              step[2] * static_cast<double>(p.z.slope[k]) + wide.z() * static_cast<double>(p.z.wide[k]);
          for (int j = 0; j < p.y.size; ++j) {
            const auto v = static_cast<std::size_t>(j);
            const auto in_y = static_cast<double>(p.y.value[v]);
            const double along_y =
                step[1] * static_cast<double>(p.y.slope[v]) + wide.y() * static_cast<double>(p.y.wide[v]);
            const auto value = static_cast<float>((height_part * h + step[3]) * in_y * in_z +
                                                  h * (along_y * in_z + in_y * along_z));
            const auto slope = static_cast<float>(h * step[0] * in_y * in_z);
            const auto width = static_cast<float>(h * wide.x() * in_y * in_z);
            float* row = volume + offset(p.x.first, p.y.first + j, z);
            for (int i = 0; i < p.x.size; ++i) {
              const auto u = static_cast<std::size_t>(i);
              row[i] += value * p.x.value[u] + slope * p.x.slope[u] + width * p.x.wide[u];
            }
          }
        }
      }
    });
  }

  /// The transpose: sums of a volume times the derivatives by every parameter.
  [[nodiscard]] Change gather(const float* volume) const {
    Change out{std::vector<PeakStep>(peaks_.size())};
    std::vector<Vec3> widths(peaks_.size());
    core::parallel_for(peaks_.size(), threads_, [&](std::size_t a, int) {
      const SeparablePeak& p = peaks_[a];
      const double h = model_.heights[a];
      PeakStep sum = PeakStep::Zero();
      Vec3 wide = Vec3::Zero();
      for (int k = 0; k < p.z.size; ++k) {
        const auto w = static_cast<std::size_t>(k);
        const auto in_z = static_cast<double>(p.z.value[w]);
        for (int j = 0; j < p.y.size; ++j) {
          const auto v = static_cast<std::size_t>(j);
          const auto in_y = static_cast<double>(p.y.value[v]);
          const float* row = volume + offset(p.x.first, p.y.first + j, p.z.first + k);
          float value = 0.0F;
          float slope = 0.0F;
          float width = 0.0F;
          for (int i = 0; i < p.x.size; ++i) {
            const auto u = static_cast<std::size_t>(i);
            value += row[i] * p.x.value[u];
            slope += row[i] * p.x.slope[u];
            width += row[i] * p.x.wide[u];
          }
          const auto in_x = static_cast<double>(value);
          sum += PeakStep(h * in_y * in_z * static_cast<double>(slope),
                          h * in_x * in_z * static_cast<double>(p.y.slope[v]),
                          h * in_x * in_y * static_cast<double>(p.z.slope[w]), in_x * in_y * in_z);
          wide += h * Vec3(in_y * in_z * static_cast<double>(width),
                           in_x * in_z * static_cast<double>(p.y.wide[v]),
                           in_x * in_y * static_cast<double>(p.z.wide[w]));
        }
      }
      out.atoms[a] = sum;
      widths[a] = wide;
    });
    for (const Vec3& wide : widths)
      out.widths += wide;
    return out;
  }

  /// Diagonal blocks of the equations, and those of the widths of an atom alone.
  struct Blocks {
    std::vector<Eigen::Matrix4d> atoms;
    Eigen::Matrix3d widths = Eigen::Matrix3d::Zero();
  };
  [[nodiscard]] Blocks blocks() const {
    Blocks out;
    for (std::size_t a = 0; a < peaks_.size(); ++a) {
      const SeparablePeak& p = peaks_[a];
      const double h = model_.heights[a];
      // Moments of each axis: value^2, value x slope, slope^2, and with d = slope x distance the same of
      // widths.
      struct Moments {
        double vv = 0.0, vs = 0.0, ss = 0.0, vd = 0.0, dd = 0.0;
      };
      const auto moments = [](const Line& line) {
        Moments m;
        for (int i = 0; i < line.size; ++i) {
          const auto v = static_cast<double>(line.value[static_cast<std::size_t>(i)]);
          const auto s = static_cast<double>(line.slope[static_cast<std::size_t>(i)]);
          const auto d = static_cast<double>(line.wide[static_cast<std::size_t>(i)]);
          m.vv += v * v;
          m.vs += v * s;
          m.ss += s * s;
          m.vd += v * d;
          m.dd += d * d;
        }
        return m;
      };
      const Moments x = moments(p.x);
      const Moments y = moments(p.y);
      const Moments z = moments(p.z);
      Eigen::Matrix4d m;
      m(0, 0) = h * h * x.ss * y.vv * z.vv;
      m(1, 1) = h * h * x.vv * y.ss * z.vv;
      m(2, 2) = h * h * x.vv * y.vv * z.ss;
      m(3, 3) = x.vv * y.vv * z.vv;
      m(0, 1) = m(1, 0) = h * h * x.vs * y.vs * z.vv;
      m(0, 2) = m(2, 0) = h * h * x.vs * y.vv * z.vs;
      m(1, 2) = m(2, 1) = h * h * x.vv * y.vs * z.vs;
      m(0, 3) = m(3, 0) = h * x.vs * y.vv * z.vv;
      m(1, 3) = m(3, 1) = h * x.vv * y.vs * z.vv;
      m(2, 3) = m(3, 2) = h * x.vv * y.vv * z.vs;
      out.atoms.push_back(m);
      const double h2 = h * h;
      out.widths += h2 * Eigen::Matrix3d{{x.dd * y.vv * z.vv, x.vd * y.vd * z.vv, x.vd * y.vv * z.vd},
                                         {x.vd * y.vd * z.vv, x.vv * y.dd * z.vv, x.vv * y.vd * z.vd},
                                         {x.vd * y.vv * z.vd, x.vv * y.vd * z.vd, x.vv * y.vv * z.dd}};
    }
    return out;
  }

  /// Marks the voxels that any peak reaches.
  [[nodiscard]] std::vector<unsigned char> reached() const {
    std::vector<unsigned char> mask(static_cast<std::size_t>(nx_) * static_cast<std::size_t>(ny_) *
                                    static_cast<std::size_t>(nz_));
    for (const SeparablePeak& p : peaks_) {
      for (int k = 0; k < p.z.size; ++k) {
        for (int j = 0; j < p.y.size; ++j)
          std::fill_n(mask.begin() +
                          static_cast<std::ptrdiff_t>(offset(p.x.first, p.y.first + j, p.z.first + k)),
                      p.x.size, static_cast<unsigned char>(1));
      }
    }
    return mask;
  }

private:
  [[nodiscard]] std::size_t offset(int x, int y, int z) const {
    return (static_cast<std::size_t>(z) * static_cast<std::size_t>(ny_) + static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(nx_) +
           static_cast<std::size_t>(x);
  }

  const PeakModel& model_;
  int nx_, ny_, nz_;
  core::Threads threads_;
  std::vector<SeparablePeak> peaks_;
};

double dot(const Change& a, const Change& b) {
  double sum = a.widths.dot(b.widths);
  for (std::size_t i = 0; i < a.atoms.size(); ++i)
    sum += a.atoms[i].dot(b.atoms[i]);
  return sum;
}

/// a += factor x b.
void add(Change& a, double factor, const Change& b) {
  a.widths += factor * b.widths;
  for (std::size_t i = 0; i < a.atoms.size(); ++i)
    a.atoms[i] += factor * b.atoms[i];
}

/// Conjugate gradients, preconditioned by the blocks of single atoms and of the widths.
Change solve_together(const AllPeaks& peaks, const Change& right, const AllPeaks::Blocks& blocks,
                      std::vector<float>& scratch) {
  constexpr int most_iterations = 40;
  constexpr double enough = 1e-3; // of the residual: the next round goes on from there
  constexpr double damping = 1e-6;
  std::vector<Eigen::LLT<Eigen::Matrix4d>> factors;
  for (Eigen::Matrix4d m : blocks.atoms) {
    m.diagonal() *= 1.0 + damping;
    m.diagonal().array() += 1e-30;
    factors.emplace_back(m);
  }
  const Eigen::LLT<Eigen::Matrix3d> of_widths(blocks.widths);
  const auto prepared = [&](const Change& r) {
    Change z{std::vector<PeakStep>(r.atoms.size()), of_widths.solve(r.widths)};
    for (std::size_t a = 0; a < r.atoms.size(); ++a)
      z.atoms[a] = factors[a].solve(r.atoms[a]);
    return z;
  };
  Change x{std::vector<PeakStep>(right.atoms.size(), PeakStep::Zero())};
  Change r = right;
  Change p = prepared(r);
  double rz = dot(r, p);
  const double first = rz;
  for (int i = 0; i < most_iterations && rz > enough * enough * first; ++i) {
    std::fill(scratch.begin(), scratch.end(), 0.0F);
    peaks.add(0.0, p, scratch.data());
    const Change q = peaks.gather(scratch.data());
    const double alpha = rz / dot(p, q);
    add(x, alpha, p);
    add(r, -alpha, q);
    Change z = prepared(r);
    const double next = dot(r, z);
    add(z, next / rz, p);
    p = std::move(z);
    rz = next;
  }
  return x;
}

/// volume - background - peaks, where any peak reaches; 0 elsewhere.
/// \return its square sum.
double residual(const core::Volume& volume, const PeakModel& model, const AllPeaks& peaks,
                const std::vector<unsigned char>& mask, std::vector<float>& out) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = volume.data[i] - static_cast<float>(model.background);
  peaks.add(-1.0, {}, out.data());
  double sum = 0.0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (mask[i] == 0) out[i] = 0.0F;
    sum += static_cast<double>(out[i]) * static_cast<double>(out[i]);
  }
  return sum;
}

/// Median of the voxels that no peak reaches; 0 where they are few, as in a film.
double level_between(const core::Volume& volume, const std::vector<unsigned char>& mask) {
  constexpr std::size_t least = 1000;
  std::vector<float> free;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) free.push_back(volume.data[i]);
  }
  if (free.size() < least) return 0.0;
  const auto middle = free.begin() + static_cast<std::ptrdiff_t>(free.size() / 2);
  std::nth_element(free.begin(), middle, free.end());
  return static_cast<double>(*middle);
}

PeakModel starting_model(const core::Volume& volume, const std::vector<Vec3>& start) {
  constexpr double typical_sigma_a = 0.55;
  PeakModel model;
  model.sigma.setConstant(std::max(0.6, typical_sigma_a / volume.voxel_size));
  const Vec3 origin(volume.nx / 2, volume.ny / 2, volume.nz / 2);
  double total = 0.0;
  for (std::size_t a = 0; a < start.size(); ++a) {
    const Vec3 p = start[a] / volume.voxel_size + origin;
    const Eigen::Vector3i at = p.array().round().cast<int>();
    if ((at.array() < 0).any() || at.x() >= volume.nx || at.y() >= volume.ny || at.z() >= volume.nz) {
      throw core::DataError(fmt::format(
          "atom {} at ({:.2f}, {:.2f}, {:.2f}) A lies outside the volume of {} x {} x {} voxels of {} A: do "
          "volume and model belong together, and is the voxel size right?",
          a + 1, start[a].x(), start[a].y(), start[a].z(), volume.nx, volume.ny, volume.nz,
          volume.voxel_size));
    }
    model.places.push_back(p);
    model.heights.push_back(static_cast<double>(volume.at(at.x(), at.y(), at.z())));
    total += model.heights.back();
  }
  const AllPeaks peaks(model, volume, core::Threads{1});
  model.background = level_between(volume, peaks.reached());
  if (!(total / static_cast<double>(start.size()) > model.background)) {
    throw core::DataError("the volume is no brighter at the atoms than elsewhere: do volume and model belong "
                          "together?");
  }
  const double typical = total / static_cast<double>(start.size());
  for (double& h : model.heights)
    h = std::max(h - model.background, 0.05 * (typical - model.background)); // a hollow has no slope to go by
  return model;
}

} // namespace

void check(const VolumeRefineOptions& o) {
  if (o.rounds < 1 || o.rounds > 1000)
    throw core::ConfigError(fmt::format("refine-volume: {} rounds; allowed are 1 to 1000", o.rounds));
  if (!(o.tolerance_a > 0.0)) throw core::ConfigError("refine-volume: the tolerance must be positive");
  if (!(o.longest_a > 0.0 && o.longest_a <= 5.0)) {
    throw core::ConfigError(
        fmt::format("refine-volume: a longest way of {} A; allowed is (0, 5] angstrom", o.longest_a));
  }
}

VolumeRefineResult refine_in_volume(const core::Volume& volume, const std::vector<Vec3>& start,
                                    const VolumeRefineOptions& options, core::Threads threads,
                                    const core::ProgressSink& progress) {
  check(options);
  if (start.empty()) throw core::DataError("the model has no atoms to refine");
  PeakModel model = starting_model(volume, start);
  const std::vector<Vec3> first = model.places;
  std::vector<float> rest(volume.data.size());
  std::vector<float> scratch(volume.data.size());
  VolumeRefineResult result;
  double loss = 0.0;
  constexpr double longest_step = 0.5;  // [voxel], in a round
  constexpr double widest_change = 0.2; // of the logarithm of a width, in a round
  for (result.rounds = 0; result.rounds < options.rounds && !result.converged; ++result.rounds) {
    const AllPeaks peaks(model, volume, threads);
    const std::vector<unsigned char> mask = peaks.reached();
    loss = residual(volume, model, peaks, mask, rest);
    const Change change = solve_together(peaks, peaks.gather(rest.data()), peaks.blocks(), scratch);
    const Vec3 widths = change.widths.cwiseMax(-widest_change).cwiseMin(widest_change);
    double square = 0.0;
    for (std::size_t a = 0; a < change.atoms.size(); ++a) {
      Vec3 step = change.atoms[a].head<3>();
      step *= std::min(1.0, longest_step / std::max(step.norm(), 1e-12));
      model.places[a] += step;
      model.places[a] =
          model.places[a].cwiseMax(0.0).cwiseMin(Vec3(volume.nx - 1, volume.ny - 1, volume.nz - 1));
      model.heights[a] += change.atoms[a][3];
      square += step.squaredNorm();
    }
    model.sigma = model.sigma.cwiseProduct(widths.array().exp().matrix())
                      .cwiseMax(0.5)
                      .cwiseMin(most_reach / reach_in_sigmas);
    const double rms = volume.voxel_size * std::sqrt(square / static_cast<double>(change.atoms.size()));
    result.converged = rms < options.tolerance_a && widths.cwiseAbs().maxCoeff() < 1e-3;
    core::report(progress, {result.rounds + 1.0, static_cast<double>(options.rounds), "rounds",
                            fmt::format("moved {:.4f} A, rest {:.4g}", rms, loss), true});
  }

  const double longest = options.longest_a / volume.voxel_size;
  double way = 0.0;
  for (std::size_t a = 0; a < start.size(); ++a) {
    if ((model.places[a] - first[a]).norm() > longest) {
      model.places[a] = first[a];
      ++result.returned;
    }
    way += (model.places[a] - first[a]).squaredNorm();
  }
  const AllPeaks peaks(model, volume, threads);
  const std::vector<unsigned char> mask = peaks.reached();
  static_cast<void>(residual(volume, model, peaks, mask, rest));
  double difference = 0.0;
  double signal = 0.0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (mask[i] == 0) continue;
    difference += std::abs(static_cast<double>(rest[i]));
    signal += std::abs(static_cast<double>(volume.data[i]) - model.background);
  }
  result.r1 = difference / signal;
  result.moved_a = volume.voxel_size * std::sqrt(way / static_cast<double>(start.size()));
  const Vec3 origin(volume.nx / 2, volume.ny / 2, volume.nz / 2);
  for (const Vec3& p : model.places)
    result.positions.emplace_back(volume.voxel_size * (p - origin));
  result.heights = model.heights;
  result.sigma_a = volume.voxel_size * model.sigma;
  result.background = model.background;
  return result;
}

} // namespace aet::recon
