// The parts of the order benchmark that work on planted nuclei.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>

namespace aet::bench {

/// Planted events recovered from truth atoms, and what was found of order and crystals.
[[nodiscard]] nlohmann::json phantoms();

/// Monte Carlo: nuclei F1 and OPG errors of crystals in a liquid against errors of position, and of chemical
/// nuclei against wrong species; the figure is written to `figure` unless that is empty.
[[nodiscard]] nlohmann::json propagation(const std::filesystem::path& figure);

/// The phantom of inputs/nuclei_phantom.toml through images, GENFIRE and tracing by the program `aetval`.
[[nodiscard]] nlohmann::json chain(const std::string& aetval);

} // namespace aet::bench
