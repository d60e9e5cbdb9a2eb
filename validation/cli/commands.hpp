// The subcommands of `aetval`, one file each.
#pragma once

#include "sim/core/parallel.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <string>

namespace aet::cli {

// Each adds its subcommand with options, help and a callback that does the work.
void add_run(CLI::App& app, const std::string& command_line);
void add_md(CLI::App& app);
void add_nucleation(CLI::App& app);
void add_potential(CLI::App& app);
void add_build(CLI::App& app);
void add_phantom(CLI::App& app);
void add_convert(CLI::App& app);
void add_image(CLI::App& app);
void add_prepare(CLI::App& app);
void add_align(CLI::App& app);
void add_reconstruct(CLI::App& app);
void add_trace(CLI::App& app);
void add_classify(CLI::App& app);
void add_refine(CLI::App& app);
void add_limit(CLI::App& app);
void add_compare(CLI::App& app);
void add_refine_published(CLI::App& app);
void add_refine_volume(CLI::App& app);
void add_analyze(CLI::App& app);
void add_chemistry(CLI::App& app);
void add_propagate(CLI::App& app);
void add_score(CLI::App& app);
void add_check(CLI::App& app);
void add_figures(CLI::App& app);
void add_config(CLI::App& app);
void add_report(CLI::App& app);
void add_study(CLI::App& app, const std::string& command_line);

/// --threads N, default all cores.
void add_threads(CLI::App& command, core::Threads& threads);

/// The text of `--version`: aetval and the libraries it uses.
[[nodiscard]] std::string version_report();

} // namespace aet::cli
