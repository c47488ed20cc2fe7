/* TAP (Test Anything Protocol): a line a run, for test harnesses. On standard output; a status
 * other than STATUS_HELD says that it cannot be written. */
#pragma once

#include "core/engine/trace.h"
#include "scenarios/cli/command.h"

/* The plan: how many runs there will be. */
Status tap_begin(guint count);

/* The line of the run of that number (from 1), and what did not hold under it. `target` is how the
 * command line names it. */
Status tap_result(guint number, const Trace *trace, const char *target);
