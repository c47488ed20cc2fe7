/* A plan as it is run on sockets.
 *
 * It is now: the scenario's clock is moved to the present, and all that it says of time with it, so
 * that a certificate that has expired in the lesson has expired for a browser, too. The network of
 * the scenario adds nothing but what its rules say: there is a real one. Of a far side nobody knows
 * what it checks or shows to its user, so that is not expected.
 *
 * Source: RFC 5280 4.1.2.5 (validity).
 */
#include "sim/net/far.h"
#include "sim/net/live.h"

/* Whether a day finds a certificate in another state than that which the scenario means. */
static bool is_other_then(const CertificateSpec *spec, int64_t meant, int64_t then)
{
    return (meant < spec->not_before) != (then < spec->not_before) ||
           (meant > spec->not_after) != (then > spec->not_after);
}

/* A certificate that means the same today stays what it is, byte for byte, so that a root which
 * somebody trusts is the same one tomorrow. Only when one does not do all of them move, by days. */
static void move_to_now(Plan *plan)
{
    enum { DAY = 86400 };
    int64_t meant = plan->clock, by = g_get_real_time() / G_USEC_PER_SEC - meant;
    int64_t days = by / DAY * DAY;
    bool moves = false;
    plan->clock += by;
    for (guint i = 0; i < plan->certificates->len; i++)
        moves = moves || is_other_then(g_ptr_array_index(plan->certificates, i), meant, meant + by);
    for (guint i = 0; moves && i < plan->certificates->len; i++) {
        CertificateSpec *spec = g_ptr_array_index(plan->certificates, i);
        spec->not_before += days;
        spec->not_after += days;
    }
}

/* What only the inside of a side can tell. */
static bool needs_inside(const PlanExpect *expect, bool client_is_far, bool server_is_far)
{
    bool both = client_is_far && server_is_far;
    bool client = client_is_far && (expect->who & EXPECT_OF_CLIENT) != 0;
    bool server = server_is_far && (expect->who & EXPECT_OF_SERVER) != 0;
    switch (expect->kind) {
    case EXPECT_CHECKS:
    case EXPECT_DATA:
    case EXPECT_RECEIVES_TEXT:
    case EXPECT_REFUSED:
        return client || server;
    case EXPECT_WARNED:
    case EXPECT_ANSWER:
        return client_is_far;
    case EXPECT_CONNECTIONS:
    case EXPECT_HANDSHAKES:
    case EXPECT_RESUMED: /* a client of its own will resumes when it likes */
        return client_is_far;
    case EXPECT_READS: /* what a listener reads of it */
        return (expect->who & EXPECT_OF_LISTENER) != 0 && both;
    case EXPECT_EXPORTS:
        return client_is_far || server_is_far;
    case EXPECT_STATE: /* between two others, how they end is said under their keys */
    case EXPECT_VERSION:
    case EXPECT_SUITE:
    case EXPECT_ALERT:
    case EXPECT_ERROR:
    case EXPECT_NO_ALERT:
    case EXPECT_NO_DATA:
    case EXPECT_GROUP:
    case EXPECT_PROTOCOL:
    case EXPECT_EARLY_DATA:
    case EXPECT_RETRY:
    case EXPECT_EXTENDED:
        return both;
    }
    return false;
}

/* An attacker of ours holds the keys of both connections: then what two others say is seen. */
static bool is_seen_by_attacker(const PlanExpect *expect)
{
    switch (expect->kind) {
    case EXPECT_STATE:
    case EXPECT_VERSION:
    case EXPECT_SUITE:
    case EXPECT_ALERT:
    case EXPECT_NO_ALERT:
    case EXPECT_NO_DATA:
    case EXPECT_READS:
        return true;
    case EXPECT_ERROR:
    case EXPECT_CHECKS:
    case EXPECT_ANSWER:
    case EXPECT_HANDSHAKES:
    case EXPECT_DATA:
    case EXPECT_WARNED:
    case EXPECT_RECEIVES_TEXT:
    case EXPECT_REFUSED:
    case EXPECT_RESUMED:
    case EXPECT_GROUP:
    case EXPECT_PROTOCOL:
    case EXPECT_EARLY_DATA:
    case EXPECT_RETRY:
    case EXPECT_EXTENDED:
    case EXPECT_EXPORTS:
    case EXPECT_CONNECTIONS:
        return false;
    }
    return false;
}

Plan *live_plan(const Plan *plan, bool client_is_far, bool server_is_far, unsigned *unknown)
{
    Plan *own = plan_copy(plan);
    if (client_is_far)
        plan_party(own, PARTY_CLIENT)->source = &far_source;
    if (server_is_far)
        plan_party(own, PARTY_SERVER)->source = &far_source;
    move_to_now(own);
    own->network.latency = 0;
    *unknown = 0;
    for (guint i = own->expects->len; i-- > 0;) {
        const PlanExpect *expect = g_ptr_array_index(own->expects, i);
        bool attacked = client_is_far && server_is_far && plan->attacks->len > 0;
        bool open = attacked && is_seen_by_attacker(expect);
        if (open || !needs_inside(expect, client_is_far, server_is_far))
            continue;
        g_ptr_array_remove_index(own->expects, i);
        (*unknown)++;
    }
    return own;
}
