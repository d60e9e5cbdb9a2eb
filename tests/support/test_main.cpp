// The one Boost.Test main of all test executables.
#define BOOST_TEST_MODULE aetval
#include <boost/test/unit_test.hpp>
