/* The conversation lists against the message flows that the RFCs draw.
 *
 * All conversations are enumerated and compared with lists written from RFC 5246 7.3 (figures 1 and
 * 2), 7.4.3 and 7.4.6, RFC 5077 3.1, RFC 6066 8, RFC 4279 2, RFC 6101 5.6.6 (the no_certificate
 * alert), RFC 8446 2 (figures 1 to 4), 4.4.2, 4.6.2 and RFC 8879 4, and the SSL 2.0 specification's
 * 2.1. Every neighbour of a legal conversation (a message left out, repeated or swapped with the
 * next) that is not itself on the list is refused where it leaves the list.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/engine/conversation.h"
#include "core/wire/message.h"
#include "tests/support/support.h"

/* c: from the client, s: from the server. [n] is ChangeCipherSpec, (a) the alert. */
/* clang-format off */
static const char *const ssl2[] = {
    /* "The SSL Protocol" 2.1: 2.1.1, 2.1.2, 2.1.3; and without a certificate to show */
    "cHello2 sHello2 cMaster2 cFin2 sVerify2 sFin2 ",
    "cHello2 sHello2 cFin2 sVerify2 sFin2 ",
    "cHello2 sHello2 cMaster2 cFin2 sVerify2 sReq2 cCert2 sFin2 ",
    "cHello2 sHello2 cMaster2 cFin2 sVerify2 sReq2 cError2 sFin2 ",
};

static const char *const ssl3[] = {
    /* RFC 5246 figure 1, with and without a certificate status (RFC 6066 8), parameters of the key
     * exchange (7.4.3), a request answered by a certificate or by an empty one (7.4.6), a ticket (RFC
     * 5077 3.1) */
    "cHello sHello sCert sDone cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sDone cKey c[n] cFin sTick s[n] sFin ",
    "cHello sHello sCert sReq sDone cCert cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sReq sDone cCert cKey c[n] cFin sTick s[n] sFin ",
    "cHello sHello sCert sReq sDone cCert cKey cVerify c[n] cFin s[n] sFin ",
    "cHello sHello sCert sReq sDone cCert cKey cVerify c[n] cFin sTick s[n] sFin ",
    "cHello sHello sCert sTemp sDone cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sTemp sDone cKey c[n] cFin sTick s[n] sFin ",
    "cHello sHello sCert sTemp sReq sDone cCert cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sTemp sReq sDone cCert cKey c[n] cFin sTick s[n] sFin ",
    "cHello sHello sCert sTemp sReq sDone cCert cKey cVerify c[n] cFin s[n] sFin ",
    "cHello sHello sCert sTemp sReq sDone cCert cKey cVerify c[n] cFin sTick s[n] sFin ",
    "cHello sHello sCert sStat sDone cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sStat sDone cKey c[n] cFin sTick s[n] sFin ",
    "cHello sHello sCert sStat sReq sDone cCert cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sStat sReq sDone cCert cKey c[n] cFin sTick s[n] sFin ",
    "cHello sHello sCert sStat sReq sDone cCert cKey cVerify c[n] cFin s[n] sFin ",
    "cHello sHello sCert sStat sReq sDone cCert cKey cVerify c[n] cFin sTick s[n] sFin ",
    "cHello sHello sCert sStat sTemp sDone cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sStat sTemp sDone cKey c[n] cFin sTick s[n] sFin ",
    "cHello sHello sCert sStat sTemp sReq sDone cCert cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sStat sTemp sReq sDone cCert cKey c[n] cFin sTick s[n] sFin ",
    "cHello sHello sCert sStat sTemp sReq sDone cCert cKey cVerify c[n] cFin s[n] sFin ",
    "cHello sHello sCert sStat sTemp sReq sDone cCert cKey cVerify c[n] cFin sTick s[n] sFin ",
    /* anonymous (7.4.3), and a pre-shared key with a hint (RFC 4279 2); one without */
    "cHello sHello sTemp sDone cKey c[n] cFin s[n] sFin ",
    "cHello sHello sTemp sDone cKey c[n] cFin sTick s[n] sFin ",
    "cHello sHello sDone cKey c[n] cFin s[n] sFin ",
    "cHello sHello sDone cKey c[n] cFin sTick s[n] sFin ",
    /* figure 2; with a new ticket (RFC 5077 3.1) */
    "cHello sHello s[n] sFin c[n] cFin ",
    "cHello sHello sTick s[n] sFin c[n] cFin ",
    /* RFC 6101 5.6.6 */
    "cHello sHello sCert sReq sDone c(a) cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sTemp sReq sDone c(a) cKey c[n] cFin s[n] sFin ",
};

