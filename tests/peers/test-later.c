/* What only TLS 1.3 does around its handshake, with OpenSSL and GnuTLS as judges.
 *
 * Retries (with a cookie, with a pre-shared key, by a server without state), early data that is
 * taken or not, new keys in either direction, certificates asked for in the handshake or after it.
 * Every case in both roles. A retry is known to have taken place because both end in a group of
 * which the client had sent no share.
 */
#include <stdlib.h>

#include "tests/peers/meeting.h"
#include "tests/support/support.h"

static const Role roles[] = {ROLE_SERVER, ROLE_CLIENT}; /* theirs */

/* The client has a share of the first, the server only the second. */
static void apart(Meeting *meeting)
{
    static const GroupNumber client[] = {GROUP_X25519, GROUP_SECP384R1};
    bool ours = meeting->ours->role == ROLE_CLIENT;
    meeting->ours->groups = ours ? client : client + 1;
    meeting->ours->group_count = ours ? 2 : 1;
    meeting->theirs.groups = ours ? client + 1 : client;
    meeting->theirs.group_count = ours ? 1 : 2;
}

typedef enum {
    RETRY_GROUP,
    RETRY_COOKIE,    /* … and a cookie */
    RETRY_STATELESS, /* a cookie alone */
    RETRY_NO_SHARES,
    RETRY_KINDS,
} Retry;

static void retry_cell(Meeting *meeting, Retry retry, Cells *cells)
{
    bool server = meeting->ours->role == ROLE_SERVER;
    if ((retry == RETRY_COOKIE && !server) || (retry == RETRY_NO_SHARES && server))
        return; /* the stacks have no words for it */
    if (retry == RETRY_STATELESS && server && meeting->kind == &peer_gnutls) {
        cells->absent++; /* its client says illegal_parameter to a retry without a group */
        return;
    }
    static const char *const names[] = {", group", ", group and cookie", ", cookie", ", no shares"};
    meeting_name(meeting, names[retry]);
    meeting_remember(meeting, true);
    if (retry == RETRY_STATELESS) {
        meeting->theirs.stateless = !server;
        meeting->ours->options.always_retries = server;
    } else {
        apart(meeting);
    }
    meeting->ours->options.sends_cookie = retry == RETRY_COOKIE;
    meeting->ours->options.no_shares = retry == RETRY_NO_SHARES;
    if (!meeting_runs(meeting, cells))
        return;
    meeting_check(meeting);
    if (retry == RETRY_STATELESS && !server) /* there libssl refuses its own client's binder, too */
        return;
    if (server)
        meeting_expect(meeting, meeting->kind->act(meeting->peer, PEER_REMEMBER), "no session");
    meeting_start(meeting);
    meeting_check(meeting);
    meeting_expect(meeting, endpoint_resumed(meeting->us), "not resumed after the retry");
    if (retry != RETRY_STATELESS)
        ck_assert_int_eq(endpoint_group(meeting->us)->number, GROUP_SECP384R1);
}

static void retries_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (int retry = 0; retry < RETRY_KINDS; retry++)
        for (SuiteNumber suite = 0x1301; suite <= 0x1303; suite++)
            for (int i = 0; i < 2; i++) {
                g_autoptr(Meeting) meeting = meeting_new(kind, roles[i], VERSION_TLS_1_3, suite);
                retry_cell(meeting, (Retry)retry, &cells);
            }
    cells_check(&cells, kind, "retries", ran, absent);
}

START_TEST(openssl_retries)
{
    retries_of(&peer_openssl, 18, 0);
}
END_TEST

START_TEST(gnutls_retries)
{
    retries_of(&peer_gnutls, 12, 6);
}
END_TEST

static bool begins(Bytes bytes, Bytes head)
{
    return bytes_equal(bytes_slice(bytes, 0, head.size), head);
}

