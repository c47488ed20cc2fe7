/* What both sides may agree on beside the handshake, with OpenSSL and GnuTLS as judges.
 *
 * Extended master secret and encrypt-then-MAC on and off, ALPN with a match and without, stapled
 * responses that are good or say revoked, shorter records, compressed certificates, exporters,
 * names, and the signal of a fallback. What was agreed on is asked of the stack, or seen in what it
 * refuses or in the length of its records.
 */
#include <stdlib.h>

#include "tests/peers/meeting.h"
#include "tests/support/support.h"

static const Role roles[] = {ROLE_SERVER, ROLE_CLIENT}; /* theirs */

static SuiteNumber suite_of(ProtocolVersion version)
{
    return version >= VERSION_TLS_1_3 ? 0x1301 : 0xc013;
}

/* RFC 7627 and RFC 7366: on when both have it. */
static void masters_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (ProtocolVersion v = VERSION_TLS_1_0; v <= VERSION_TLS_1_2; v++)
        for (int options = 0; options < 32; options++) {
            bool ems = (options & 2) != 0, their_ems = (options & 4) != 0;
            bool etm = (options & 8) != 0, their_etm = (options & 16) != 0;
            g_autoptr(Meeting) meeting = meeting_new(kind, roles[options & 1], v, 0x0035);
            meeting->ours->options.extended_master_secret = ems ? FEATURE_ON : FEATURE_OFF;
            meeting->ours->options.encrypt_then_mac = etm ? FEATURE_ON : FEATURE_OFF;
            meeting->theirs.no_extended_master_secret = !their_ems;
            meeting->theirs.no_encrypt_then_mac = !their_etm;
            if (!meeting_runs(meeting, &cells))
                continue;
            meeting_check(meeting);
            PeerView view = meeting_view(meeting);
            meeting_expect(meeting, view.extended_master_secret == (ems && their_ems), "EMS");
            if (kind == &peer_gnutls) /* the other does not say */
                meeting_expect(meeting, view.encrypt_then_mac == (etm && their_etm), "EtM");
            meeting_exporters(meeting);
        }
    cells_check(&cells, kind, "extended master secret, encrypt-then-MAC", ran, absent);
}

START_TEST(openssl_masters)
{
    masters_of(&peer_openssl, 96, 0);
}
END_TEST

START_TEST(gnutls_masters)
{
    masters_of(&peer_gnutls, 96, 0);
}
END_TEST

/* RFC 7301 3.2, with the name (RFC 6066 3) and exporters by the way. */
static void protocols_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    static const char *const names[] = {"h2", "http/1.1", "lab"};
    Cells cells = {0, 0};
    for (ProtocolVersion v = VERSION_TLS_1_0; v <= VERSION_TLS_1_3; v++)
        for (int options = 0; options < 4; options++) {
            bool match = (options & 2) != 0, server = roles[options & 1] == ROLE_CLIENT;
            g_autoptr(Meeting) meeting = meeting_new(kind, roles[options & 1], v, suite_of(v));
            meeting->ours->protocols = names;
            meeting->ours->protocol_count = 2;
            meeting->theirs.protocols = match ? names + 1 : names + 2;
            meeting->theirs.protocol_count = match ? 2 : 1;
            if (!meeting_runs(meeting, &cells))
                continue;
            if (!match) {
                meeting_expect(meeting, !meeting_connected(meeting), "connected");
                ck_assert_int_eq(endpoint_fault(meeting->us)->alert, ALERT_NO_APPLICATION_PROTOCOL);
                continue;
            }
            meeting_check(meeting);
            meeting_exporters(meeting);
            ck_assert_str_eq(meeting_view(meeting).protocol, "http/1.1");
            ck_assert_str_eq(endpoint_protocol(meeting->us), "http/1.1");
            if (!server)
                ck_assert_str_eq(meeting_view(meeting).name, "www.lab.example");
        }
    cells_check(&cells, kind, "ALPN, names, exporters", ran, absent);
}

START_TEST(openssl_protocols)
{
    protocols_of(&peer_openssl, 16, 0);
}
END_TEST

START_TEST(gnutls_protocols)
{
    protocols_of(&peer_gnutls, 16, 0);
}
END_TEST