static const char *const tls13[] = {
    /* RFC 8446 figure 1 and 2; the certificate plain or compressed (RFC 8879 4) */
    "cHello sHello sExt sCert sVerify sFin cFin ",
    "cHello sHello sExt sReq sCert sVerify sFin cCert cFin ",
    "cHello sHello sExt sReq sCert sVerify sFin cCert cVerify cFin ",
    "cHello sHello sExt sComp sVerify sFin cFin ",
    "cHello sHello sExt sReq sComp sVerify sFin cCert cFin ",
    "cHello sHello sExt sReq sComp sVerify sFin cCert cVerify cFin ",
    "cHello sRetry cHello sHello sExt sCert sVerify sFin cFin ",
    "cHello sRetry cHello sHello sExt sReq sCert sVerify sFin cCert cFin ",
    "cHello sRetry cHello sHello sExt sReq sCert sVerify sFin cCert cVerify cFin ",
    "cHello sRetry cHello sHello sExt sComp sVerify sFin cFin ",
    "cHello sRetry cHello sHello sExt sReq sComp sVerify sFin cCert cFin ",
    "cHello sRetry cHello sHello sExt sReq sComp sVerify sFin cCert cVerify cFin ",
    /* figure 3; figure 4 */
    "cHello sHello sExt sFin cFin ",
    "cHello sRetry cHello sHello sExt sFin cFin ",
    "cHello sHello sExt sFin cEnd cFin ",
};

static const char *const tls13_post[] = {
    /* RFC 8446 4.6.2 */
    "sReq cCert cVerify cFin ",
    "sReq cCert cFin ",
};
/* clang-format on */

static const struct {
    const char *const *list;
    size_t count;
} legal[FAMILIES] = {
    [FAMILY_SSL2] = {ssl2, G_N_ELEMENTS(ssl2)},
    [FAMILY_SSL3] = {ssl3, G_N_ELEMENTS(ssl3)},
    [FAMILY_TLS13] = {tls13, G_N_ELEMENTS(tls13)},
    [FAMILY_TLS13_POST] = {tls13_post, G_N_ELEMENTS(tls13_post)},
};

