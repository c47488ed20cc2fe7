/* Our endpoints against OpenSSL and GnuTLS, in memory: every suite in every version.
 *
 * First each suite, version and role that the tables have, one handshake each. Then, for the key
 * exchange of RSA, with and without client authentication, renegotiation by either side, secure and
 * insecure. 20,000 bytes of data each way. The numbers of cells are pinned: a cell that does not
 * run is a failure unless the stack itself says that it does not have such a thing.
 */
#include <stdlib.h>

#include "tests/peers/meeting.h"
#include "tests/support/support.h"

typedef enum {
    AGAIN_NEVER,
    AGAIN_OURS,
    AGAIN_THEIRS,
    AGAIN_OURS_INSECURE,
    AGAIN_THEIRS_INSECURE,
    AGAIN_KINDS,
} Again;

static void suites_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (size_t i = 0; i < suite_count(); i++)
        for (ProtocolVersion v = VERSION_SSL_3_0; v <= VERSION_TLS_1_3; v++)
            for (int role = 0; role < 2; role++) {
                if (!suite_fits(suite_at(i), v))
                    continue;
                g_autoptr(Meeting) meeting = meeting_new(kind, (Role)role, v, suite_at(i)->number);
                if (!meeting_runs(meeting, &cells))
                    continue;
                meeting_check(meeting);
            }
    cells_check(&cells, kind, "suites and versions", ran, absent);
}

START_TEST(openssl_suites)
{
    suites_of(&peer_openssl, 340, 200);
}
END_TEST

START_TEST(gnutls_suites)
{
    suites_of(&peer_gnutls, 410, 130);
}
END_TEST

static bool is_insecure(Again again)
{
    return again == AGAIN_OURS_INSECURE || again == AGAIN_THEIRS_INSECURE;
}

static void renegotiate(Meeting *meeting, Again again)
{
    meeting_expect(meeting, endpoint_secure_renegotiation(meeting->us) == !is_insecure(again),
                   "secure renegotiation");
    if (again == AGAIN_OURS || again == AGAIN_OURS_INSECURE)
        meeting_expect(meeting, endpoint_renegotiate(meeting->us, meeting->ours->client_auth, 0),
                       "we cannot renegotiate");
    else
        meeting_expect(meeting, meeting->kind->act(meeting->peer, PEER_RENEGOTIATE),
                       "they cannot renegotiate");
    meeting_pump(meeting);
    meeting_expect(meeting,
                   endpoint_handshakes(meeting->us) == 2 && meeting_view(meeting).handshakes == 2,
                   "not two handshakes");
    meeting_check(meeting);
}

static void renegotiation_cell(const PeerKind *kind, Role role, ProtocolVersion version,
                               const Suite *suite, bool auth, Again again, Cells *cells)
{
    g_autoptr(Meeting) meeting = meeting_new(kind, role, version, suite->number);
    meeting->theirs.insecure = is_insecure(again);
    meeting->ours->weaknesses = is_insecure(again) ? WEAKNESS_RENEGOTIATES_WITHOUT_BINDING : 0;
    if (auth) {
        meeting_shows(meeting, ROLE_CLIENT, "alice-rsa");
        meeting_asks(meeting, CLIENT_AUTH_REQUIRED);
    }
    if (!meeting_runs(meeting, cells))
        return;
    meeting_check(meeting);
    if (auth && meeting->ours->role == ROLE_SERVER)
        ck_assert_str_eq(certificate_subject(endpoint_peer_certificate(meeting->us)),
                         "CN=Alice,O=Lab");
    if (auth && meeting->ours->role == ROLE_CLIENT)
        ck_assert_str_eq(meeting_view(meeting).subject, "Alice");
    if (again != AGAIN_NEVER)
        renegotiate(meeting, again);
}

static void renegotiations_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (ProtocolVersion version = VERSION_TLS_1_0; version <= VERSION_TLS_1_2; version++)
        for (size_t i = 0; i < suite_count(); i++)
            for (int options = 0; options < 4 * AGAIN_KINDS; options++)
                if (suite_at(i)->key_exchange == KEY_EXCHANGE_RSA &&
                    suite_fits(suite_at(i), version))
                    renegotiation_cell(kind, options & 1 ? ROLE_CLIENT : ROLE_SERVER, version,
                                       suite_at(i), (options & 2) != 0, (Again)(options / 4),
                                       &cells);
    cells_check(&cells, kind, "RSA, client authentication, renegotiation", ran, absent);
}

START_TEST(openssl_renegotiations)
{
    renegotiations_of(&peer_openssl, 620, 280);
}
END_TEST

START_TEST(gnutls_renegotiations)
{
    renegotiations_of(&peer_gnutls, 760, 140);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("peers");
    TCase *matrix = tcase_create("matrix");
    tcase_set_timeout(matrix, 300);
    tcase_add_unchecked_fixture(matrix, meeting_set_up, NULL);
    tcase_add_test(matrix, openssl_suites);
    tcase_add_test(matrix, gnutls_suites);
    tcase_add_test(matrix, openssl_renegotiations);
    tcase_add_test(matrix, gnutls_renegotiations);
    suite_add_tcase(suite, matrix);
    return support_run(suite);
}
