# Build options, in one place. Every target of ours links aet_options.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# aetval looks for its worker beside itself.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
# A compiler cache where there is one. Precompiled headers ask it not to look at times and macros.
find_program(AETVAL_CCACHE ccache)
if(AETVAL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;CCACHE_DEPEND=1;${AETVAL_CCACHE}")
endif()
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

option(AETVAL_NATIVE "Use every instruction of this machine (the binary then runs only on machines like it)" ON)
option(AETVAL_UNITY "Compile the files of a module as one: half the work of a build from nothing, more after a change" ON)
option(AETVAL_WARNINGS_AS_ERRORS "Stop at the first warning; on in continuous integration" OFF)
option(AETVAL_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)

# Most of a file's compile time are the libraries' templates, which files compiled as one share. Names in anonymous
# namespaces must then differ within a module. clang-tidy needs it off.
set(CMAKE_UNITY_BUILD ${AETVAL_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 0)
if(AETVAL_UNITY)
  # GCC holds a type of an anonymous namespace inside a class for a mistake of a header when files are joined.
  set(unity_warnings -Wno-subobject-linkage)
endif()

add_library(aet_options INTERFACE)
target_include_directories(aet_options INTERFACE "${CMAKE_SOURCE_DIR}")
# GCC 12 sees overlapping copies and overflows in std::string's own operator+ (bug 105651), hence -Wno-restrict and
# -Wno-stringop-overflow and -Wno-array-bounds. Its AVX-512 intrinsics pass undefined registers on purpose, which Eigen's solvers, inlined, make look like a mistake
# of ours (bug 105593), hence -Wno-uninitialized and -Wno-maybe-uninitialized.
# -fno-math-errno lets sqrt vectorise; it changes no result. Fast-math, which would, is never used.
target_compile_options(aet_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -Wold-style-cast -Wconversion -Wno-sign-conversion -Wdouble-promotion -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
  -Wno-uninitialized -Wno-maybe-uninitialized -fno-math-errno ${unity_warnings})
if(AETVAL_WARNINGS_AS_ERRORS)
  target_compile_options(aet_options INTERFACE -Werror)
endif()
if(AETVAL_NATIVE)
  # Eigen's alignment follows the instruction set, so everything that shares Eigen types shares this flag.
  target_compile_options(aet_options INTERFACE -march=native)
endif()
if(AETVAL_SANITIZE)
  target_compile_options(aet_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer -g -O1)
  target_link_options(aet_options INTERFACE -fsanitize=address,undefined)
endif()
