/* The conversation list against the message flows that the RFCs draw.
 *
 * All conversations are enumerated and compared with a list written from RFC 5246 7.3 (figure 1),
 * 7.4.3 and 7.4.6, RFC 2246 7.4.3 (the temporary RSA key) and RFC 6101 5.6.6 (the no_certificate
 * alert). Every neighbour of a legal conversation (a message left out, repeated or swapped with the
 * next) that is not itself on the list is refused where it leaves the list.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/engine/conversation.h"
#include "core/wire/message.h"
#include "tests/support/support.h"

/* c: from the client, s: from the server. [n] is ChangeCipherSpec, (a) the alert. */
static const char *const legal[] = {
    /* RFC 5246 figure 1 */
    "cHello sHello sCert sDone cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sReq sDone cCert cKey cVerify c[n] cFin s[n] sFin ",
    /* RFC 5246 7.4.6: an empty Certificate, and so no CertificateVerify (7.4.8) */
    "cHello sHello sCert sReq sDone cCert cKey c[n] cFin s[n] sFin ",
    /* RFC 6101 5.6.6 */
    "cHello sHello sCert sReq sDone c(a) cKey c[n] cFin s[n] sFin ",
    /* RFC 2246 7.4.3: the same four with a temporary RSA key */
    "cHello sHello sCert sTemp sDone cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sTemp sReq sDone cCert cKey cVerify c[n] cFin s[n] sFin ",
    "cHello sHello sCert sTemp sReq sDone cCert cKey c[n] cFin s[n] sFin ",
    "cHello sHello sCert sTemp sReq sDone c(a) cKey c[n] cFin s[n] sFin ",
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
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (names[i].kind == kind)
            return names[i].name;
    return "?";
}

static char *spell(const GArray *rows)
{
    const Conversation *conversation = conversation_ssl3_to_tls12();
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < rows->len; i++) {
        const Step *step = &conversation->steps[g_array_index(rows, int, i)];
        g_string_append_printf(text, "%c%s ", step->from == ROLE_CLIENT ? 'c' : 's',
                               short_name(step->message));
    }
    return g_string_free(text, FALSE);
}

static bool is_legal(const char *spelt)
{
    for (size_t i = 0; i < G_N_ELEMENTS(legal); i++)
        if (strcmp(legal[i], spelt) == 0)
            return true;
    return false;
}

START_TEST(enumerates_to_the_legal_ones)
{
    Progress start = {0};
    g_autoptr(GPtrArray) all = conversation_enumerate(conversation_ssl3_to_tls12(), &start);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < all->len; i++) {
        char *spelt = spell(g_ptr_array_index(all, i));
        ck_assert_msg(is_legal(spelt), "not legal: %s", spelt);
        g_hash_table_add(seen, spelt);
    }
    ck_assert_uint_eq(g_hash_table_size(seen), G_N_ELEMENTS(legal));
}
END_TEST

static guint accepted_given(const GArray *rows, Facts given)
{
    const Conversation *conversation = conversation_ssl3_to_tls12();
    Progress progress = {.known = conversation->given, .facts = given};
    for (guint i = 0; i < rows->len; i++) {
        const Step *step = &conversation->steps[g_array_index(rows, int, i)];
        if (conversation_accept(conversation, &progress, step->message, step->from) < 0)
            return i;
    }
    return rows->len;
}

/* How far a list of rows' messages is accepted, in whichever version and with whichever keys. */
static guint accepted(const GArray *rows)
{
    static const Facts given[] = {0, FACT_SSL3, FACT_EPHEMERAL_RSA, FACT_SSL3 | FACT_EPHEMERAL_RSA};
    guint most = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(given); i++)
        most = MAX(most, accepted_given(rows, given[i]));
    return most;
}

/* Whether some legal conversation begins with these messages. */
static bool begins_legally(const GArray *rows, guint count)
{
    g_autoptr(GArray) head = g_array_new(FALSE, FALSE, sizeof(int));
    g_array_append_vals(head, rows->data, count);
    g_autofree char *spelt = spell(head);
    for (size_t i = 0; i < G_N_ELEMENTS(legal); i++)
        if (g_str_has_prefix(legal[i], spelt))
            return true;
    return false;
}

/* A deviant is accepted exactly as long as it is the beginning of a legal conversation. */
static void check_deviant(const GArray *rows)
{
    guint far = accepted(rows);
    g_autofree char *spelt = spell(rows);
    for (guint i = 0; i <= far; i++)
        ck_assert_msg(begins_legally(rows, i), "accepted %u of %s", far, spelt);
    if (far < rows->len)
        ck_assert_msg(!begins_legally(rows, far + 1), "refused after %u of %s", far, spelt);
}

START_TEST(deviants_are_refused)
{
    Progress start = {0};
    unsigned count = 0;
    g_autoptr(GPtrArray) all = conversation_enumerate(conversation_ssl3_to_tls12(), &start);
    for (guint i = 0; i < all->len; i++) {
        const GArray *rows = g_ptr_array_index(all, i);
        check_deviant(rows);
        for (guint at = 0; at < rows->len; at++) {
            int row = g_array_index(rows, int, at);
            g_autoptr(GArray) skip = g_array_copy((GArray *)(uintptr_t)rows);
            g_autoptr(GArray) repeat = g_array_copy((GArray *)(uintptr_t)rows);
            g_autoptr(GArray) swap = g_array_copy((GArray *)(uintptr_t)rows);
            g_array_remove_index(skip, at);
            g_array_insert_val(repeat, at, row);
            check_deviant(skip);
            check_deviant(repeat);
            count += 2;
            if (at + 1 == rows->len)
                continue;
            g_array_index(swap, int, at) = g_array_index(rows, int, at + 1);
            g_array_index(swap, int, at + 1) = row;
            check_deviant(swap);
            count++;
        }
    }
    printf("# %u conversations, %u deviants\n", all->len, count);
}
END_TEST

START_TEST(says_what_was_expected)
{
    const Conversation *conversation = conversation_ssl3_to_tls12();
    Progress progress = {0};
    conversation_accept(conversation, &progress, MESSAGE_CLIENT_HELLO, ROLE_CLIENT);
    ck_assert_int_eq(conversation_accept(conversation, &progress, MESSAGE_FINISHED, ROLE_SERVER),
                     -1);
    g_autofree char *hello = conversation_expected(conversation, &progress);
    ck_assert_str_eq(hello, "ServerHello");
    conversation_accept(conversation, &progress, MESSAGE_SERVER_HELLO, ROLE_SERVER);
    conversation_accept(conversation, &progress, MESSAGE_CERTIFICATE, ROLE_SERVER);
    g_autofree char *after = conversation_expected(conversation, &progress);
    ck_assert_str_eq(after, "ServerKeyExchange, CertificateRequest or ServerHelloDone");
    ck_assert_str_eq(conversation_state(conversation, &progress, ROLE_CLIENT),
                     "WAIT_SERVER_HELLO_DONE");
    ck_assert_int_eq(conversation_say(conversation, &progress, ROLE_CLIENT), -1);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("conversation");
    TCase *conversation = tcase_create("conversation");
    tcase_add_test(conversation, enumerates_to_the_legal_ones);
    tcase_add_test(conversation, deviants_are_refused);
    tcase_add_test(conversation, says_what_was_expected);
    suite_add_tcase(suite, conversation);
    return support_run(suite);
}
