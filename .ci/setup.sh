#!/usr/bin/env bash
# Installs what is missing, configures and builds. Sourced or run by inputs/quickstart.sh and tests/run.sh.
#   .ci/setup.sh [--tests]      with --tests the tests are built as well
# Environment: AETVAL_BUILD_DIR (default: build), AETVAL_CMAKE_ARGS (extra arguments of cmake).
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${AETVAL_BUILD_DIR:-$top/build}

fail() {
  printf 'aetval set-up: %s\n' "$1" >&2
  exit 4
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_missing() {
  command -v dpkg-query >/dev/null || fail "dpkg is not on this machine; aetval's set-up knows Debian 12 only. Install the packages of .ci/packages.txt by hand and run cmake."
  local package missing=()
  while read -r package; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done < <(grep -v '^#' "$top/.ci/packages.txt")
  [ ${#missing[@]} -eq 0 ] && return
  echo "aetval set-up: installing ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "these packages are missing and only root can install them: ${missing[*]}. Run as root: apt-get install ${missing[*]}"
    sudo -n true 2>/dev/null || sudo -v || fail "these packages are missing and sudo was refused: ${missing[*]}. Ask an administrator to install them."
  fi
  local log
  log=$(mktemp)
  as_root apt-get update -qq >"$log" 2>&1 || { tail -n 3 "$log" >&2; fail "apt-get update failed (last lines above); check the network and the Debian sources, then run this again."; }
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$log" 2>&1 ||
    { grep -E '^E:' "$log" >&2 || tail -n 3 "$log" >&2; fail "apt-get could not install ${missing[*]} (reason above)."; }
  rm -f "$log"
}

build_all() {
  local tests=OFF
  [ "${1:-}" = --tests ] && tests=ON
  # A second call changes nothing: CMake re-configures only on new settings, Ninja builds only what changed.
  local wanted="$tests ${AETVAL_CMAKE_ARGS:-}"
  if [ ! -f "$build/build.ninja" ] || [ "$(cat "$build/.aetval-settings" 2>/dev/null)" != "$wanted" ]; then
    # shellcheck disable=SC2086  # several arguments on purpose
    cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=$tests ${AETVAL_CMAKE_ARGS:-} >"$build.configure.log" 2>&1 ||
      { grep -A 5 'CMake Error' "$build.configure.log" >&2; fail "cmake could not configure the build (reason above; all of it in $build.configure.log)."; }
    mv "$build.configure.log" "$build/configure.log"
    printf '%s' "$wanted" >"$build/.aetval-settings"
  fi
  echo "aetval set-up: building in $build with $(nproc) cores"
  cmake --build "$build" -j "$(nproc)" || fail "the build failed (first error above)."
}

install_missing
build_all "$@"
