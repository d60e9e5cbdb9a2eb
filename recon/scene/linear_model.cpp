#include "recon/scene/linear_model.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Geometry> // cross products

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

/// Tilts worked on side by side; their sums over atoms are then added in order, so that results do not depend
/// on the number of threads while memory stays small.
constexpr std::size_t batch = 8;

/// Sum of all atoms' windows.
PixelBuffer profile_sum(const Scene& scene, const StampMaker& maker, std::size_t tilt, int nx, int ny) {
  PixelBuffer buffer(nx, ny);
  Stamp stamp;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    if (maker.place(scene, scene.tilts[tilt], a, stamp)) add_value(stamp, 1.0, buffer);
  }
  return buffer;
}

/// An atom from the middle of the specimen's projection, in the axes of the image: turns act on it there.
core::Vec3 turned(const TiltState& tilt, const core::Vec3& position) {
  return tilt.pose.orientation * position;
}

} // namespace

std::vector<PixelBuffer> profile_sums(const Scene& scene, const core::TiltSeries& series,
                                      core::Threads threads) {
  const StampMaker maker(scene, series);
  std::vector<PixelBuffer> buffers(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    buffers[t] = profile_sum(scene, maker, t, series.images.front().nx, series.images.front().ny);
  });
  return buffers;
}

std::vector<PixelBuffer> model_images(const Scene& scene, const core::TiltSeries& series,
                                      core::Threads threads) {
  std::vector<PixelBuffer> buffers = profile_sums(scene, series, threads);
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    for (double& value : buffers[t].data)
      value = pixel_mean(scene.tilts[t], scene.response, value);
  });
  return buffers;
}

ImageMisfit misfit(const Scene& scene, const SeriesLikelihood& likelihood, core::Threads threads) {
  const core::TiltSeries& series = likelihood.series();
  const StampMaker maker(scene, series);
  const std::size_t tilts = series.size();
  ImageMisfit total;
  total.tilt_loss.assign(tilts, 0.0);
  total.r1.assign(tilts, 0.0);
  std::vector<double> chi2(tilts, 0.0);
  std::vector<double> measured(tilts, 0.0);
  core::parallel_for(tilts, threads, [&](std::size_t t, int) {
    const core::Image& image = series.images[t];
    const PixelBuffer sum = profile_sum(scene, maker, t, image.nx, image.ny);
    const TiltState& tilt = scene.tilts[t];
    const TiltLikelihood pixels = likelihood.tilt(t);
    double difference = 0.0;
    double observed = 0.0;
    for (std::size_t i = 0; i < sum.data.size(); ++i) {
      const double y = pixels.observed(i);
      const double mean = pixel_mean(tilt, scene.response, sum.data[i]);
      if (!pixels.trusted(i)) continue;
      measured[t] += 1.0;
      total.tilt_loss[t] += pixels.loss(i, mean);
      chi2[t] += (y - mean) * (y - mean) * pixels.weight(i, mean);
      difference += std::abs(y - mean);
      observed += std::abs(y - tilt.background);
    }
    total.r1[t] = observed > 0.0 ? difference / observed : 0.0;
  });
  for (std::size_t t = 0; t < tilts; ++t) {
    total.loss += total.tilt_loss[t];
    total.chi2 += chi2[t];
    total.pixels += measured[t];
  }
  return total;
}

LinearModel::LinearModel(const Scene& scene, const SeriesLikelihood& likelihood, const FreeParameters& free,
                         core::Threads threads)
    : scene_(scene), likelihood_(likelihood), free_(free), threads_(threads),
      maker_(scene, likelihood.series()) {
  linearize();
}

Eigen::Index LinearModel::size() const {
  return tilt_index(scene_.size(), scene_.tilts.size());
}

LinearModel::TiltColumns LinearModel::tilt_columns(std::size_t t) const {
  const PixelBuffer& sum = sums_[t];
  TiltColumns columns{PixelBuffer(sum.nx, sum.ny), PixelBuffer(sum.nx, sum.ny)};
  for (std::size_t i = 0; i < sum.data.size(); ++i) {
    const double inverse = 1.0 / scene_.response.slope(sum.data[i]);
    columns.gain.data[i] = scene_.response.value(sum.data[i]) * inverse;
    columns.background.data[i] = inverse;
  }
  return columns;
}

