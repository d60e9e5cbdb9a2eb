// The version of aetval, as CMakeLists.txt states it.
#pragma once

namespace aet::validation {

inline constexpr const char* version_text = AETVAL_VERSION;

} // namespace aet::validation
