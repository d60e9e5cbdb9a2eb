// Options of every command that reads files of atoms.
#pragma once

#include "sim/core/io/atom_files.hpp"

#include <CLI/App.hpp>

#include <string>

namespace aet::cli {

struct AtomFileArguments {
  std::string types; ///< "Fe,Pt"
};

/// --types.
void add_atom_file_options(CLI::App& command, AtomFileArguments& arguments);

/// \throws DataError for a word that is no element.
[[nodiscard]] core::AtomFileOptions atom_file_options(const AtomFileArguments& arguments);

} // namespace aet::cli
