#include "recon/scene/linear_model.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Geometry>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

/// Tilts worked on side by side; their sums over atoms are then added in order, so that results do not depend
/// on the number of threads while memory stays small.
constexpr std::size_t batch = 8;

std::size_t pixels_of(const core::TiltSeries& series) {
  return series.images.front().data.size();
}

/// Sum of all atoms' windows.
Frame profile_sum(const Scene& scene, const StampMaker& maker, std::size_t tilt, int nx, int ny) {
  Frame frame(nx, ny);
  Stamp stamp;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    if (maker.place(scene.species[a], projected(scene.tilts[tilt], scene.positions[a]), stamp,
                    scene.tilts[tilt].defocus))
      add_value(stamp, 1.0, frame);
  }
  return frame;
}

Eigen::Index atom_index(std::size_t a) {
  return static_cast<Eigen::Index>(3 * a);
}

} // namespace

std::vector<Frame> profile_sums(const Scene& scene, const core::TiltSeries& series, core::Threads threads) {
  const StampMaker maker(scene, series);
  std::vector<Frame> frames(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    frames[t] = profile_sum(scene, maker, t, series.images.front().nx, series.images.front().ny);
  });
  return frames;
}

std::vector<Frame> model_images(const Scene& scene, const core::TiltSeries& series, core::Threads threads) {
  std::vector<Frame> frames = profile_sums(scene, series, threads);
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    for (double& value : frames[t].data)
      value = pixel_mean(scene.tilts[t], scene.response, value);
  });
  return frames;
}

ImageMisfit misfit(const Scene& scene, const core::TiltSeries& series, const SeriesLikelihood& likelihood,
                   core::Threads threads) {
  const StampMaker maker(scene, series);
  const std::size_t tilts = series.size();
  ImageMisfit total;
  total.tilt_loss.assign(tilts, 0.0);
  total.r1.assign(tilts, 0.0);
  std::vector<double> chi2(tilts, 0.0);
  core::parallel_for(tilts, threads, [&](std::size_t t, int) {
    const core::Image& image = series.images[t];
    const Frame sum = profile_sum(scene, maker, t, image.nx, image.ny);
    const TiltState& tilt = scene.tilts[t];
    const TiltLikelihood pixels = likelihood.tilt(t);
    double difference = 0.0;
    double observed = 0.0;
    for (std::size_t i = 0; i < sum.data.size(); ++i) {
      const auto y = static_cast<double>(image.data[i]);
      const double mean = pixel_mean(tilt, scene.response, sum.data[i]);
      total.tilt_loss[t] += pixels.loss(i, y, mean);
      chi2[t] += (y - mean) * (y - mean) * pixels.weight(i, mean);
      difference += std::abs(y - mean);
      observed += std::abs(y - tilt.background);
    }
    total.r1[t] = observed > 0.0 ? difference / observed : 0.0;
  });
  for (std::size_t t = 0; t < tilts; ++t) {
    total.loss += total.tilt_loss[t];
    total.chi2 += chi2[t];
  }
  total.pixels = static_cast<double>(tilts * pixels_of(series));
  return total;
}

LinearModel::LinearModel(const Scene& scene, const core::TiltSeries& series,
                         const SeriesLikelihood& likelihood, const FreeParameters& free,
                         core::Threads threads)
    : scene_(scene), series_(series), likelihood_(likelihood), free_(free), threads_(threads),
      maker_(scene, series) {
  linearize();
}

Eigen::Index LinearModel::size() const {
  return static_cast<Eigen::Index>(3 * scene_.size() + tilt_parameters * scene_.tilts.size());
}

LinearModel::TiltColumns LinearModel::tilt_columns(const Frame& sum) const {
  TiltColumns columns{Frame(sum.nx, sum.ny), Frame(sum.nx, sum.ny)};
  for (std::size_t i = 0; i < sum.data.size(); ++i) {
    const double inverse = 1.0 / scene_.response.slope(sum.data[i]);
    columns.gain.data[i] = scene_.response.value(sum.data[i]) * inverse;
    columns.background.data[i] = inverse;
  }
  return columns;
}

