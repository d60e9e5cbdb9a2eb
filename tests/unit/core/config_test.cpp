#include "sim/core/config.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(config)

using namespace aet::core;
using aet::test::contains;
using aet::test::message_of;

BOOST_AUTO_TEST_CASE(values_defaults_and_resolved_file) {
  const Config config =
      Config::from_text("title = 'x'\n[stem]\nenergy_kv = 300\n[stem.noise]\non = true\n", "c.toml");
  const ConfigSection stem = config.root().section("stem");
  BOOST_TEST(config.root().required_text("title") == "x");
  BOOST_TEST(stem.number("energy_kv", 200.0, {60.0, 1000.0}) == 300.0);
  BOOST_TEST(stem.integer("tilts", 31, {3.0, 1000.0}) == 31);
  BOOST_TEST(stem.section("noise").flag("on", false));
  BOOST_TEST((stem.numbers("list", {1.0, 2.0}, {}) == std::vector<double>{1.0, 2.0}));
  config.reject_unknown_keys();
  const Config again = Config::from_text(config.resolved(), "resolved");
  BOOST_TEST(again.root().section("stem").integer("tilts", {3.0, 1000.0}) == 31);
  BOOST_TEST(again.root().section("stem").number("energy_kv", {}) == 300.0);
}

BOOST_AUTO_TEST_CASE(messages_name_file_line_key_value_and_remedy) {
  const Config config =
      Config::from_text("\n[stem]\nenergy_kv = 3000\ntilts = 1.5\nmethod = 'fats'\nl = [1, 'a']\n"
                        "flag = 1\n",
                        "c.toml");
  const ConfigSection stem = config.root().section("stem");
  const auto message = [&](auto&& action) { return message_of<ConfigError>(action); };
  BOOST_TEST(contains(message([&] {
                        (void)stem.number("energy_kv", 200.0, {60.0, 1000.0});
                      }),
                      "c.toml:3", "[stem] energy_kv = 3000", "60 to 1000"));
  BOOST_TEST(contains(message([&] {
                        (void)stem.integer("tilts", 3, {1.0, 9.0});
                      }),
                      "c.toml:4", "whole number"));
  BOOST_TEST(contains(message([&] {
                        (void)stem.choice("method", "fast", {"fast", "multislice"});
                      }),
                      "c.toml:5", "did you mean 'fast'"));
  BOOST_TEST(contains(message([&] { (void)stem.numbers("l", {}, {}); }), "c.toml:6", "'a'"));
  BOOST_TEST(contains(message([&] { (void)stem.flag("flag", true); }), "c.toml:7", "true or false"));
  BOOST_TEST(contains(message([&] {
                        (void)stem.number("dose", {0.0, 1.0});
                      }),
                      "c.toml", "[stem] dose", "missing"));
  BOOST_TEST(contains(message([&] { (void)config.root().section("stem").section("tilts"); }), "c.toml:4",
                      "must be a table"));
}

BOOST_AUTO_TEST_CASE(unknown_keys_get_a_suggestion) {
  const Config config = Config::from_text("[stem]\nenrgy_kv = 200\n", "c.toml");
  (void)config.root().section("stem").number("energy_kv", 200.0, {});
  BOOST_TEST(contains(message_of<ConfigError>([&] { config.reject_unknown_keys(); }), "c.toml:2",
                      "unknown key [stem] enrgy_kv", "did you mean 'energy_kv'"));
  const Config table = Config::from_text("[stme]\nx = 1\n", "c.toml");
  (void)table.root().section("stem").number("x", 1.0, {});
  BOOST_TEST(contains(message_of<ConfigError>([&] { table.reject_unknown_keys(); }), "did you mean 'stem'"));
  // Two neighbours that changed places are one error.
  BOOST_TEST(nearest_word("pixles", {"files", "pixels"}) == "pixels");
  BOOST_TEST(nearest_word("pixles", {"tilts", "dose"}).empty());
}

BOOST_AUTO_TEST_CASE(old_names_are_read_and_named) {
  const std::vector<RenamedKey> renamed{{"stem.frames", "stem.exposures"}, {"old", "kept.inner"}, {"a", "b"}};
  Config config = Config::from_text("[stem]\nframes = 4\n[old]\nx = 1\ny = 2\n[old.z]\nw = 3\n", "c.toml");
  config.accept_old_names(renamed);
  BOOST_REQUIRE(config.warnings().size() == 4U);
  BOOST_TEST(config.warnings()[0] ==
             "c.toml:2: [stem] frames is an old name that is still read; write [stem] exposures.");
  BOOST_TEST(config.warnings()[3] ==
             "c.toml:7: [old.z] w is an old name that is still read; write [kept.inner.z] w.");
  BOOST_TEST(config.root().section("stem").integer("exposures", 1, {1, 9}) == 4);
  const ConfigSection inner = config.root().section("kept").section("inner");
  BOOST_TEST(inner.number("x", {}) == 1.0);
  BOOST_TEST(inner.section("z").number("w", {}) == 3.0);
  BOOST_TEST(contains(message_of<ConfigError>([&] { config.reject_unknown_keys(); }), "c.toml:5",
                      "unknown key [kept.inner] y"));
  BOOST_TEST(contains(message_of<ConfigError>([&] { (void)inner.number("x", {2, 3}); }), "c.toml:4"));

  const auto message = [&](const char* toml) {
    Config both = Config::from_text(toml, "c.toml");
    return message_of<ConfigError>([&] { both.accept_old_names(renamed); });
  };
  BOOST_TEST(contains(message("[stem]\nexposures = 3\nframes = 4\n"), "c.toml:3",
                      "[stem] frames is the old name of [stem] exposures"));
  BOOST_TEST(contains(message("kept = 1\n[old]\nx = 1\n"), "c.toml:3"));
  Config plain = Config::from_text("b = 1\n", "c.toml");
  plain.accept_old_names(renamed);
  BOOST_TEST(plain.warnings().empty());
}

BOOST_AUTO_TEST_CASE(broken_and_missing_files) {
  BOOST_TEST(contains(message_of<ConfigError>([] { (void)Config::from_text("a = \n", "c.toml"); }),
                      "c.toml:1", "not valid TOML"));
  BOOST_TEST(contains(message_of<ConfigError>([] { (void)Config::from_file("none.toml"); }), "none.toml",
                      "does not exist"));
}

BOOST_AUTO_TEST_SUITE_END()
