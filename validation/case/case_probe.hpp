// Table [images.probe] of a case, with its aberrations in either notation.
#pragma once

#include "sim/core/config.hpp"
#include "sim/stem/options.hpp"

namespace aet::validation {

/// \throws core::ConfigError naming file, line, key, value and what is allowed; also where two keys set the
/// same aberration.
[[nodiscard]] stem::ProbeOptions read_probe(const core::ConfigSection& probe);

} // namespace aet::validation
