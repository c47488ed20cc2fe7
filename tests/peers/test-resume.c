/* Resumption, with OpenSSL and GnuTLS as judges: their sessions at us, ours at them.
 *
 * By session ID, by ticket, and by the tickets of TLS 1.3, twice in a row, the second time
 * with a renewed ticket where the server gives one. Then what RFC 7627 5.3 says of sessions with
 * and without an extended master secret, and pre-shared keys that both were given beforehand. Both
 * sides must say that they have resumed; that both only connected would be a full handshake.
 */
#include <stdlib.h>

#include "tests/peers/meeting.h"
#include "tests/support/support.h"

enum { AGAINS = 2 }; /* GnuTLS gives two tickets after a full handshake, and no more after that */

static void remember(Meeting *meeting)
{
    if (meeting->theirs.role == ROLE_CLIENT)
        meeting_expect(meeting, meeting->kind->act(meeting->peer, PEER_REMEMBER), "no session");
}

/* Full, and then resumed again and again. */
static void resumption_cell(Meeting *meeting, Cells *cells)
{
    if (!meeting_runs(meeting, cells))
        return;
    meeting_check(meeting);
    meeting_expect(meeting, !endpoint_resumed(meeting->us), "resumed out of nothing");
    for (int i = 0; i < AGAINS; i++) {
        remember(meeting);
        if (i == 0 && meeting->ours->ticket_keys != NULL) /* RFC 5077 3.3: a new one for the old */
            ticket_keys_rotate(meeting->ours->ticket_keys, meeting->pair->randoms[ROLE_SERVER],
                               false);
        meeting_start(meeting);
        meeting_check(meeting);
        g_autofree char *what = g_strdup_printf("not resumed the %d. time", i + 1);
        meeting_expect(meeting, endpoint_resumed(meeting->us), what);
        meeting_exporters(meeting);
    }
}

static void resumptions_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    static const struct {
        ProtocolVersion version;
        SuiteNumber suite;
    } rows[] = {
        {VERSION_TLS_1_0, 0x002f}, {VERSION_TLS_1_1, 0xc013}, {VERSION_TLS_1_2, 0x0035},
        {VERSION_TLS_1_2, 0x009e}, {VERSION_TLS_1_2, 0xc02c}, {VERSION_TLS_1_2, 0xcca8},
        {VERSION_TLS_1_2, 0x00a9}, {VERSION_TLS_1_3, 0x1301}, {VERSION_TLS_1_3, 0x1302},
        {VERSION_TLS_1_3, 0x1303},
    };
    Cells cells = {0, 0};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        for (int options = 0; options < 8; options++) {
            Role role = options & 1 ? ROLE_CLIENT : ROLE_SERVER;
            bool tickets = (options & 2) != 0, extended = (options & 4) != 0;
            if (rows[i].version == VERSION_TLS_1_3 && (!tickets || !extended))
                continue; /* it has nothing else */
            g_autoptr(Meeting) meeting = meeting_new(kind, role, rows[i].version, rows[i].suite);
            meeting_remember(meeting, tickets);
            meeting->theirs.no_extended_master_secret = !extended;
            /* as a client that speaks it we would not offer the session: RFC 7627 5.3 */
            if (role == ROLE_SERVER && !extended)
                meeting->ours->options.extended_master_secret = FEATURE_OFF;
            resumption_cell(meeting, &cells);
        }
    cells_check(&cells, kind, "resumption", ran, absent);
}

START_TEST(openssl_resumption)
{
    resumptions_of(&peer_openssl, 62, 0);
}
END_TEST

START_TEST(gnutls_resumption)
{
    resumptions_of(&peer_gnutls, 62, 0);
}
END_TEST

/* What becomes of a session that was made with or without, offered without or with. */
static void mismatch_cell(const PeerKind *kind, Role role, bool tickets, bool extended,
                          Cells *cells)
{
    g_autoptr(Meeting) meeting = meeting_new(kind, role, VERSION_TLS_1_2, 0xc02f);
    Feature feature[] = {FEATURE_OFF, FEATURE_ON};
    meeting_remember(meeting, tickets);
    if (role == ROLE_CLIENT) /* the client is the one who changes its mind */
        meeting->theirs.no_extended_master_secret = !extended;
    else
        meeting->ours->options.extended_master_secret = feature[extended];
    if (!meeting_runs(meeting, cells))
        return;
    meeting_check(meeting);
    remember(meeting);
    meeting->theirs.no_extended_master_secret = role == ROLE_CLIENT && extended;
    meeting->ours->options.extended_master_secret = feature[role == ROLE_CLIENT || !extended];
    meeting_start(meeting);
    if (meeting_connected(meeting)) { /* a full handshake is always right */
        meeting_check(meeting);
        meeting_expect(meeting, !endpoint_resumed(meeting->us), "resumed");
        return;
    }
    /* RFC 7627 5.3: the server MUST abort when the session has it and the hello does not */
    meeting_expect(meeting, extended, "refused");
    const Fault *fault = endpoint_fault(meeting->us);
    meeting_expect(meeting, fault->alert == ALERT_HANDSHAKE_FAILURE, "another alert");
}