static const char *short_name(MessageKind kind)
{
    static const struct {
        MessageKind kind;
        const char *name;
    } names[] = {
        {MESSAGE_CLIENT_HELLO, "Hello"},
        {MESSAGE_SERVER_HELLO, "Hello"},
        {MESSAGE_CERTIFICATE, "Cert"},
        {MESSAGE_SERVER_KEY_EXCHANGE, "Temp"},
        {MESSAGE_CERTIFICATE_REQUEST, "Req"},
        {MESSAGE_SERVER_HELLO_DONE, "Done"},
        {MESSAGE_CLIENT_KEY_EXCHANGE, "Key"},
        {MESSAGE_CERTIFICATE_VERIFY, "Verify"},
        {MESSAGE_CHANGE_CIPHER_SPEC, "[n]"},
        {MESSAGE_FINISHED, "Fin"},
        {MESSAGE_ALERT, "(a)"},
        {MESSAGE_CERTIFICATE_STATUS, "Stat"},
        {MESSAGE_NEW_SESSION_TICKET, "Tick"},
        {MESSAGE_HELLO_RETRY_REQUEST, "Retry"},
        {MESSAGE_ENCRYPTED_EXTENSIONS, "Ext"},
        {MESSAGE_COMPRESSED_CERTIFICATE, "Comp"},
        {MESSAGE_END_OF_EARLY_DATA, "End"},
        {MESSAGE_SSL2_CLIENT_HELLO, "Hello2"},
        {MESSAGE_SSL2_SERVER_HELLO, "Hello2"},
        {MESSAGE_SSL2_CLIENT_MASTER_KEY, "Master2"},
        {MESSAGE_SSL2_CLIENT_FINISHED, "Fin2"},
        {MESSAGE_SSL2_SERVER_VERIFY, "Verify2"},
        {MESSAGE_SSL2_SERVER_FINISHED, "Fin2"},
        {MESSAGE_SSL2_REQUEST_CERTIFICATE, "Req2"},
        {MESSAGE_SSL2_CLIENT_CERTIFICATE, "Cert2"},
        {MESSAGE_SSL2_ERROR, "Error2"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (names[i].kind == kind)
            return names[i].name;
    return "?";
}

static char *spell(Family family, const GArray *rows)
{
    const Conversation *conversation = conversation_of(family);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < rows->len; i++) {
        const Step *step = &conversation->steps[g_array_index(rows, int, i)];
        g_string_append_printf(text, "%c%s ", step->from == ROLE_CLIENT ? 'c' : 's',
                               short_name(step->message));
    }
    return g_string_free(text, FALSE);
}

static bool is_legal(Family family, const char *spelt)
{
    for (size_t i = 0; i < legal[family].count; i++)
        if (strcmp(legal[family].list[i], spelt) == 0)
            return true;
    return false;
}

static GPtrArray *enumerate(Family family)
{
    Progress start = {0};
    return conversation_enumerate(conversation_of(family), &start);
}

START_TEST(enumerates_to_the_legal_ones)
{
    Family family = (Family)_i;
    g_autoptr(GPtrArray) all = enumerate(family);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < all->len; i++) {
        char *spelt = spell(family, g_ptr_array_index(all, i));
        ck_assert_msg(is_legal(family, spelt), "not legal: %s", spelt);
        g_hash_table_add(seen, spelt);
    }
    ck_assert_uint_eq(g_hash_table_size(seen), legal[family].count);
}
END_TEST

static guint accepted_given(const Conversation *conversation, const GArray *rows, Facts given)
{
    Progress progress = {.known = conversation->given, .facts = given};
    for (guint i = 0; i < rows->len; i++) {
        const Step *step = &conversation->steps[g_array_index(rows, int, i)];
        if (conversation_accept(conversation, &progress, step->message, step->from) < 0)
            return i;
    }
    return rows->len;
}

static bool allowed(const Conversation *conversation, Facts facts)
{
    for (size_t i = 0; i < conversation->rule_count; i++) {
        const FactRule *rule = &conversation->rules[i];
        if ((facts & rule->given) == rule->given &&
            ((facts & rule->never) != 0 || (facts & rule->always) != rule->always))
            return false;
    }
    return true;
}

/* How far a list of rows' messages is accepted, in whichever version and with whichever keys: over
 * all settled facts that can be true together. */
static guint accepted(const Conversation *conversation, const GArray *rows)
{
    guint most = 0;
    for (Facts given = conversation->given;; given = (given - 1) & conversation->given) {
        if (allowed(conversation, given))
            most = MAX(most, accepted_given(conversation, rows, given));
        if (given == 0)
            return most;
    }
}

/* Whether some legal conversation begins with these messages. */
static bool begins_legally(Family family, const GArray *rows, guint count)
{
    g_autoptr(GArray) head = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_append_vals(head, rows->data, count);
    g_autofree char *spelt = spell(family, head);
    for (size_t i = 0; i < legal[family].count; i++)
        if (g_str_has_prefix(legal[family].list[i], spelt))
            return true;
    return false;
}

/* A deviant is accepted exactly as long as it is the beginning of a legal conversation. */
static void check_deviant(Family family, const GArray *rows)
{
    guint far = accepted(conversation_of(family), rows);
    g_autofree char *spelt = spell(family, rows);
    for (guint i = 0; i <= far; i++)
        ck_assert_msg(begins_legally(family, rows, i), "accepted %u of %s", far, spelt);
    if (far < rows->len)
        ck_assert_msg(!begins_legally(family, rows, far + 1), "refused after %u of %s", far, spelt);
}

