#include "recon/volume/pruned_transform.hpp"

#include "sim/core/error.hpp"
#include "sim/core/fft.hpp"

#include <fftw3.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace aet::recon {

namespace {

using core::Complex;

fftwf_plan plan_of(const std::shared_ptr<void>& owned) {
  return static_cast<fftwf_plan>(owned.get());
}

fftwf_complex* raw(Complex* data) {
  return reinterpret_cast<fftwf_complex*>(data);
}

std::shared_ptr<void> own(fftwf_plan plan) {
  if (plan == nullptr) throw core::NumericsError("FFTW could not plan a transform of this size.");
  return {plan, [](void* p) {
            const std::scoped_lock lock(core::fftw_planner_mutex());
            fftwf_destroy_plan(static_cast<fftwf_plan>(p));
          }};
}

std::size_t product(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

} // namespace

PrunedTransform::PrunedTransform(int size, int box) : size_(size), box_(box), half_(size / 2 + 1) {
  if (size < 2 || size % 2 != 0 || box < 1 || box > size) {
    throw core::ConfigError(fmt::format(
        "a padded transform needs an even size and a box within it; size {}, box {}.", size, box));
  }
  core::AlignedVector<Complex> slab(product(size, half_));
  core::AlignedVector<float> rows(product(box, size));
  const std::array<int, 1> length{size};
  // FFTW_ESTIMATE, as in core/fft: measured plans would change the last bits from run to run.
  const std::scoped_lock lock(core::fftw_planner_mutex());
  rows_forward_ = own(fftwf_plan_many_dft_r2c(1, length.data(), box, rows.data(), nullptr, 1, size,
                                              raw(slab.data()), nullptr, 1, half_, FFTW_ESTIMATE));
  rows_backward_ = own(fftwf_plan_many_dft_c2r(1, length.data(), box, raw(slab.data()), nullptr, 1, half_,
                                               rows.data(), nullptr, 1, size, FFTW_ESTIMATE));
  const auto columns = [&](int sign) {
    return own(fftwf_plan_many_dft(1, length.data(), half_, raw(slab.data()), nullptr, half_, 1,
                                   raw(slab.data()), nullptr, half_, 1, sign, FFTW_ESTIMATE));
  };
  columns_forward_ = columns(FFTW_FORWARD);
  columns_backward_ = columns(FFTW_BACKWARD);
}

double PrunedTransform::bytes(int size, int box, core::Threads threads) {
  const double half = size / 2 + 1;
  return 8.0 * size * box * half + threads.count * (8.0 * size * half + 4.0 * box * size);
}

Complex* PrunedTransform::line(int ky, int z) {
  return lines_.data() + (product(ky, box_) + static_cast<std::size_t>(z)) * static_cast<std::size_t>(half_);
}

void PrunedTransform::reserve(core::Threads threads) {
  lines_.resize(product(size_, box_) * static_cast<std::size_t>(half_));
  scratch_.resize(std::max(scratch_.size(), static_cast<std::size_t>(std::max(1, threads.count))));
  for (Scratch& s : scratch_) {
    s.slab.resize(product(size_, half_));
    s.rows.resize(product(box_, size_));
  }
}

void PrunedTransform::box_to_lines(const float* in, core::Threads threads) {
  core::parallel_for(static_cast<std::size_t>(box_), threads, [&](std::size_t z, int worker) {
    Scratch& s = scratch_[static_cast<std::size_t>(worker)];
    for (int y = 0; y < box_; ++y) {
      const float* from = in + (z * static_cast<std::size_t>(box_) + static_cast<std::size_t>(y)) *
                                   static_cast<std::size_t>(box_);
      float* to = s.rows.data() + product(y, size_);
      std::copy_n(from, box_, to);
      std::fill(to + box_, to + size_, 0.0F);
    }
    fftwf_execute_dft_r2c(plan_of(rows_forward_), s.rows.data(), raw(s.slab.data()));
    std::fill(s.slab.begin() + static_cast<std::ptrdiff_t>(product(box_, half_)), s.slab.end(), Complex{});
    fftwf_execute_dft(plan_of(columns_forward_), raw(s.slab.data()), raw(s.slab.data()));
    for (int ky = 0; ky < size_; ++ky) {
      std::copy_n(s.slab.data() + product(ky, half_), half_, line(ky, static_cast<int>(z)));
    }
  });
}

void PrunedTransform::lines_to_box(float* out, float scale, core::Threads threads) {
  core::parallel_for(static_cast<std::size_t>(box_), threads, [&](std::size_t z, int worker) {
    Scratch& s = scratch_[static_cast<std::size_t>(worker)];
    for (int ky = 0; ky < size_; ++ky) {
      std::copy_n(line(ky, static_cast<int>(z)), half_, s.slab.data() + product(ky, half_));
    }
    fftwf_execute_dft(plan_of(columns_backward_), raw(s.slab.data()), raw(s.slab.data()));
    fftwf_execute_dft_c2r(plan_of(rows_backward_), raw(s.slab.data()), s.rows.data());
    for (int y = 0; y < box_; ++y) {
      const float* from = s.rows.data() + product(y, size_);
      float* to = out + (z * static_cast<std::size_t>(box_) + static_cast<std::size_t>(y)) *
                            static_cast<std::size_t>(box_);
      for (int x = 0; x < box_; ++x)
        to[x] = scale * from[x];
    }
  });
}

void PrunedTransform::slabs(const Slab& visit, bool load, bool store, core::Threads threads) {
  core::parallel_for(static_cast<std::size_t>(size_), threads, [&](std::size_t index, int worker) {
    const int ky = static_cast<int>(index);
    auto& slab = scratch_[static_cast<std::size_t>(worker)].slab;
    const std::size_t used = product(box_, half_);
    if (load) {
      std::copy_n(line(ky, 0), used, slab.data());
      std::fill(slab.begin() + static_cast<std::ptrdiff_t>(used), slab.end(), Complex{});
      fftwf_execute_dft(plan_of(columns_forward_), raw(slab.data()), raw(slab.data()));
    } else {
      std::fill(slab.begin(), slab.end(), Complex{});
    }
    visit(ky, slab.data(), worker);
    if (store) {
      fftwf_execute_dft(plan_of(columns_backward_), raw(slab.data()), raw(slab.data()));
      std::copy_n(slab.data(), used, line(ky, 0));
    }
  });
}

void PrunedTransform::forward(const float* in, const Slab& visit, core::Threads threads) {
  reserve(threads);
  box_to_lines(in, threads);
  slabs(visit, true, false, threads);
}

void PrunedTransform::backward(const Slab& fill, float* out, float scale, core::Threads threads) {
  reserve(threads);
  slabs(fill, false, true, threads);
  lines_to_box(out, scale, threads);
}

void PrunedTransform::filter(const float* in, const Slab& change, float* out, float scale,
                             core::Threads threads) {
  reserve(threads);
  box_to_lines(in, threads);
  slabs(change, true, true, threads);
  lines_to_box(out, scale, threads);
}

} // namespace aet::recon
