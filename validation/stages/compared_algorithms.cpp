#include "validation/stages/compared_algorithms.hpp"

#include "sim/core/io/mrc.hpp"
#include "validation/score/match.hpp"

#include <fmt/core.h>

namespace aet::validation {

namespace {

std::string sentence(const StageContext& context, const std::string& frame, recon::Algorithm algorithm,
                     const std::string& volume, const core::Atoms& truth) {
  const recon::TraceResult traced = recon::trace_atoms(core::read_mrc_volume(context.inputs.file(volume)),
                                                       context.inputs.get(&Case::trace), context.threads);
  const MatchResult match = match_atoms(truth, traced.atoms);
  return fmt::format("{}, {} on the same images: recall {:.4f}, precision {:.4f}, RMSD {:.1f} pm, as traced.",
                     frame, recon::algorithm_name(algorithm), match.recall(), match.precision(),
                     100.0 * match.rmsd_a());
}

} // namespace

std::string compared_volume(const std::string& frame, recon::Algorithm algorithm) {
  return fmt::format("volume/{}_{}.mrc", frame, recon::algorithm_name(algorithm));
}

std::vector<std::string> compare_algorithms(const StageContext& context, const std::string& frame,
                                            const core::Atoms& truth) {
  const AlgorithmChoice& options = context.inputs.get(&Case::algorithms);
  std::vector<std::string> out;
  if (options.compared.empty()) return out;
  out.push_back(sentence(context, frame, options.own, fmt::format("volume/{}.mrc", frame), truth));
  for (const recon::Algorithm algorithm : options.compared)
    out.push_back(sentence(context, frame, algorithm, compared_volume(frame, algorithm), truth));
  return out;
}

} // namespace aet::validation
