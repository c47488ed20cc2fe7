/* Every group and every signature scheme, with OpenSSL and GnuTLS as judges.
 *
 * Both sides have one group alone, or one scheme alone; so the handshake is by that one or fails.
 * With a scheme the client is authenticated as well, with a certificate of the same kind of key:
 * in both roles together each side makes and verifies every signature in both messages. The cells
 * come from the tables of groups and schemes.
 */
#include <stdlib.h>

#include "core/crypto/scheme.h"
#include "tests/peers/meeting.h"
#include "tests/support/support.h"

static void group_cell(Meeting *meeting, const Group *group, Cells *cells)
{
    if (group->kind == GROUP_FINITE_FIELD && meeting->theirs.version == VERSION_TLS_1_2 &&
        meeting->kind == &peer_openssl) {
        cells->absent++; /* it has RFC 7919's groups in TLS 1.3 alone */
        return;
    }
    meeting_name(meeting, ", ");
    meeting_name(meeting, group->name);
    meeting_group(meeting, &group->number);
    if (!meeting_runs(meeting, cells))
        return;
    meeting_check(meeting);
    meeting_expect(meeting, endpoint_group(meeting->us) == group, "our group");
    meeting_expect(meeting, meeting_view(meeting).group == group->number, "their group");
}

static void groups_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (size_t i = 0; i < group_count(); i++)
        for (int options = 0; options < 4; options++) {
            const Group *group = group_at(i);
            bool finite = group->kind == GROUP_FINITE_FIELD, new = (options & 2) != 0;
            g_autoptr(Meeting) meeting = meeting_new(kind, options & 1 ? ROLE_CLIENT : ROLE_SERVER,
                                                     new ? VERSION_TLS_1_3 : VERSION_TLS_1_2,
                                                     new      ? 0x1301
                                                     : finite ? 0x009e
                                                              : 0xc02f);
            group_cell(meeting, group, &cells);
        }
    cells_check(&cells, kind, "groups", ran, absent);
}

START_TEST(openssl_groups)
{
    groups_of(&peer_openssl, 26, 6);
}
END_TEST

START_TEST(gnutls_groups)
{
    groups_of(&peer_gnutls, 32, 0);
}
END_TEST

static const char *key_of(const Scheme *scheme)
{
    static const char *const keys[KEY_KINDS] = {
        [KEY_RSA] = "rsa",  [KEY_RSA_PSS] = "pss",     [KEY_DSA] = "dss",
        [KEY_EC] = "ecdsa", [KEY_ED25519] = "ed25519", [KEY_ED448] = "ed448",
    };
    if (scheme->number == SCHEME_ECDSA_SECP384R1_SHA384)
        return "ecdsa384";
    return scheme->number == SCHEME_ECDSA_SECP521R1_SHA512 ? "ecdsa521" : keys[scheme->key];
}

/* GnuTLS has no certificate_types for EdDSA and for keys of PSS alone (RFC 8422 5.5): its client
 * finds no certificate, its server sends an empty list. */
static bool is_asked(const Meeting *meeting, const Scheme *scheme)
{
    return meeting->kind != &peer_gnutls || meeting->theirs.version == VERSION_TLS_1_3 ||
           (scheme->kind != SIGNATURE_EDDSA && scheme->key != KEY_RSA_PSS);
}

static void scheme_cell(Meeting *meeting, const Scheme *scheme, Cells *cells)
{
    /* PKCS#1 is for certificates alone (RFC 8446 4.2.3); GnuTLS shows none of RSA without it */
    const SchemeNumber ours[] = {scheme->number, SCHEME_RSA_PKCS1_SHA256};
    bool asked = is_asked(meeting, scheme);
    g_autofree char *www = g_strdup_printf("www-%s", key_of(scheme));
    g_autofree char *alice = g_strdup_printf("alice-%s", key_of(scheme));
    meeting_name(meeting, ", ");
    meeting_name(meeting, scheme->name);
    meeting->ours->schemes = ours;
    meeting->ours->scheme_count = meeting->theirs.version == VERSION_TLS_1_3 ? 2 : 1;
    meeting->theirs.scheme = scheme->number;
    meeting_shows(meeting, ROLE_SERVER, www);
    meeting_shows(meeting, ROLE_CLIENT, alice);
    meeting_asks(meeting, asked ? CLIENT_AUTH_REQUIRED : CLIENT_AUTH_NONE);
    if (!meeting_runs(meeting, cells))
        return;
    meeting_check(meeting);
    if (asked || meeting->ours->role == ROLE_CLIENT)
        meeting_expect(meeting, endpoint_peer_certificate(meeting->us) != NULL, "no certificate");
}

static void schemes_of(const PeerKind *kind, unsigned ran, unsigned absent)
{
    Cells cells = {0, 0};
    for (size_t i = 0; i < scheme_count(); i++)
        for (int options = 0; options < 4; options++) {
            const Scheme *scheme = scheme_at(i);
            bool rsa = scheme->key == KEY_RSA || scheme->key == KEY_RSA_PSS;
            bool new = (options & 2) != 0;
            SuiteNumber suite = scheme->key == KEY_DSA ? 0x00a2 : rsa ? 0xc02f : 0xc02b;
            if (new && !scheme->in_tls13)
                continue;
            g_autoptr(Meeting) meeting =
                meeting_new(kind, options & 1 ? ROLE_CLIENT : ROLE_SERVER,
                            new ? VERSION_TLS_1_3 : VERSION_TLS_1_2, new ? 0x1301 : suite);
            scheme_cell(meeting, scheme, &cells);
        }
    cells_check(&cells, kind, "schemes", ran, absent);
}

START_TEST(openssl_schemes)
{
    schemes_of(&peer_openssl, 68, 2);
}
END_TEST

START_TEST(gnutls_schemes)
{
    schemes_of(&peer_gnutls, 56, 14);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("kinds");
    TCase *all = tcase_create("kinds");
    tcase_set_timeout(all, 300);
    tcase_add_unchecked_fixture(all, meeting_set_up, NULL);
    tcase_add_test(all, openssl_groups);
    tcase_add_test(all, gnutls_groups);
    tcase_add_test(all, openssl_schemes);
    tcase_add_test(all, gnutls_schemes);
    suite_add_tcase(suite, all);
    return support_run(suite);
}
