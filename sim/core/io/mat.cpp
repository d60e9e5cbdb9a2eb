#include "sim/core/io/mat.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/core.h>
#include <matio.h>

#include <cstdint>
#include <memory>

namespace aet::core {

namespace {

struct CloseFile {
  void operator()(mat_t* file) const { Mat_Close(file); }
};
struct FreeVariable {
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};

template <class T> void copy(const matvar_t& variable, NumericArray& array) {
  const T* values = static_cast<const T*>(variable.data);
  for (std::size_t i = 0; i < array.values.size(); ++i)
    array.values[i] = static_cast<double>(values[i]);
}

/// False if the variable is no array of real numbers.
bool convert(const matvar_t& variable, NumericArray& array) {
  if (variable.isComplex != 0 || variable.data == nullptr || variable.rank < 1) return false;
  std::size_t count = 1;
  for (int d = 0; d < variable.rank; ++d) {
    array.shape.push_back(variable.dims[d]);
    count *= variable.dims[d];
  }
  array.values.resize(count);
  switch (variable.class_type) {
  case MAT_C_DOUBLE:
    copy<double>(variable, array);
    return true;
  case MAT_C_SINGLE:
    copy<float>(variable, array);
    return true;
  case MAT_C_INT8:
    copy<std::int8_t>(variable, array);
    return true;
  case MAT_C_UINT8:
    copy<std::uint8_t>(variable, array);
    return true;
  case MAT_C_INT16:
    copy<std::int16_t>(variable, array);
    return true;
  case MAT_C_UINT16:
    copy<std::uint16_t>(variable, array);
    return true;
  case MAT_C_INT32:
    copy<std::int32_t>(variable, array);
    return true;
  case MAT_C_UINT32:
    copy<std::uint32_t>(variable, array);
    return true;
  case MAT_C_INT64:
    copy<std::int64_t>(variable, array);
    return true;
  case MAT_C_UINT64:
    copy<std::uint64_t>(variable, array);
    return true;
  default:
    return false;
  }
}

} // namespace

std::map<std::string, NumericArray> read_mat(const std::filesystem::path& path) {
  (void)read_file(path); // missing or unreadable: the system's reason, which matio does not pass on
  const std::unique_ptr<mat_t, CloseFile> file(Mat_Open(path.c_str(), MAT_ACC_RDONLY));
  if (!file) {
    throw DataError(
        fmt::format("'{}' is not a usable .mat file; save it from MATLAB with -v7 or -v7.3.", path.string()));
  }
  std::map<std::string, NumericArray> arrays;
  while (true) {
    const std::unique_ptr<matvar_t, FreeVariable> variable(Mat_VarReadNext(file.get()));
    if (!variable) break;
    NumericArray array;
    if (variable->name != nullptr && convert(*variable, array))
      arrays.emplace(variable->name, std::move(array));
  }
  return arrays;
}

} // namespace aet::core