LinearModel::TiltVector LinearModel::adjoint(std::size_t t, const Frame& frame, const TiltColumns& columns,
                                             double* atoms) const {
  const TiltState& tilt = scene_.tilts[t];
  TiltVector out = TiltVector::Zero();
  Stamp stamp;
  for (std::size_t a = 0; a < scene_.size(); ++a) {
    const core::Vec3 p = projected(tilt, scene_.positions[a]);
    Eigen::Map<core::Vec3> part(atoms + 3 * a);
    if (!maker_.place(scene_.species[a], p, stamp, tilt.defocus)) {
      part.setZero();
      continue;
    }
    const core::Vec3 g = tilt.gain * gather_derivative(stamp, frame);
    part.noalias() = tilt.rotation.transpose() * g;
    out[shift_x] += g.x();
    out[shift_y] += g.y();
    const core::Vec3 turned(p.x() - tilt.shift.x(), p.y() - tilt.shift.y(), p.z());
    out.segment<3>(turn_x) += turned.cross(g);
  }
  for (std::size_t i = 0; i < frame.data.size(); ++i) {
    out[tilt_gain] += frame.data[i] * columns.gain.data[i];
    out[tilt_background] += frame.data[i] * columns.background.data[i];
  }
  return out;
}

void LinearModel::fill_tilt_block(std::size_t t, const TiltColumns& own) {
  const TiltState& tilt = scene_.tilts[t];
  std::vector<Frame> columns(tilt_parameters, Frame(own.gain.nx, own.gain.ny));
  Stamp stamp;
  const bool pose = free_.shift || free_.angles;
  for (std::size_t a = 0; pose && a < scene_.size(); ++a) {
    const core::Vec3 p = projected(tilt, scene_.positions[a]);
    if (!maker_.place(scene_.species[a], p, stamp, tilt.defocus)) continue;
    add_derivative(stamp, tilt.gain * core::Vec3::UnitX(), columns[shift_x]);
    add_derivative(stamp, tilt.gain * core::Vec3::UnitY(), columns[shift_y]);
    const core::Vec3 turned(p.x() - tilt.shift.x(), p.y() - tilt.shift.y(), p.z());
    for (int axis = 0; free_.angles && axis < 3; ++axis) {
      add_derivative(stamp, tilt.gain * core::Vec3::Unit(axis).cross(turned),
                     columns[static_cast<std::size_t>(turn_x + axis)]);
    }
  }
  columns[tilt_gain] = own.gain;
  columns[tilt_background] = own.background;
  const Frame& w = weights_[t];
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
  const std::size_t atoms = scene_.size();
  const std::size_t tilts = scene_.tilts.size();
  gradient_ = ParameterVector::Zero(size());
  weights_.resize(tilts);
  residuals_.resize(tilts);
  atom_blocks_.assign(atoms, core::Mat3::Zero());
  tilt_blocks_.assign(tilts, TiltBlock::Zero());
  std::vector<std::vector<double>> parts(std::min(batch, tilts), std::vector<double>(3 * atoms));
  std::vector<std::vector<core::Mat3>> blocks(parts.size(), std::vector<core::Mat3>(atoms));
  std::vector<double> losses(tilts, 0.0);
  std::vector<TiltVector> tilt_parts(tilts);
  for (std::size_t first = 0; first < tilts; first += batch) {
    const std::size_t count = std::min(batch, tilts - first);
    core::parallel_for(count, threads_, [&](std::size_t b, int) {
      const std::size_t t = first + b;
      const TiltState& tilt = scene_.tilts[t];
      const Frame sum = profile_sum(scene_, maker_, t, series_.images.front().nx, series_.images.front().ny);
      const TiltLikelihood pixels = likelihood_.tilt(t);
      Frame& w = weights_[t];
      Frame& r = residuals_[t];
      w = Frame(sum.nx, sum.ny);
      r = Frame(sum.nx, sum.ny);
      for (std::size_t i = 0; i < sum.data.size(); ++i) {
        const auto y = static_cast<double>(series_.images[t].data[i]);
        const double mean = pixel_mean(tilt, scene_.response, sum.data[i]);
        const double slope = scene_.response.slope(sum.data[i]);
        const double weight = pixels.weight(i, mean);
        losses[t] += pixels.loss(i, y, mean);
        r.data[i] = weight * slope * (y - mean);
        w.data[i] = weight * slope * slope;
      }
      const TiltColumns columns = tilt_columns(sum);
      tilt_parts[t] = adjoint(t, r, columns, parts[b].data());
      Stamp stamp;
      for (std::size_t a = 0; a < atoms; ++a) {
        blocks[b][a].setZero();
        if (!maker_.place(scene_.species[a], projected(tilt, scene_.positions[a]), stamp, tilt.defocus))
          continue;
        blocks[b][a] = tilt.gain * tilt.gain *
                       (tilt.rotation.transpose() * gather_information(stamp, w) * tilt.rotation);
      }
      fill_tilt_block(t, columns);
    });
    for (std::size_t b = 0; b < count; ++b) {
      for (std::size_t a = 0; a < atoms; ++a) {
        gradient_.segment<3>(atom_index(a)) -= Eigen::Map<const core::Vec3>(parts[b].data() + 3 * a);
        atom_blocks_[a] += blocks[b][a];
      }
    }
  }
  loss_ = 0.0;
  for (std::size_t t = 0; t < tilts; ++t) {
    loss_ += losses[t];
    gradient_.segment<tilt_parameters>(atom_index(atoms) + static_cast<Eigen::Index>(tilt_parameters * t)) =
        -tilt_parts[t];
    TiltBlock& block = tilt_blocks_[t];
    block.diagonal().segment<2>(shift_x).array() += 1.0 / (free_.shift_scale_a * free_.shift_scale_a);
    block.diagonal().segment<3>(turn_x).array() += 1.0 / (free_.angle_scale_rad * free_.angle_scale_rad);
  }
  clear_fixed(gradient_);
}

