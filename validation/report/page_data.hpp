// The numbers that the page's own script draws, as one JSON text.
#pragma once

#include "validation/report/pictures.hpp"
#include "validation/report/report_data.hpp"

#include <string>

namespace aet::validation::page {

/// Everything the plots, pictures and the 3D view need. Parts that are not there appear as {"missing":
/// reason}. Real numbers are rounded to six significant digits, positions and per-atom values to 1/65534 of
/// their range.
/// \throws DataError if a JSON text in `data` is not JSON.
[[nodiscard]] std::string page_data(const ReportData& data, const PictureBudget& budget = {});

} // namespace aet::validation::page