LinearModel::TiltVector LinearModel::adjoint(std::size_t t, const PixelBuffer& buffer,
                                             const TiltColumns& columns, double* atoms) const {
  const TiltState& tilt = scene_.tilts[t];
  TiltVector out = TiltVector::Zero();
  Stamp stamp;
  for (std::size_t a = 0; a < scene_.size() && (atoms_free() || poses_free()); ++a) {
    Eigen::Map<Eigen::Vector4d> part(atoms + atom_parameters * a);
    part.setZero();
    if (!maker_.place(scene_.species[a], projected(tilt, scene_.positions[a]), stamp, tilt.defocus)) continue;
    const core::Vec3 g = tilt.gain * scene_.strength(a) * gather_derivative(stamp, buffer);
    part.head<3>() = tilt.pose.orientation.transpose() * g;
    if (free_.strengths) part[3] = tilt.gain * gather_value(stamp, buffer);
    out.segment<3>(turn_x) += turned(tilt, scene_.positions[a]).cross(g);
    out.segment<2>(shift_x) += g.head<2>();
  }
  for (std::size_t i = 0; i < buffer.data.size(); ++i) {
    out[tilt_gain] += buffer.data[i] * columns.gain.data[i];
    out[tilt_background] += buffer.data[i] * columns.background.data[i];
  }
  return out;
}

Eigen::Matrix4d LinearModel::atom_block(std::size_t t, std::size_t a) const {
  constexpr double least_strength = 0.1;
  Eigen::Matrix4d block = Eigen::Matrix4d::Zero();
  const TiltState& tilt = scene_.tilts[t];
  const core::Mat3& r = tilt.pose.orientation;
  Stamp stamp;
  if (!maker_.place(scene_.species[a], projected(tilt, scene_.positions[a]), stamp, tilt.defocus))
    return block;
  const double strength =
      std::copysign(std::max(least_strength, std::abs(scene_.strength(a))), scene_.strength(a));
  const double square = tilt.gain * tilt.gain;
  if (free_.positions)
    block.topLeftCorner<3, 3>() =
        square * strength * strength * (r.transpose() * gather_information(stamp, weights_[t]) * r);
  if (!free_.strengths) return block;
  const Eigen::Vector4d by_value = gather_value_information(stamp, weights_[t]);
  block(3, 3) = square * by_value[3];
  if (!free_.positions) return block;
  block.topRightCorner<3, 1>() = square * strength * (r.transpose() * by_value.head<3>());
  block.bottomLeftCorner<1, 3>() = block.topRightCorner<3, 1>().transpose();
  return block;
}

void LinearModel::fill_tilt_block(std::size_t t, const TiltColumns& own) {
  const TiltState& tilt = scene_.tilts[t];
  std::vector<PixelBuffer> columns(tilt_parameters, PixelBuffer(own.gain.nx, own.gain.ny));
  Stamp stamp;
  for (std::size_t a = 0; poses_free() && a < scene_.size(); ++a) {
    if (!maker_.place(scene_, tilt, a, stamp)) continue;
    add_derivative(stamp, tilt.gain * core::Vec3::UnitX(), columns[shift_x]);
    add_derivative(stamp, tilt.gain * core::Vec3::UnitY(), columns[shift_y]);
    const core::Vec3 arm = turned(tilt, scene_.positions[a]);
    for (int axis = 0; free_.angles && axis < 3; ++axis) {
      add_derivative(stamp, tilt.gain * core::Vec3::Unit(axis).cross(arm),
                     columns[static_cast<std::size_t>(turn_x + axis)]);
    }
  }
  columns[tilt_gain] = own.gain;
  columns[tilt_background] = own.background;
  const PixelBuffer& w = weights_[t];
  TiltBlock& block = tilt_blocks_[t];
  for (int i = 0; i < tilt_parameters; ++i) {
    for (int j = 0; j <= i; ++j) {
      const std::vector<double>& u = columns[static_cast<std::size_t>(i)].data;
      const std::vector<double>& v = columns[static_cast<std::size_t>(j)].data;
      double sum = 0.0;
      for (std::size_t k = 0; k < u.size(); ++k)
        sum += u[k] * v[k] * w.data[k];
      block(i, j) = block(j, i) = sum;
    }
  }
}