static unsigned check_deviants(Family family, const GArray *rows)
{
    unsigned count = 0;
    check_deviant(family, rows);
    for (guint at = 0; at < rows->len; at++) {
        int row = g_array_index(rows, int, at);
        g_autoptr(GArray) skip = g_array_copy((GArray *)(uintptr_t)rows);
        g_autoptr(GArray) repeat = g_array_copy((GArray *)(uintptr_t)rows);
        g_autoptr(GArray) swap = g_array_copy((GArray *)(uintptr_t)rows);
        g_array_remove_index(skip, at);
        g_array_insert_val(repeat, at, row);
        check_deviant(family, skip);
        check_deviant(family, repeat);
        count += 2;
        if (at + 1 == rows->len)
            continue;
        g_array_index(swap, int, at) = g_array_index(rows, int, at + 1);
        g_array_index(swap, int, at + 1) = row;
        check_deviant(family, swap);
        count++;
    }
    return count;
}

START_TEST(deviants_are_refused)
{
    Family family = (Family)_i;
    unsigned count = 0;
    g_autoptr(GPtrArray) all = enumerate(family);
    for (guint i = 0; i < all->len; i++)
        count += check_deviants(family, g_ptr_array_index(all, i));
    printf("# %s: %u conversations, %u deviants\n", family_name(family), all->len, count);
}
END_TEST

START_TEST(says_what_was_expected)
{
    const Conversation *conversation = conversation_of(FAMILY_SSL3);
    Progress progress = {.known = conversation->given, .facts = FACT_EPHEMERAL};
    conversation_accept(conversation, &progress, MESSAGE_CLIENT_HELLO, ROLE_CLIENT);
    ck_assert_int_eq(conversation_accept(conversation, &progress, MESSAGE_FINISHED, ROLE_SERVER),
                     -1);
    g_autofree char *hello = conversation_expected(conversation, &progress);
    ck_assert_str_eq(hello, "ServerHello");
    conversation_accept(conversation, &progress, MESSAGE_SERVER_HELLO, ROLE_SERVER);
    conversation_accept(conversation, &progress, MESSAGE_CERTIFICATE, ROLE_SERVER);
    conversation_accept(conversation, &progress, MESSAGE_SERVER_KEY_EXCHANGE, ROLE_SERVER);
    g_autofree char *after = conversation_expected(conversation, &progress);
    ck_assert_str_eq(after, "CertificateRequest or ServerHelloDone");
    ck_assert_str_eq(conversation_state(conversation, &progress, ROLE_CLIENT),
                     "WAIT_SERVER_HELLO_DONE");
    ck_assert_int_eq(conversation_say(conversation, &progress, ROLE_CLIENT), -1);
}
END_TEST

/* RFC 8446 A.1: the client's states in their order. */
START_TEST(names_the_states_of_rfc_8446)
{
    static const struct {
        MessageKind message;
        Role from;
        const char *state;
    } steps[] = {
        {MESSAGE_CLIENT_HELLO, ROLE_CLIENT, "WAIT_SH"},
        {MESSAGE_SERVER_HELLO, ROLE_SERVER, "WAIT_EE"},
        {MESSAGE_ENCRYPTED_EXTENSIONS, ROLE_SERVER, "WAIT_CERT_CR"},
        {MESSAGE_CERTIFICATE_REQUEST, ROLE_SERVER, "WAIT_CERT"},
        {MESSAGE_CERTIFICATE, ROLE_SERVER, "WAIT_CV"},
        {MESSAGE_CERTIFICATE_VERIFY, ROLE_SERVER, "WAIT_FINISHED"},
    };
    const Conversation *conversation = conversation_of(FAMILY_TLS13);
    Progress progress = {.known = conversation->given};
    ck_assert_str_eq(conversation_state(conversation, &progress, ROLE_CLIENT), "START");
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        ck_assert_int_ge(
            conversation_accept(conversation, &progress, steps[i].message, steps[i].from), 0);
        ck_assert_str_eq(conversation_state(conversation, &progress, ROLE_CLIENT), steps[i].state);
    }
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("conversation");
    TCase *conversation = tcase_create("conversation");
    tcase_add_loop_test(conversation, enumerates_to_the_legal_ones, 0, FAMILIES);
    tcase_add_loop_test(conversation, deviants_are_refused, 0, FAMILIES);
    tcase_add_test(conversation, says_what_was_expected);
    tcase_add_test(conversation, names_the_states_of_rfc_8446);
    suite_add_tcase(suite, conversation);
    return support_run(suite);
}