/* RFC 6066 8. */
static void staple_cell(Meeting *meeting, Staple staple, Cells *cells)
{
    Fault fault = FAULT_INIT;
    bool server = meeting->ours->role == ROLE_SERVER;
    g_autoptr(GBytes) status =
        pki_staple(pair_pki(), "www-rsa", staple, pair_plan()->clock, &fault);
    ck_assert_msg(status != NULL, "%s", fault.sentence);
    meeting->theirs.asks_status = server;
    meeting->theirs.status = server ? BYTES_NONE : bytes_from_gbytes(status);
    meeting->ours->options.asks_status = !server;
    meeting->ours->credential.status = server ? status : NULL;
    if (meeting_runs(meeting, cells)) {
        if (staple == STAPLE_GOOD) {
            meeting_check(meeting);
            meeting_expect(meeting, !server || meeting_view(meeting).status_good, "status");
        } else {
            meeting_expect(meeting, !meeting_connected(meeting), "connected");
        }
    }
    meeting->ours->credential.status = NULL;
}

static void staples_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (ProtocolVersion v = VERSION_TLS_1_0; v <= VERSION_TLS_1_3; v++)
        for (int options = 0; options < 4; options++) {
            g_autoptr(Meeting) meeting = meeting_new(kind, roles[options & 1], v, suite_of(v));
            staple_cell(meeting, options & 2 ? STAPLE_REVOKED : STAPLE_GOOD, &cells);
        }
    cells_check(&cells, kind, "stapled responses", ran, absent);
}

START_TEST(openssl_staples)
{
    staples_of(&peer_openssl, 16, 0);
}
END_TEST

START_TEST(gnutls_staples)
{
    staples_of(&peer_gnutls, 16, 0);
}
END_TEST

/* Sealed, with explicit nonce, tag, and type. */
static void short_records(Meeting *meeting, size_t limit, bool ours, bool theirs)
{
    enum { MORE = 24 };
    meeting_check(meeting);
    if (ours)
        meeting_expect(meeting, meeting->longest[0] <= limit + MORE, "our records are too long");
    if (theirs)
        meeting_expect(meeting, meeting->longest[1] <= limit + MORE, "their records are too long");
}

/* RFC 6066 4. GnuTLS as server, before TLS 1.3, agrees to the length but forgets it as its write
 * keys come into force (3.7.9, lib/constate.c, _gnutls_write_connection_state_init: it goes back to
 * max_user_record_send_size unless record_size_limit was negotiated), so it is told the length by
 * its own side, too.
 */
static void fragments_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (ProtocolVersion v = VERSION_TLS_1_2; v <= VERSION_TLS_1_3; v++)
        for (uint32_t code = 1; code <= 4; code++)
            for (int i = 0; i < 2; i++) {
                g_autoptr(Meeting) meeting =
                    meeting_new(kind, roles[i], v, v == VERSION_TLS_1_3 ? 0x1302 : 0xc02f);
                if (roles[i] == ROLE_SERVER)
                    meeting->ours->options.max_fragment_length = code;
                if (roles[i] == ROLE_CLIENT || (kind == &peer_gnutls && v < VERSION_TLS_1_3))
                    meeting->theirs.fragment_length = 256u << code;
                if (meeting_runs(meeting, &cells))
                    short_records(meeting, 256u << code, true, true);
            }
    cells_check(&cells, kind, "max_fragment_length", ran, absent);
}

START_TEST(openssl_fragments)
{
    fragments_of(&peer_openssl, 16, 0);
}
END_TEST

START_TEST(gnutls_fragments)
{
    fragments_of(&peer_gnutls, 16, 0);
}
END_TEST

/* The same server, not told: what it then sends has to be refused (RFC 6066 4). When this fails,
 * GnuTLS has been mended, and the exception above can go.
 */
START_TEST(gnutls_forgets_the_length)
{
    g_autoptr(Meeting) meeting = meeting_new(&peer_gnutls, ROLE_SERVER, VERSION_TLS_1_2, 0xc02f);
    static uint8_t data[2000];
    meeting->ours->options.max_fragment_length = 1;
    ck_assert(meeting_start(meeting));
    meeting_expect(meeting, meeting_connected(meeting), "not connected");
    meeting->kind->send(meeting->peer, BYTES_ARRAY(data));
    meeting_pump(meeting);
    meeting_expect(meeting, endpoint_fault(meeting->us) != NULL, "taken");
    ck_assert_int_eq(endpoint_fault(meeting->us)->alert, ALERT_RECORD_OVERFLOW);
    ck_assert_uint_eq(meeting->data->len, 0);
}
END_TEST