static void early_cell(Meeting *meeting, EarlyDataAnswer answer, Cells *cells)
{
    bool server = meeting->ours->role == ROLE_SERVER;
    Bytes ahead = bytes_from_text("ahead of everything");
    static const char *const answers[] = {", rejected", ", accepted", ", retried"};
    meeting_name(meeting, answers[answer]);
    if (server && answer == EARLY_DATA_RETRIED && meeting->kind == &peer_gnutls) {
        cells->absent++; /* its client protects the second hello with the keys of early data */
        return;
    }
    meeting_remember(meeting, true);
    meeting->theirs.max_early_data = 1000;
    meeting->ours->options.max_early_data = 1000;
    if (!meeting_runs(meeting, cells))
        return;
    meeting_check(meeting);
    if (server)
        meeting_expect(meeting, meeting->kind->act(meeting->peer, PEER_REMEMBER), "no session");
    meeting->ours->options.early_data_answer = answer;
    meeting->theirs.rejects_early_data = !server && answer != EARLY_DATA_ACCEPTED;
    if (server)
        meeting->theirs.early_data = ahead;
    else
        meeting->ours->early_data = ahead;
    if (answer == EARLY_DATA_RETRIED)
        apart(meeting);
    meeting_start(meeting);
    meeting_expect(meeting, meeting_connected(meeting), "not connected");
    Bytes came = server ? bytes_from_array(meeting->data) : meeting->kind->received(meeting->peer);
    bool taken = answer == EARLY_DATA_ACCEPTED;
    meeting_expect(meeting, begins(came, ahead) == taken, "early data");
    meeting_expect(meeting, came.size == (taken ? ahead.size : 0), "other data");
    meeting_expect(meeting, meeting_view(meeting).early_data_taken == taken, "their word");
    if (!server)
        meeting_expect(meeting, (meeting->rejected == 0) == taken, "our word");
    meeting_check(meeting);
    /* OpenSSL lets a session that allows early data be used once: by the first hello of two */
    if (server || answer != EARLY_DATA_RETRIED || meeting->kind != &peer_openssl)
        meeting_expect(meeting, endpoint_resumed(meeting->us), "not resumed");
}

static void early_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (int answer = EARLY_DATA_REJECTED; answer <= EARLY_DATA_RETRIED; answer++)
        for (SuiteNumber suite = 0x1301; suite <= 0x1303; suite++)
            for (int i = 0; i < 2; i++) {
                g_autoptr(Meeting) meeting = meeting_new(kind, roles[i], VERSION_TLS_1_3, suite);
                early_cell(meeting, (EarlyDataAnswer)answer, &cells);
            }
    cells_check(&cells, kind, "early data", ran, absent);
}

START_TEST(openssl_early)
{
    early_of(&peer_openssl, 18, 0);
}
END_TEST

START_TEST(gnutls_early)
{
    early_of(&peer_gnutls, 15, 3);
}
END_TEST

/* Ours, theirs, and twice each; data flows after every one. */
static void updates_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (SuiteNumber suite = 0x1301; suite <= 0x1305; suite++)
        for (int i = 0; i < 2; i++) {
            g_autoptr(Meeting) meeting = meeting_new(kind, roles[i], VERSION_TLS_1_3, suite);
            if (!meeting_runs(meeting, &cells))
                continue;
            meeting_check(meeting);
            for (int update = 0; update < 8; update++) {
                bool all = (update & 1) != 0;
                if (update & 2)
                    meeting_expect(meeting, endpoint_update_keys(meeting->us, all, 0), "ours");
                else
                    meeting_expect(
                        meeting,
                        kind->act(meeting->peer, all ? PEER_UPDATE_ALL_KEYS : PEER_UPDATE_KEYS),
                        "theirs");
                meeting_pump(meeting);
                meeting_check(meeting);
            }
        }
    cells_check(&cells, kind, "new keys", ran, absent);
}

START_TEST(openssl_updates)
{
    updates_of(&peer_openssl, 10, 0);
}
END_TEST

START_TEST(gnutls_updates)
{
    updates_of(&peer_gnutls, 10, 0);
}
END_TEST

static void knows_alice(Meeting *meeting, bool known)
{
    bool has = meeting->ours->role == ROLE_SERVER
                   ? endpoint_peer_certificate(meeting->us) != NULL
                   : g_str_equal(meeting_view(meeting).subject, "Alice");
    meeting_expect(meeting, has == known, known ? "no certificate" : "a certificate");
}

