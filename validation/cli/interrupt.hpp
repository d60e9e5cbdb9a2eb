// Ctrl-C and SIGTERM as an exception at the next progress report.
#pragma once

namespace aet::cli {

/// From now on SIGINT and SIGTERM only set a flag; a second one ends the process at once.
void catch_interrupts();

/// \throws core::Interrupted if a signal came since.
void throw_if_interrupted();

} // namespace aet::cli
