/* Reenact: captured connections of one client and one server as a scenario in which ours say the
 * same again, as nearly as they can. */
#pragma once

#include "core/base/fault.h"
#include "core/engine/trace.h"

/* `traces` (of const Trace *) are what listener_read() made, in order; those between other ends
 * than the first's are left out. The text is a scenario that passes `check`; what it cannot do
 * again stands at its head as comments: "# not re-enacted: …". It has been run to know that.
 * g_free; NULL with a fault when nothing of it can be done again. */
char *reenact(const GPtrArray *traces, const char *name, Fault *fault);

/* Who said what on a connection of a trace, a name a message, data in one piece; each ends with a
 * line break. Behind a record of TLS 1.3 that stays closed nothing is told. g_free. */
char *reenact_lines(const Trace *trace, int connection, Direction direction);
