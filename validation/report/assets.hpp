// Files compiled into the program, so that it needs no data folder at run time (embed.cmake).
#pragma once

#include <string_view>

namespace aet::validation::page::assets {

extern const std::string_view template_html;
extern const std::string_view study_template_html; ///< of a study, in its library
extern const std::string_view style_css;
extern const std::string_view report_js; ///< our scripts, one after another
extern const std::string_view three_js;  ///< Debian's libjs-three

} // namespace aet::validation::page::assets
