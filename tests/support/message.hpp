// Tests of error messages: what a user reads is part of the interface.
#pragma once

#include <boost/test/unit_test.hpp>

#include <exception>
#include <string>

namespace aet::test {

/// The message of the exception of type E that `action` throws; fails the test if it throws none.
template <class E, class Action> std::string message_of(Action&& action) {
  try {
    action();
  } catch (const E& e) {
    return e.what();
  }
  BOOST_ERROR("the expected exception was not thrown");
  return "";
}

/// True if `text` contains every one of `parts`.
template <class... Parts> bool contains(const std::string& text, const Parts&... parts) {
  const bool all = ((text.find(parts) != std::string::npos) && ...);
  if (!all) BOOST_TEST_MESSAGE("message was: " << text);
  return all;
}

} // namespace aet::test
