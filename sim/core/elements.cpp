#include "sim/core/elements.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>
#include <gemmi/elem.hpp>

#include <cctype>

namespace aet::core {

namespace {

constexpr int last_element = 118;

gemmi::Element checked_element(int z) {
  if (z < 1 || z > last_element) {
    throw DataError(fmt::format("atomic number {} does not exist; allowed are 1 to {}.", z, last_element));
  }
  return gemmi::Element(z);
}

} // namespace

std::string element_symbol(int z) {
  return checked_element(z).name();
}

int atomic_number(std::string_view symbol) {
  const gemmi::El found = gemmi::find_element(std::string(symbol).c_str());
  const int z = gemmi::Element(found).ordinal();
  // gemmi knows deuterium as an element of its own, numbered after the others, and ignores trailing letters.
  if (z < 1 || z > last_element || gemmi::Element(found).name() != std::string_view(symbol)) {
    std::string proper(symbol);
    for (std::size_t i = 0; i < proper.size(); ++i) {
      proper[i] = static_cast<char>(i == 0 ? std::toupper(static_cast<unsigned char>(proper[i]))
                                           : std::tolower(static_cast<unsigned char>(proper[i])));
    }
    if (z >= 1 && z <= last_element && proper == gemmi::Element(found).name()) return z;
    throw DataError(fmt::format("'{}' is no chemical element; write a symbol such as Pt.", symbol));
  }
  return z;
}

double atomic_mass(int z) {
  return checked_element(z).weight();
}

} // namespace aet::core
