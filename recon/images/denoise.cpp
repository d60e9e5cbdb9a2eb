#include "recon/images/denoise.hpp"

#include "recon/images/anscombe.hpp"

#include <cstddef>

namespace aet::recon {

std::vector<core::Image> denoise(const std::vector<core::Image>& images, const NoiseModel& noise,
                                 const Bm3dOptions& options, core::Threads threads) {
  validate(options);
  if (noise.gain == 0.0 && noise.readout_variance == 0.0) return images;
  const Anscombe transform(noise);
  std::vector<core::Image> out;
  for (const core::Image& image : images) {
    core::Image stable(image.nx, image.ny);
    for (std::size_t i = 0; i < image.data.size(); ++i)
      stable.data[i] = static_cast<float>(transform.forward(static_cast<double>(image.data[i])));
    out.push_back(bm3d(stable, 1.0, options, threads));
    for (float& value : out.back().data)
      value = static_cast<float>(transform.inverse(static_cast<double>(value)));
  }
  return out;
}

} // namespace aet::recon