/* RFC 8446 4.6.2: twice, with data and new keys in between. */
static void later_cell(Meeting *meeting, const char *name, Cells *cells)
{
    meeting->ours->options.post_handshake_auth = true;
    meeting->theirs.post_handshake_auth = true;
    meeting_shows(meeting, ROLE_CLIENT, name);
    if (!meeting_runs(meeting, cells))
        return;
    meeting_check(meeting);
    knows_alice(meeting, false);
    for (int i = 0; i < 2; i++) {
        if (meeting->ours->role == ROLE_SERVER)
            meeting_expect(meeting, endpoint_ask_certificate(meeting->us, CLIENT_AUTH_REQUIRED, 0),
                           "we ask");
        else
            meeting_expect(meeting, meeting->kind->act(meeting->peer, PEER_ASK_CERTIFICATE),
                           "they ask");
        meeting_pump(meeting);
        meeting_check(meeting);
        knows_alice(meeting, true);
        endpoint_update_keys(meeting->us, true, 0);
        meeting_pump(meeting);
        meeting_check(meeting);
    }
}

static void later_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    static const char *const names[] = {"alice-rsa", "alice-ecdsa", "alice-ed25519"};
    Cells cells = {0, 0};
    for (size_t n = 0; n < G_N_ELEMENTS(names); n++)
        for (SuiteNumber suite = 0x1301; suite <= 0x1302; suite++)
            for (int i = 0; i < 2; i++) {
                g_autoptr(Meeting) meeting = meeting_new(kind, roles[i], VERSION_TLS_1_3, suite);
                later_cell(meeting, names[n], &cells);
            }
    cells_check(&cells, kind, "post-handshake authentication", ran, absent);
}

START_TEST(openssl_later)
{
    later_of(&peer_openssl, 12, 0);
}
END_TEST

START_TEST(gnutls_later)
{
    later_of(&peer_gnutls, 12, 0);
}
END_TEST

/* Requested or required, shown or not. */
static void client_cell(Meeting *meeting, bool required, bool shown, Cells *cells)
{
    bool server = meeting->ours->role == ROLE_SERVER;
    meeting_asks(meeting, required ? CLIENT_AUTH_REQUIRED : CLIENT_AUTH_REQUESTED);
    if (shown)
        meeting_shows(meeting, ROLE_CLIENT, "alice-rsa");
    if (!meeting_runs(meeting, cells))
        return;
    if (shown || !required) {
        meeting_check(meeting);
        knows_alice(meeting, shown);
        return;
    }
    meeting_expect(meeting, !meeting_connected(meeting), "connected without a certificate");
    if (server) /* RFC 8446 4.4.2.4, RFC 5246 7.4.6 */
        ck_assert_int_eq(endpoint_fault(meeting->us)->alert,
                         meeting->theirs.version == VERSION_TLS_1_3 ? ALERT_CERTIFICATE_REQUIRED
                                                                    : ALERT_HANDSHAKE_FAILURE);
    else
        meeting_expect(meeting, meeting->kind->state(meeting->peer) == PEER_FAILED, "taken");
}

static void clients_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (ProtocolVersion v = VERSION_TLS_1_0; v <= VERSION_TLS_1_3; v++)
        for (int options = 0; options < 8; options++) {
            SuiteNumber suite = v == VERSION_TLS_1_3 ? 0x1301 : 0xc013;
            g_autoptr(Meeting) meeting = meeting_new(kind, roles[options & 1], v, suite);
            client_cell(meeting, (options & 2) != 0, (options & 4) != 0, &cells);
        }
    cells_check(&cells, kind, "client certificates", ran, absent);
}

START_TEST(openssl_clients)
{
    clients_of(&peer_openssl, 32, 0);
}
END_TEST

START_TEST(gnutls_clients)
{
    clients_of(&peer_gnutls, 32, 0);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("later");
    TCase *all = tcase_create("later");
    tcase_set_timeout(all, 300);
    tcase_add_unchecked_fixture(all, meeting_set_up, NULL);
    tcase_add_test(all, openssl_retries);
    tcase_add_test(all, gnutls_retries);
    tcase_add_test(all, openssl_early);
    tcase_add_test(all, gnutls_early);
    tcase_add_test(all, openssl_updates);
    tcase_add_test(all, gnutls_updates);
    tcase_add_test(all, openssl_later);
    tcase_add_test(all, gnutls_later);
    tcase_add_test(all, openssl_clients);
    tcase_add_test(all, gnutls_clients);
    suite_add_tcase(suite, all);
    return support_run(suite);
}
