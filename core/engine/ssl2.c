/* SSL 2.0: what comes in its framing.
 *
 * A record without content type and version, as a client of 1995 sends it first, and as RFC 5246
 * E.2 lets one that can do more still send its hello.
 *
 * Obeys RFC 6176 3: a side that does not speak SSL 2.0 refuses its records.
 */
#include "core/engine/state.h"

bool ssl2_receive(Endpoint *endpoint, const Record *record, Fault *fault)
{
    (void)endpoint;
    (void)record;
    return fault_peer(fault, ALERT_PROTOCOL_VERSION, "RFC 6176 3",
                      "a record of SSL 2.0 came, which this side does not speak");
}

void ssl2_state_free(Ssl2State *state)
{
    g_assert(state == NULL);
}