void LinearModel::linearize() {
  const core::TiltSeries& series = likelihood_.series();
  const std::size_t atoms = scene_.size();
  const std::size_t tilts = scene_.tilts.size();
  gradient_ = ParameterVector::Zero(size());
  sums_.resize(tilts);
  weights_.resize(tilts);
  residuals_.resize(tilts);
  atom_blocks_.assign(atoms, Eigen::Matrix4d::Zero());
  tilt_blocks_.assign(tilts, TiltBlock::Zero());
  std::vector<std::vector<double>> parts(std::min(batch, tilts),
                                         std::vector<double>(atom_parameters * atoms, 0.0));
  std::vector<std::vector<Eigen::Matrix4d>> blocks(parts.size(), std::vector<Eigen::Matrix4d>(atoms));
  std::vector<double> losses(tilts, 0.0);
  std::vector<TiltVector> tilt_parts(tilts);
  for (std::size_t first = 0; first < tilts; first += batch) {
    const std::size_t count = std::min(batch, tilts - first);
    core::parallel_for(count, threads_, [&](std::size_t b, int) {
      const std::size_t t = first + b;
      const TiltState& tilt = scene_.tilts[t];
      sums_[t] = profile_sum(scene_, maker_, t, series.images.front().nx, series.images.front().ny);
      const PixelBuffer& sum = sums_[t];
      const TiltLikelihood pixels = likelihood_.tilt(t);
      PixelBuffer& w = weights_[t];
      PixelBuffer& r = residuals_[t];
      w = PixelBuffer(sum.nx, sum.ny);
      r = PixelBuffer(sum.nx, sum.ny);
      for (std::size_t i = 0; i < sum.data.size(); ++i) {
        const double mean = pixel_mean(tilt, scene_.response, sum.data[i]);
        const double slope = scene_.response.slope(sum.data[i]);
        const double weight = pixels.weight(i, mean);
        losses[t] += pixels.loss(i, mean);
        r.data[i] = weight * slope * (pixels.observed(i) - mean);
        w.data[i] = weight * slope * slope;
      }
      const TiltColumns columns = tilt_columns(t);
      tilt_parts[t] = adjoint(t, r, columns, parts[b].data());
      for (std::size_t a = 0; atoms_free() && a < atoms; ++a)
        blocks[b][a] = atom_block(t, a);
      fill_tilt_block(t, columns);
    });
    for (std::size_t b = 0; atoms_free() && b < count; ++b) {
      gradient_.head(atom_index(atoms)) -=
          Eigen::Map<const Eigen::VectorXd>(parts[b].data(), atom_index(atoms));
      for (std::size_t a = 0; a < atoms; ++a)
        atom_blocks_[a] += blocks[b][a];
    }
  }
  loss_ = 0.0;
  for (std::size_t t = 0; t < tilts; ++t) {
    loss_ += losses[t];
    gradient_.segment<tilt_parameters>(tilt_index(atoms, t)) = -tilt_parts[t];
    TiltBlock& block = tilt_blocks_[t];
    block.diagonal().segment<3>(turn_x).array() += 1.0 / (free_.angle_scale_rad * free_.angle_scale_rad);
    block.diagonal().segment<2>(shift_x).array() += 1.0 / (free_.shift_scale_a * free_.shift_scale_a);
  }
  clear_fixed(gradient_);
}

LinearModel::TiltVector LinearModel::free_of_tilt() const {
  TiltVector free = TiltVector::Ones();
  if (!free_.angles) free.segment<3>(turn_x).setZero();
  if (!free_.shift) free.segment<2>(shift_x).setZero();
  if (!free_.gain) free[tilt_gain] = 0.0;
  if (!free_.background) free[tilt_background] = 0.0;
  return free;
}

void LinearModel::clear_fixed(ParameterVector& v) const {
  for (std::size_t a = 0; a < scene_.size(); ++a) {
    if (!free_.positions) v.segment<3>(atom_index(a)).setZero();
    if (!free_.strengths) v[atom_index(a) + 3] = 0.0;
  }
  const TiltVector free = free_of_tilt();
  for (std::size_t t = 0; t < scene_.tilts.size(); ++t) {
    auto part = v.segment<tilt_parameters>(tilt_index(scene_.size(), t));
    part = part.cwiseProduct(free).eval();
  }
}

void LinearModel::add_tilt_damping(ParameterVector& out, const ParameterVector& v) const {
  for (std::size_t t = 0; t < scene_.tilts.size(); ++t) {
    const Eigen::Index at = tilt_index(scene_.size(), t);
    out.segment<3>(at + turn_x) +=
        v.segment<3>(at + turn_x) / (free_.angle_scale_rad * free_.angle_scale_rad);
    out.segment<2>(at + shift_x) += v.segment<2>(at + shift_x) / (free_.shift_scale_a * free_.shift_scale_a);
  }
}