/* RFC 8449: each side its own; and RFC 8879 in the same cells. The limit is on protected records
 * alone (RFC 8449 4), but GnuTLS as client applies it to all that follow the ServerHello (3.7.9,
 * lib/record.c, check_recv_headers: limit + 341 bytes of room), so before TLS 1.3, where the
 * Certificate is in the clear, it is set high enough for that one.
 */
START_TEST(gnutls_limits)
{
    Cells cells = {0, 0};
    for (ProtocolVersion v = VERSION_TLS_1_0; v <= VERSION_TLS_1_3; v++)
        for (int options = 0; options < 4; options++) {
            bool compressed = (options & 2) != 0;
            uint32_t theirs = v >= VERSION_TLS_1_3 ? 600 : 1600, ours = theirs + 300;
            g_autoptr(Meeting) meeting = meeting_new(&peer_gnutls, roles[options & 1], v,
                                                     v == VERSION_TLS_1_3   ? 0x1302
                                                     : v == VERSION_TLS_1_2 ? 0xc02f
                                                                            : 0x0005);
            meeting->theirs.record_size_limit = theirs;
            meeting->ours->options.record_size_limit = ours;
            meeting->theirs.compresses_certificates = compressed;
            meeting->ours->options.certificate_compression = compressed;
            if (!meeting_runs(meeting, &cells))
                continue;
            short_records(meeting, theirs, true, false);
            short_records(meeting, ours, false, true);
        }
    cells_check(&cells, &peer_gnutls, "record_size_limit, compressed certificates", 16, 0);
}
END_TEST

/* RFC 7507: the client speaks TLS 1.1 with the signal, the server up to TLS 1.1 or 1.2. */
static void fallbacks_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (int options = 0; options < 4; options++) {
        bool wrong = (options & 2) != 0, server = roles[options & 1] == ROLE_CLIENT;
        g_autoptr(Meeting) meeting = meeting_new(kind, roles[options & 1], VERSION_TLS_1_1, 0xc013);
        meeting->theirs.fallback = server;
        meeting->ours->options.signals_fallback = !server;
        if (server && wrong)
            meeting->ours->last = VERSION_TLS_1_2;
        if (!server && wrong)
            meeting->theirs.up_to = VERSION_TLS_1_2;
        if (!meeting_runs(meeting, &cells))
            continue;
        if (!wrong) {
            meeting_check(meeting);
            continue;
        }
        meeting_expect(meeting, !meeting_connected(meeting), "connected");
        ck_assert_int_eq(endpoint_fault(meeting->us)->alert, ALERT_INAPPROPRIATE_FALLBACK);
    }
    cells_check(&cells, kind, "fallback", ran, absent);
}

START_TEST(openssl_fallbacks)
{
    fallbacks_of(&peer_openssl, 4, 0);
}
END_TEST

START_TEST(gnutls_fallbacks)
{
    fallbacks_of(&peer_gnutls, 4, 0);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("features");
    TCase *all = tcase_create("features");
    tcase_set_timeout(all, 300);
    tcase_add_unchecked_fixture(all, meeting_set_up, NULL);
    tcase_add_test(all, openssl_masters);
    tcase_add_test(all, gnutls_masters);
    tcase_add_test(all, openssl_protocols);
    tcase_add_test(all, gnutls_protocols);
    tcase_add_test(all, openssl_staples);
    tcase_add_test(all, gnutls_staples);
    tcase_add_test(all, openssl_fragments);
    tcase_add_test(all, gnutls_fragments);
    tcase_add_test(all, gnutls_forgets_the_length);
    tcase_add_test(all, gnutls_limits);
    tcase_add_test(all, openssl_fallbacks);
    tcase_add_test(all, gnutls_fallbacks);
    suite_add_tcase(suite, all);
    return support_run(suite);
}
