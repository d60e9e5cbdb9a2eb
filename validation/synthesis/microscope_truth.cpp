#include "validation/synthesis/microscope_truth.hpp"

#include "sim/core/io/file.hpp"

#include <nlohmann/json.hpp>

namespace aet::validation {

using nlohmann::json;

namespace {

json rows(const core::Mat3& r) {
  json out = json::array();
  for (Eigen::Index i = 0; i < 3; ++i)
    out.push_back({r(i, 0), r(i, 1), r(i, 2)});
  return out;
}

json rows(const stem::Mat2& m) {
  return {{m(0, 0), m(0, 1)}, {m(1, 0), m(1, 1)}};
}

json pair(const stem::Vec2& v) {
  return {v.x(), v.y()};
}

/// Parts a and b.
json parts(const std::complex<double>& c) {
  return {c.real(), c.imag()};
}

json aberrations(const stem::ProbeOptions& probe) {
  const stem::Aberrations all = stem::aberrations_of(probe);
  json out;
  out["convention"] =
      "chi = (2 pi / lambda) sum of a^(n+1) / (n+1) (c cos m phi + s sin m phi), a = lambda q, phi from x "
      "towards y; for each kind Cnm all of [c, s] without the tilts' errors of defocus, and the residual "
      "part of "
      "it [A]";
  for (std::size_t k = 0; k < all.size(); ++k) {
    const stem::AberrationKind& kind = stem::aberration_kinds[k];
    out[kind.krivanek] = {{"haider", kind.haider},
                          {"cos_sin_a", parts(all[k])},
                          {"residual_cos_sin_a", parts(probe.residual[k])}};
  }
  return out;
}

/// Pixel and window as asked for, and what they are expected to deviate from the reference by.
json fast_settings(const stem::CheckedSettings& s) {
  json out = {{"along_columns", s.along_columns},
              {"window_a", s.options.fast.window_a},
              {"pixel_a", s.options.fast.pixel_a},
              {"slice_a", s.options.slices.thickness_a}};
  if (s.r1 > 0.0) {
    out["expected_r1"] = s.r1;
    out["expected_bias"] = s.bias;
  }
  return out;
}

json deviation(const stem::LinearDeviation& d) {
  return {{"scale", d.scale}, {"r1", d.r1}, {"bias", d.bias}, {"curvature", d.curvature}};
}

} // namespace

void write_microscope_truth(const std::filesystem::path& path, const std::vector<stem::TiltTruth>& truth,
                            const std::vector<stem::CheckedSettings>& settings, const ImagesCase& images) {
  const stem::Scan& scan = images.series.scan;
  json j;
  j["format"] = "aetval microscope truth 1";
  j["convention"] =
      "orientation = Rz(e0) Ry(e1) Rx(e2) nominal, r' = R r; an atom appears at (r'x, r'y) + shift_a + "
      "drift; pixel "
      "(ix, iy) of an exposure shows place = map_matrix ((ix, iy) - n/2) pixel_a + map_offset_a, where "
      "map_matrix and "
      "map_offset_a hold scan_matrix and the drift, linear in time from drift_start_a to drift_end_a; "
      "background "
      "fraction = constant + c0 u + c1 v + c2 u^2 + c3 u v + c4 v^2 with u, v = (i - n/2) / (n/2)";
  j["pixel_a"] = scan.pixel_a;
  j["pixels"] = scan.n;
  j["dose_e_per_a2"] = images.noise.dose_e_per_a2;
  j["gain_of_exposure"] = images.noise.gain;
  j["readout_sd_of_exposure"] = images.noise.readout_sd;
  j["source_sd_a"] = images.series.source_sd_a;
  j["exposures_per_tilt"] = images.microscope.exposures_per_tilt;
  j["aberrations"] = aberrations(images.series.stem.probe);
  j["tilts"] = json::array();
  for (const stem::TiltTruth& t : truth) {
    json tilt;
    tilt["nominal"] = rows(t.nominal);
    tilt["orientation"] = rows(t.orientation);
    tilt["angle_error_deg"] = t.angle_error_deg;
    tilt["shift_a"] = pair(t.shift);
    tilt["scan_matrix"] = rows(t.scan_matrix);
    tilt["c1_a"] = images.series.stem.probe.c1_a + t.defocus_error_a;
    tilt["defocus_error_a"] = t.defocus_error_a;
    tilt["background"] = {{"constant", t.background.constant},
                          {"polynomial", t.background.polynomial},
                          {"grain_sd", t.grain_sd}};
    tilt["exposures"] = json::array();
    for (std::size_t f = 0; f < t.exposures.size(); ++f) {
      const stem::ExposureMap map = t.map(f, scan);
      tilt["exposures"].push_back({{"drift_start_a", pair(t.exposures[f].start)},
                                   {"drift_end_a", pair(t.exposures[f].end)},
                                   {"map_matrix", rows(map.matrix)},
                                   {"map_offset_a", pair(map.offset)}});
    }
    if (!settings.empty()) tilt["fast"] = fast_settings(settings[j["tilts"].size()]);
    j["tilts"].push_back(std::move(tilt));
  }
  core::write_file(path, j.dump(1) + "\n");
}

void write_model_error(const std::filesystem::path& path, const stem::ModelError& error) {
  json j;
  j["format"] = "aetval model error 1";
  j["meaning"] =
      "true images I (before background and counts) against s L, L the sum of isolated atoms at focus: r1 = "
      "sum |I - s L| / sum I, bias = sum (I - s L) / sum s L, curvature c of I = a L (1 + c L / L_max)";
  j["series"] = deviation(error.series);
  j["tilts"] = json::array();
  for (const stem::LinearDeviation& d : error.tilts)
    j["tilts"].push_back(deviation(d));
  j["bins"] = json::array();
  for (const stem::BrightnessBin& b : error.bins)
    j["bins"].push_back({{"level", b.level}, {"ratio", b.ratio}, {"share", b.share}});
  core::write_file(path, j.dump(1) + "\n");
}

} // namespace aet::validation
