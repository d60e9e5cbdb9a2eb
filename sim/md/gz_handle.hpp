// A zlib file that closes itself.
#pragma once

#include <zlib.h>

#include <memory>
#include <type_traits>

namespace aet::md {

struct GzClose {
  void operator()(gzFile file) const { gzclose(file); }
};
using GzHandle = std::unique_ptr<std::remove_pointer_t<gzFile>, GzClose>;

} // namespace aet::md