ParameterVector LinearModel::product(const ParameterVector& v_given) const {
  ParameterVector v = v_given;
  clear_fixed(v);
  const std::size_t atoms = scene_.size();
  const std::size_t tilts = scene_.tilts.size();
  ParameterVector out = ParameterVector::Zero(size());
  std::vector<std::vector<double>> parts(std::min(batch, tilts),
                                         std::vector<double>(atom_parameters * atoms, 0.0));
  std::vector<TiltVector> tilt_parts(tilts);
  for (std::size_t first = 0; first < tilts; first += batch) {
    const std::size_t count = std::min(batch, tilts - first);
    core::parallel_for(count, threads_, [&](std::size_t b, int) {
      const std::size_t t = first + b;
      const TiltState& tilt = scene_.tilts[t];
      const TiltVector own = v.segment<tilt_parameters>(tilt_index(atoms, t));
      const core::Vec3 turn = own.segment<3>(turn_x);
      const PixelBuffer& w = weights_[t];
      PixelBuffer buffer(w.nx, w.ny);
      Stamp stamp;
      for (std::size_t a = 0; a < atoms && (atoms_free() || poses_free()); ++a) {
        if (!maker_.place(scene_.species[a], projected(tilt, scene_.positions[a]), stamp, tilt.defocus))
          continue;
        core::Vec3 d = tilt.pose.orientation * v.segment<3>(atom_index(a)) +
                       turn.cross(turned(tilt, scene_.positions[a]));
        d.head<2>() += own.segment<2>(shift_x);
        add_derivative(stamp, tilt.gain * scene_.strength(a) * d, buffer);
        if (free_.strengths) add_value(stamp, tilt.gain * v[atom_index(a) + 3], buffer);
      }
      const TiltColumns columns = tilt_columns(t);
      for (std::size_t i = 0; i < buffer.data.size(); ++i) {
        buffer.data[i] = w.data[i] * (buffer.data[i] + own[tilt_gain] * columns.gain.data[i] +
                                      own[tilt_background] * columns.background.data[i]);
      }
      tilt_parts[t] = adjoint(t, buffer, columns, parts[b].data());
    });
    for (std::size_t b = 0; b < count; ++b)
      out.head(atom_index(atoms)) += Eigen::Map<const Eigen::VectorXd>(parts[b].data(), atom_index(atoms));
  }
  for (std::size_t t = 0; t < tilts; ++t)
    out.segment<tilt_parameters>(tilt_index(atoms, t)) = tilt_parts[t];
  add_tilt_damping(out, v);
  clear_fixed(out);
  return out;
}

ParameterVector LinearModel::precondition(const ParameterVector& r, double damping) const {
  ParameterVector out = ParameterVector::Zero(size());
  for (std::size_t a = 0; atoms_free() && a < scene_.size(); ++a) {
    Eigen::Matrix4d block = atom_blocks_[a];
    // An atom outside every image has no information; it then stays as it is.
    block.diagonal().array() += 1e-12 * (1.0 + block.trace());
    if (!free_.positions) block.diagonal().head<3>().setOnes();
    if (!free_.strengths) block(3, 3) = 1.0;
    out.segment<4>(atom_index(a)) = block.ldlt().solve(r.segment<4>(atom_index(a))) / (1.0 + damping);
  }
  const TiltVector active = free_of_tilt();
  for (std::size_t t = 0; t < scene_.tilts.size(); ++t) {
    const Eigen::Index at = tilt_index(scene_.size(), t);
    // Fixed parameters become a unit block, so that free ones see only each other.
    TiltBlock block = tilt_blocks_[t];
    for (int i = 0; i < tilt_parameters; ++i) {
      if (active[i] != 0.0) continue;
      block.row(i).setZero();
      block.col(i).setZero();
      block(i, i) = 1.0;
    }
    const TiltVector part = active.cwiseProduct(r.segment<tilt_parameters>(at));
    out.segment<tilt_parameters>(at) = block.ldlt().solve(part) / (1.0 + damping);
  }
  clear_fixed(out);
  return out;
}

ParameterVector LinearModel::block_product(const ParameterVector& v) const {
  ParameterVector out = ParameterVector::Zero(size());
  for (std::size_t a = 0; a < scene_.size(); ++a)
    out.segment<4>(atom_index(a)) = atom_blocks_[a] * v.segment<4>(atom_index(a));
  for (std::size_t t = 0; t < scene_.tilts.size(); ++t) {
    const Eigen::Index at = tilt_index(scene_.size(), t);
    out.segment<tilt_parameters>(at) = tilt_blocks_[t] * v.segment<tilt_parameters>(at);
  }
  clear_fixed(out);
  return out;
}

Scene stepped(const Scene& scene, const ParameterVector& step) {
  Scene next = scene;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    next.positions[a] += step.segment<3>(atom_index(a));
    const double stronger = step[atom_index(a) + 3];
    if (stronger == 0.0) continue;
    if (next.strengths.empty()) next.strengths.assign(scene.size(), 1.0);
    next.strengths[a] += stronger;
  }
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    const auto part = step.segment<tilt_parameters>(tilt_index(scene.size(), t));
    TiltState& tilt = next.tilts[t];
    tilt.pose = moved(tilt.pose, part.head<pose_parameters>());
    tilt.gain += part[tilt_gain];
    tilt.background += part[tilt_background];
  }
  return next;
}

} // namespace aet::recon
