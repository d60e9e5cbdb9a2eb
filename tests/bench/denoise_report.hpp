// Denoising of simulated ADF-STEM images against the noise-free ones.
#pragma once

#include <string>

namespace aet::bench {

/// Three tilts of a 1,000-atom L1_0 FePt particle by the fast multislice method, 1.5e4 e/A^2 an image. PSNR
/// is 10 log10(peak^2 / mean square error), peak = largest noise-free count of the image; noise parameters
/// are estimated from the noisy images alone.
/// \return a JSON object.
[[nodiscard]] std::string denoise_report();

} // namespace aet::bench