void LinearModel::clear_fixed(ParameterVector& v) const {
  const Eigen::Index atoms = atom_index(scene_.size());
  if (!free_.positions) v.head(atoms).setZero();
  for (std::size_t t = 0; t < scene_.tilts.size(); ++t) {
    auto part = v.segment<tilt_parameters>(atoms + static_cast<Eigen::Index>(tilt_parameters * t));
    if (!free_.shift) part.segment<2>(shift_x).setZero();
    if (!free_.angles) part.segment<3>(turn_x).setZero();
    if (!free_.gain) part[tilt_gain] = 0.0;
    if (!free_.background) part[tilt_background] = 0.0;
  }
}

void LinearModel::add_tilt_damping(ParameterVector& out, const ParameterVector& v) const {
  const Eigen::Index atoms = atom_index(scene_.size());
  for (std::size_t t = 0; t < scene_.tilts.size(); ++t) {
    const Eigen::Index at = atoms + static_cast<Eigen::Index>(tilt_parameters * t);
    out.segment<2>(at + shift_x) += v.segment<2>(at + shift_x) / (free_.shift_scale_a * free_.shift_scale_a);
    out.segment<3>(at + turn_x) +=
        v.segment<3>(at + turn_x) / (free_.angle_scale_rad * free_.angle_scale_rad);
  }
}

ParameterVector LinearModel::product(const ParameterVector& v_given) const {
  ParameterVector v = v_given;
  clear_fixed(v);
  const std::size_t atoms = scene_.size();
  const std::size_t tilts = scene_.tilts.size();
  ParameterVector out = ParameterVector::Zero(size());
  std::vector<std::vector<double>> parts(std::min(batch, tilts), std::vector<double>(3 * atoms));
  std::vector<TiltVector> tilt_parts(tilts);
  const bool with_sum = free_.gain || (free_.background && scene_.response.saturation != 0.0);
  for (std::size_t first = 0; first < tilts; first += batch) {
    const std::size_t count = std::min(batch, tilts - first);
    core::parallel_for(count, threads_, [&](std::size_t b, int) {
      const std::size_t t = first + b;
      const TiltState& tilt = scene_.tilts[t];
      const TiltVector own =
          v.segment<tilt_parameters>(atom_index(atoms) + static_cast<Eigen::Index>(tilt_parameters * t));
      const Frame& w = weights_[t];
      Frame frame(w.nx, w.ny);
      Frame sum(w.nx, w.ny);
      Stamp stamp;
      for (std::size_t a = 0; a < atoms; ++a) {
        const core::Vec3 p = projected(tilt, scene_.positions[a]);
        if (!maker_.place(scene_.species[a], p, stamp, tilt.defocus)) continue;
        const core::Vec3 turned(p.x() - tilt.shift.x(), p.y() - tilt.shift.y(), p.z());
        const core::Vec3 turn = own.segment<3>(turn_x);
        core::Vec3 d = tilt.rotation * v.segment<3>(atom_index(a)) + turn.cross(turned);
        d.x() += own[shift_x];
        d.y() += own[shift_y];
        add_derivative(stamp, tilt.gain * d, frame);
        if (with_sum) add_value(stamp, 1.0, sum);
      }
      const TiltColumns columns = tilt_columns(sum);
      for (std::size_t i = 0; i < frame.data.size(); ++i) {
        frame.data[i] = w.data[i] * (frame.data[i] + own[tilt_gain] * columns.gain.data[i] +
                                     own[tilt_background] * columns.background.data[i]);
      }
      tilt_parts[t] = adjoint(t, frame, columns, parts[b].data());
    });
    for (std::size_t b = 0; b < count; ++b)
      out.head(atom_index(atoms)) += Eigen::Map<const Eigen::VectorXd>(parts[b].data(), atom_index(atoms));
  }
  for (std::size_t t = 0; t < tilts; ++t)
    out.segment<tilt_parameters>(atom_index(atoms) + static_cast<Eigen::Index>(tilt_parameters * t)) =
        tilt_parts[t];
  add_tilt_damping(out, v);
  clear_fixed(out);
  return out;
}

