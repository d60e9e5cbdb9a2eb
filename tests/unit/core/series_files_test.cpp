#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/series_files.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/core/npy_writer.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>
#include <matio.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(series_files)

using namespace aet::core;
using aet::test::contains;
using aet::test::message_of;
using aet::test::npy_bytes;
using aet::test::TemporaryFolder;

namespace {

constexpr int nx = 24;
constexpr int ny = 20;

/// Four points without any symmetry, of different weight.
struct Point {
  Vec3 place;
  double weight;
};
const std::vector<Point>& points() {
  static const std::vector<Point> all{
      {{5.0, 1.0, -2.0}, 1.0}, {{-3.0, 4.0, 1.5}, 2.0}, {{1.0, -5.0, 3.0}, 3.0}, {{-2.0, -1.0, -4.5}, 1.5}};
  return all;
}

double drawn(const Mat3& r, int ix, int iy) {
  double sum = 0.0;
  for (const Point& p : points()) {
    const Vec3 q = r * p.place;
    sum += p.weight * std::exp(-0.3 * (std::pow(ix - nx / 2 - q.x(), 2) + std::pow(iy - ny / 2 - q.y(), 2)));
  }
  return sum;
}

/// Angles (phi, theta, psi) [degree].
const std::vector<std::array<double, 3>>& angles() {
  static const std::vector<std::array<double, 3>> all{
      {10.0, -40.0, 25.0}, {-3.0, 0.5, 2.0}, {30.0, 62.0, -15.0}};
  return all;
}

/// The rotations written out, element by element, as the authors' programs have them.
Mat3 genfire_matrix(const std::array<double, 3>& degrees) {
  const double f = degrees[0] * radian_per_degree;
  const double t = degrees[1] * radian_per_degree;
  const double p = degrees[2] * radian_per_degree;
  using std::cos;
  using std::sin;
  Mat3 m;
  m << cos(p) * cos(t) * cos(f) - sin(p) * sin(f), cos(p) * cos(t) * sin(f) + sin(p) * cos(f),
      -cos(p) * sin(t), -sin(p) * cos(t) * cos(f) - cos(p) * sin(f),
      -sin(p) * cos(t) * sin(f) + cos(p) * cos(f), sin(p) * sin(t), sin(t) * cos(f), sin(t) * sin(f), cos(t);
  return m;
}

Mat3 resire_matrix(const std::array<double, 3>& degrees) {
  const double f = degrees[0] * radian_per_degree;
  const double t = degrees[1] * radian_per_degree;
  const double p = degrees[2] * radian_per_degree;
  Mat3 z;
  z << std::cos(f), -std::sin(f), 0, std::sin(f), std::cos(f), 0, 0, 0, 1;
  Mat3 y;
  y << std::cos(t), 0, std::sin(t), 0, 1, 0, -std::sin(t), 0, std::cos(t);
  Mat3 x;
  x << 1, 0, 0, 0, std::cos(p), -std::sin(p), 0, std::sin(p), std::cos(p);
  return (z * y * x).transpose();
}

using Matrix = Mat3 (*)(const std::array<double, 3>&);

/// projections[x][y][tilt] in the order of memory of MATLAB (x fastest) or of NumPy (tilt fastest).
std::vector<double> projections(Matrix matrix, bool matlab) {
  std::vector<double> values(static_cast<std::size_t>(nx * ny) * angles().size());
  for (std::size_t k = 0; k < angles().size(); ++k) {
    for (int y = 0; y < ny; ++y) {
      for (int x = 0; x < nx; ++x) {
        const std::size_t at = matlab
                                   ? (k * ny + static_cast<std::size_t>(y)) * nx + static_cast<std::size_t>(x)
                                   : static_cast<std::size_t>(x * ny + y) * angles().size() + k;
        values[at] = drawn(matrix(angles()[k]), x, y);
      }
    }
  }
  return values;
}

template <class T> std::string raw(const std::vector<double>& values) {
  std::string bytes;
  for (const double v : values) {
    const T value = static_cast<T>(v);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return bytes;
}

/// Our projection of the points under our orientations gives the images.
void check_consistent(const TiltSeries& series) {
  BOOST_REQUIRE(series.size() == angles().size());
  BOOST_REQUIRE(series.images[0].nx == nx);
  BOOST_REQUIRE(series.images[0].ny == ny);
  double largest = 0.0;
  for (std::size_t k = 0; k < series.size(); ++k) {
    for (int y = 0; y < ny; ++y) {
      for (int x = 0; x < nx; ++x) {
        const double value = static_cast<double>(series.images[k].at(x, y));
        largest = std::max(largest, std::abs(value - drawn(series.orientations[k], x, y)));
      }
    }
  }
  BOOST_TEST(largest < 1e-6); // single precision of values up to 3
}

void write_mat(const std::filesystem::path& path, enum mat_ft version, Matrix matrix, const char* image_name,
               bool with_angles) {
  mat_t* file = Mat_CreateVer(path.c_str(), nullptr, version);
  BOOST_REQUIRE(file != nullptr);
  std::vector<double> values = projections(matrix, true);
  std::array<std::size_t, 3> shape{nx, ny, angles().size()};
  matvar_t* images = Mat_VarCreate(image_name, MAT_C_DOUBLE, MAT_T_DOUBLE, 3, shape.data(), values.data(), 0);
  Mat_VarWrite(file, images, MAT_COMPRESSION_NONE);
  Mat_VarFree(images);
  if (with_angles) {
    std::vector<float> columns;
    for (std::size_t c = 0; c < 3; ++c) {
      for (const auto& a : angles())
        columns.push_back(static_cast<float>(a[c]));
    }
    std::array<std::size_t, 2> size{angles().size(), 3};
    matvar_t* table = Mat_VarCreate("angles", MAT_C_SINGLE, MAT_T_SINGLE, 2, size.data(), columns.data(), 0);
    Mat_VarWrite(file, table, MAT_COMPRESSION_NONE);
    Mat_VarFree(table);
  }
  Mat_Close(file);
}

std::string angle_text() {
  std::string text = "# phi theta psi\n";
  for (const auto& a : angles())
    text += fmt::format("{} {}\t{}\n", a[0], a[1], a[2]);
  return text;
}

SeriesFileOptions with(const std::filesystem::path& angle_file, AngleConvention convention) {
  SeriesFileOptions options;
  options.angles = angle_file;
  options.pixel_size = 0.4;
  options.convention = convention;
  return options;
}

} // namespace

BOOST_AUTO_TEST_CASE(matlab_files_in_the_authors_conventions) {
  const TemporaryFolder folder;
  SeriesFileOptions options;
  options.pixel_size = 0.4;
  for (const auto version : {MAT_FT_MAT5, MAT_FT_MAT73}) {
    write_mat(folder / "a.mat", version, resire_matrix, "projections", true);
    options.convention = AngleConvention::automatic;
    const SeriesFile file = read_series_file(folder / "a.mat", options);
    check_consistent(file.series);
    BOOST_TEST(contains(file.notes.at(0), "resire"));
    write_mat(folder / "b.mat", version, genfire_matrix, "Projections", true);
    options.convention = AngleConvention::genfire;
    check_consistent(read_series_file(folder / "b.mat", options).series);
  }
}

BOOST_AUTO_TEST_CASE(numpy_files_and_angle_tables) {
  const TemporaryFolder folder;
  write_file(folder / "angles.txt", angle_text());
  std::vector<double> rows;
  for (const auto& a : angles())
    rows.insert(rows.end(), a.begin(), a.end());
  write_file(folder / "angles.npy", npy_bytes("<f8", false, "(3, 3)", raw<double>(rows), 1));
  const std::string shape = fmt::format("({}, {}, {})", nx, ny, angles().size());
  write_file(folder / "c.npy",
             npy_bytes("<f4", false, shape, raw<float>(projections(resire_matrix, false)), 1));
  check_consistent(
      read_series_file(folder / "c.npy", with(folder / "angles.txt", AngleConvention::resire)).series);
  check_consistent(
      read_series_file(folder / "c.npy", with(folder / "angles.npy", AngleConvention::resire)).series);
  write_file(folder / "f.npy",
             npy_bytes("<f8", true, shape, raw<double>(projections(genfire_matrix, true)), 2));
  check_consistent(
      read_series_file(folder / "f.npy", with(folder / "angles.txt", AngleConvention::genfire)).series);
}

BOOST_AUTO_TEST_CASE(single_columns) {
  // In a text file: the stage's own angle. In an array: the published theta, whose rotation is the transpose.
  const TemporaryFolder folder;
  write_file(folder / "s.tlt", "-20\n+35.5\n");
  const Orientations stage = read_angles(folder / "s.tlt", AngleConvention::automatic);
  BOOST_TEST((stage.rotations[1] - tilt_rotation(35.5 * radian_per_degree)).norm() < 1e-12);
  const Orientations published = orientations_from({{2, 1}, {-20.0, 35.5}}, AngleConvention::automatic, "x");
  BOOST_TEST((published.rotations[1] - tilt_rotation(-35.5 * radian_per_degree)).norm() < 1e-12);
  const Orientations genfire = orientations_from({{1, 2}, {-20.0, 35.5}}, AngleConvention::genfire, "x");
  BOOST_TEST((genfire.rotations[1] - published.rotations[1]).norm() < 1e-12);
  // 3 x N, as some programs keep them.
  const Orientations wide = orientations_from({{3, 2}, {1, 2, 3, 4, 5, 6}}, AngleConvention::resire, "x");
  BOOST_TEST((wide.rotations[1] - resire_matrix({4, 5, 6})).norm() < 1e-12);
}

BOOST_AUTO_TEST_CASE(three_angles_a_line_of_text_must_say_what_they_mean) {
  const TemporaryFolder folder;
  write_file(folder / "e.txt", angle_text());
  BOOST_TEST(contains(
      message_of<DataError>([&] { (void)read_angles(folder / "e.txt", AngleConvention::automatic); }),
      "e.txt", "three angles an image", "--angle-convention stage, resire or genfire",
      "# angle convention: stage"));
  write_file(folder / "said.txt", "# by RESIRE\n# Angle\n# angle convention: resire\n" + angle_text());
  const Orientations said = read_angles(folder / "said.txt", AngleConvention::automatic);
  BOOST_TEST((said.convention == AngleConvention::resire));
  BOOST_TEST(
      contains(message_of<DataError>([&] { (void)read_angles(folder / "said.txt", AngleConvention::stage); }),
               "said.txt", "'resire' convention, not 'stage'"));
  write_file(folder / "odd.txt", "# angle convention: euler\n1 2 3\n");
  BOOST_TEST(contains(
      message_of<DataError>([&] { (void)read_angles(folder / "odd.txt", AngleConvention::automatic); }),
      "odd.txt:1", "'euler' is unknown"));
  // What is written comes back, without being told.
  write_angles(folder / "own.txt", said.rotations);
  const Orientations own = read_angles(folder / "own.txt", AngleConvention::automatic);
  BOOST_TEST((own.convention == AngleConvention::stage));
  for (std::size_t i = 0; i < said.rotations.size(); ++i)
    BOOST_TEST((own.rotations[i] - said.rotations[i]).norm() < 1e-9); // eight decimals of a degree
}

BOOST_AUTO_TEST_CASE(mrc_stacks_under_other_endings) {
  const TemporaryFolder folder;
  Image image(8, 8, 1.0F);
  image.at(3, 4) = 2.0F;
  write_mrc_stack(folder / "s.st", {image, image}, 0.5);
  write_file(folder / "s.tlt", " 10.0\n 20.0\n");
  const SeriesFile file = read_series_file(folder / "s.st");
  BOOST_TEST(file.series.pixel_size == 0.5, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(tilt_degrees(file.series.orientations[1]) == 20.0, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(contains(file.notes.at(0), "s.tlt"));
  write_file(folder / "e.txt", angle_text());
  BOOST_TEST(contains(message_of<DataError>([&] {
                        (void)read_series_file(folder / "s.st",
                                               with(folder / "e.txt", AngleConvention::resire));
                      }),
                      "2 images", "3 tilt angles"));
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_wrong_is_said) {
  const TemporaryFolder folder;
  SeriesFileOptions options;
  options.pixel_size = 0.4;
  write_mat(folder / "no.mat", MAT_FT_MAT5, resire_matrix, "stack", false);
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_series_file(folder / "no.mat", options); }),
                      "no.mat", "--angles"));
  write_mat(folder / "odd.mat", MAT_FT_MAT73, resire_matrix, "stack", true);
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_series_file(folder / "odd.mat", options); }),
                      "images", "projections", "stack (24 x 20 x 3)", "angles (3 x 3)"));
  write_file(folder / "bad.mat", "not one");
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_series_file(folder / "bad.mat", options); }),
                      "bad.mat", "not a usable .mat"));
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_series_file(folder / "none.mat", options); }),
                      "No such file"));
  write_file(folder / "two.npy", npy_bytes("|u1", false, "(4, 4)", std::string(16, 'x'), 1));
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_series_file(folder / "two.npy", options); }),
                      "--angles"));
  write_file(folder / "a.txt", "1 2\n");
  BOOST_TEST(contains(
      message_of<DataError>([&] { (void)read_angles(folder / "a.txt", AngleConvention::automatic); }),
      "a.txt:1", "2 numbers"));
  write_file(folder / "a.txt", "1\n2x\n");
  BOOST_TEST(contains(
      message_of<DataError>([&] { (void)read_angles(folder / "a.txt", AngleConvention::automatic); }),
      "a.txt:2", "2x"));
  BOOST_TEST(contains(message_of<DataError>([] {
                        (void)orientations_from({{2, 1}, {10.0, 400.0}}, AngleConvention::stage, "x");
                      }),
                      "400"));
  // A pixel size in metres, as some microscopes write it.
  write_mat(folder / "a.mat", MAT_FT_MAT5, resire_matrix, "projections", true);
  options.pixel_size = 4e-11;
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_series_file(folder / "a.mat", options); }),
                      "pixel size", "angstrom"));
  options.pixel_size = {};
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_series_file(folder / "a.mat", options); }),
                      "--pixel-a"));
}

BOOST_AUTO_TEST_SUITE_END()