static void mismatches_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (int options = 0; options < 8; options++)
        mismatch_cell(kind, options & 1 ? ROLE_CLIENT : ROLE_SERVER, (options & 2) != 0,
                      (options & 4) != 0, &cells);
    cells_check(&cells, kind, "RFC 7627 5.3", ran, absent);
}

START_TEST(openssl_mismatches)
{
    mismatches_of(&peer_openssl, 8, 0);
}
END_TEST

START_TEST(gnutls_mismatches)
{
    mismatches_of(&peer_gnutls, 8, 0);
}
END_TEST

static void set_psk(Meeting *meeting)
{
    static const ExternalPsk psk = {"lab", {(const uint8_t *)"0123456789abcdef", 16}, HASH_SHA256};
    meeting->ours->psks = &psk;
    meeting->ours->psk_count = 1;
    meeting->theirs.psk_identity = psk.identity;
    meeting->theirs.psk = psk.key;
}

/* TLS 1.3: RFC 8446 4.2.9's two modes. */
static void external_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    static const SuiteNumber suites[] = {0x1301, 0x1303, 0x1304};
    Cells cells = {0, 0};
    for (size_t i = 0; i < G_N_ELEMENTS(suites); i++)
        for (int options = 0; options < 4; options++) {
            g_autoptr(Meeting) meeting = meeting_new(kind, options & 1 ? ROLE_CLIENT : ROLE_SERVER,
                                                     VERSION_TLS_1_3, suites[i]);
            set_psk(meeting);
            meeting->theirs.psk_ke = (options & 2) != 0;
            meeting->ours->options.psk_modes = options & 2 ? PSK_MODE_KE : PSK_MODE_DHE_KE;
            if (!meeting_runs(meeting, &cells))
                continue;
            meeting_expect(meeting, meeting_connected(meeting), "not connected");
            bool bare = endpoint_group(meeting->us) == NULL;
            meeting_expect(meeting, bare == ((options & 2) != 0), "the other mode");
            meeting_expect(meeting, endpoint_peer_certificate(meeting->us) == NULL, "certificate");
            meeting_check(meeting);
        }
    cells_check(&cells, kind, "external pre-shared keys", ran, absent);
}

START_TEST(openssl_external)
{
    external_of(&peer_openssl, 12, 0);
}
END_TEST

START_TEST(gnutls_external)
{
    external_of(&peer_gnutls, 12, 0);
}
END_TEST

/* RFC 4279 2: a hint, and so a ServerKeyExchange. */
static void hints_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (ProtocolVersion v = VERSION_TLS_1_0; v <= VERSION_TLS_1_2; v++)
        for (int role = 0; role < 2; role++) {
            g_autoptr(Meeting) meeting = meeting_new(kind, (Role)role, v, 0x008c);
            meeting->ours->psk_hint = meeting->theirs.psk_hint = "which lab?";
            if (meeting_runs(meeting, &cells))
                meeting_check(meeting);
        }
    cells_check(&cells, kind, "hints", ran, absent);
}

START_TEST(openssl_hints)
{
    hints_of(&peer_openssl, 6, 0);
}
END_TEST

START_TEST(gnutls_hints)
{
    hints_of(&peer_gnutls, 6, 0);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("resume");
    TCase *all = tcase_create("resume");
    tcase_set_timeout(all, 300);
    tcase_add_unchecked_fixture(all, meeting_set_up, NULL);
    tcase_add_test(all, openssl_resumption);
    tcase_add_test(all, gnutls_resumption);
    tcase_add_test(all, openssl_mismatches);
    tcase_add_test(all, gnutls_mismatches);
    tcase_add_test(all, openssl_external);
    tcase_add_test(all, gnutls_external);
    tcase_add_test(all, openssl_hints);
    tcase_add_test(all, gnutls_hints);
    suite_add_tcase(suite, all);
    return support_run(suite);
}