ParameterVector LinearModel::precondition(const ParameterVector& r, double damping) const {
  ParameterVector out = ParameterVector::Zero(size());
  const Eigen::Index atoms = atom_index(scene_.size());
  for (std::size_t a = 0; free_.positions && a < scene_.size(); ++a) {
    core::Mat3 block = atom_blocks_[a];
    // An atom outside every image has no information; it then stays where it is.
    block.diagonal().array() += 1e-12 * (1.0 + block.trace());
    out.segment<3>(atom_index(a)) = block.ldlt().solve(r.segment<3>(atom_index(a))) / (1.0 + damping);
  }
  for (std::size_t t = 0; t < scene_.tilts.size(); ++t) {
    const Eigen::Index at = atoms + static_cast<Eigen::Index>(tilt_parameters * t);
    // Fixed parameters become a unit block, so that free ones see only each other.
    TiltBlock block = tilt_blocks_[t];
    TiltVector active = TiltVector::Ones();
    if (!free_.shift) active.segment<2>(shift_x).setZero();
    if (!free_.angles) active.segment<3>(turn_x).setZero();
    if (!free_.gain) active[tilt_gain] = 0.0;
    if (!free_.background) active[tilt_background] = 0.0;
    for (int i = 0; i < tilt_parameters; ++i) {
      if (active[i] != 0.0) continue;
      block.row(i).setZero();
      block.col(i).setZero();
      block(i, i) = 1.0;
    }
    const TiltVector part = active.cwiseProduct(r.segment<tilt_parameters>(at));
    out.segment<tilt_parameters>(at) = block.ldlt().solve(part) / (1.0 + damping);
  }
  return out;
}

ParameterVector LinearModel::block_product(const ParameterVector& v) const {
  ParameterVector out = ParameterVector::Zero(size());
  const Eigen::Index atoms = atom_index(scene_.size());
  for (std::size_t a = 0; a < scene_.size(); ++a)
    out.segment<3>(atom_index(a)) = atom_blocks_[a] * v.segment<3>(atom_index(a));
  for (std::size_t t = 0; t < scene_.tilts.size(); ++t) {
    const Eigen::Index at = atoms + static_cast<Eigen::Index>(tilt_parameters * t);
    out.segment<tilt_parameters>(at) = tilt_blocks_[t] * v.segment<tilt_parameters>(at);
  }
  clear_fixed(out);
  return out;
}

Scene stepped(const Scene& scene, const ParameterVector& step) {
  Scene next = scene;
  for (std::size_t a = 0; a < scene.size(); ++a)
    next.positions[a] += step.segment<3>(atom_index(a));
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    const auto part = step.segment<tilt_parameters>(atom_index(scene.size()) +
                                                    static_cast<Eigen::Index>(tilt_parameters * t));
    TiltState& tilt = next.tilts[t];
    tilt.shift += part.segment<2>(shift_x);
    const core::Vec3 turn = part.segment<3>(turn_x);
    if (turn.norm() > 0.0)
      tilt.rotation = Eigen::AngleAxisd(turn.norm(), turn.normalized()).toRotationMatrix() * tilt.rotation;
    tilt.gain += part[tilt_gain];
    tilt.background += part[tilt_background];
  }
  return next;
}

} // namespace aet::recon
