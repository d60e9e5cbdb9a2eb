// Versions of aetval and of the libraries it uses.
#pragma once

#include <map>
#include <string>

namespace aet::cli {

/// Library -> version. LAMMPS and MPI are asked through the worker; if it cannot be run, the reason stands
/// there.
[[nodiscard]] std::map<std::string, std::string> library_versions();

/// SHA-256 over this program and its worker: changes whenever their code does.
[[nodiscard]] std::string program_hash();

} // namespace aet::cli
