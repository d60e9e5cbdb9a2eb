# Precompiled headers, since Eigen, fmt and the standard library are most of what the compiler reads. The JSON
# library has a second one: whoever does not use it would pay for its templates at the end of every file. Targets
# that set AETVAL_OWN_OPTIMISATION go without, as GCC refuses a header made with other options.
option(AETVAL_PRECOMPILE "Precompile the headers of the libraries that most files read" ON)

set(aet_common_headers
  <Eigen/Core> <Eigen/Geometry> <fmt/core.h>
  <algorithm> <array> <cmath> <filesystem> <functional> <map> <memory> <numeric> <optional> <set> <sstream>
  <string> <string_view> <utility> <vector>)

# aet_precompiled_header(NAME HEADER...)
function(aet_precompiled_header name)
  add_library(${name} OBJECT "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/precompiled.cpp")
  target_link_libraries(${name} PRIVATE aet_options Eigen3::Eigen fmt::fmt)
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

# aet_precompile(FOLDER HEADER): every compiled target of a folder and of those below it.
function(aet_precompile folder header)
  get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    get_target_property(own ${target} AETVAL_OWN_OPTIMISATION)
    if(type MATCHES "STATIC_LIBRARY|EXECUTABLE" AND NOT own)
      target_precompile_headers(${target} REUSE_FROM ${header})
    endif()
  endforeach()
  get_property(below DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
  foreach(sub IN LISTS below)
    aet_precompile("${sub}" ${header})
  endforeach()
endfunction()

function(aet_precompile_all)
  if(NOT AETVAL_PRECOMPILE)
    return()
  endif()
  aet_precompiled_header(aet_precompiled ${aet_common_headers})
  aet_precompiled_header(aet_precompiled_json ${aet_common_headers} <nlohmann/json.hpp>)
  foreach(folder sim/core sim recon analysis)
    aet_precompile("${CMAKE_SOURCE_DIR}/${folder}" aet_precompiled)
  endforeach()
  aet_precompile("${CMAKE_SOURCE_DIR}/validation" aet_precompiled_json)
  if(BUILD_TESTING)
    aet_precompile("${CMAKE_SOURCE_DIR}/tests" aet_precompiled)
  endif()
endfunction()
