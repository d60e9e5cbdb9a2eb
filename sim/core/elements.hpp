// Chemical elements: symbols, numbers and masses (from gemmi's table).
#pragma once

#include <string>
#include <string_view>

namespace aet::core {

/// Symbol of an element, 1 <= z <= 118.
/// \throws DataError otherwise.
[[nodiscard]] std::string element_symbol(int z);

/// Atomic number of a symbol such as "Pt" (case-insensitive).
/// \throws DataError if there is none.
[[nodiscard]] int atomic_number(std::string_view symbol);

/// Standard atomic weight [u].
/// \throws DataError for z outside 1..118.
[[nodiscard]] double atomic_mass(int z);

} // namespace aet::core
