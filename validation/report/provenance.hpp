// Where the results come from: stages, versions, hashes, the command, and what each stage leaves out.
#pragma once

#include "validation/report/report_data.hpp"

#include <string>
#include <vector>

namespace aet::validation::page {

struct StageLine {
  std::string name;
  std::string wall; ///< with unit; "not recorded" if absent
  std::string cpu;
  std::string memory;
};

struct HashLine {
  std::string stage;
  std::string path;
  std::string sha256;
};

struct NameValue {
  std::string name;
  std::string value;
};

struct StageNotes {
  std::string stage;
  std::vector<std::string> notes; ///< one sentence each
};

struct Provenance {
  std::string missing; ///< why there is no manifest, if there is none
  std::string command;
  std::vector<NameValue> facts; ///< version, seed, versions of libraries, total times
  std::vector<StageLine> stages;
  std::vector<HashLine> hashes;
};

[[nodiscard]] Provenance provenance(const Part<JsonText>& manifest);

/// What every stage says it simplifies, without repeats.
[[nodiscard]] std::vector<StageNotes> simplifications(const ReportData& data);

} // namespace aet::validation::page
