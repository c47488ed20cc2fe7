/* Connections between two other stacks, read from a capture.
 *
 * OpenSSL and GnuTLS talk to each other and to themselves in memory; their bytes are wrapped into
 * packets. Nothing of ours has a part in what is said. Where the key exchange encrypts to the
 * server's key, the capture must open with it, down to the application data; where it does not,
 * what is in the clear must be read and the rest be closed with a reason. No message of theirs may
 * be called illegal. With the key log that one of them wrote everything must open, and then tshark
 * judges: from the same packets it must tell the same messages, fields, alerts and plaintext. What
 * can be said again by ours must be said.
 */
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/import/reenact.h"
#include "tests/import/import-tests.h"
#include "tests/peers/meeting.h"
#include "tests/peers/story.h"
#include "viz/pcapng.h"

static const struct {
    ProtocolVersion version;
    SuiteNumber suite;
    bool opens; /* with the server's RSA key */
} cells[] = {
    {VERSION_TLS_1_0, 0x002f, true},  {VERSION_TLS_1_1, 0x0035, true},
    {VERSION_TLS_1_2, 0x002f, true},  {VERSION_TLS_1_2, 0x009c, true},
    {VERSION_TLS_1_2, 0xc02f, false}, {VERSION_TLS_1_2, 0x009e, false},
    {VERSION_TLS_1_3, 0x1301, false},
};

/* One flight into the capture. */
static bool carry(Trace *trace, const PeerKind *from_kind, Peer *from, const PeerKind *to_kind,
                  Peer *to, Direction direction)
{
    Bytes bytes = from_kind->output(from);
    if (bytes.size == 0)
        return false;
    g_autoptr(GBytes) kept = bytes_copy(bytes);
    TraceEvent *event = trace_add(trace, TRACE_RECORD);
    event->link = 0;
    event->direction = direction;
    event->bytes = g_bytes_ref(kept);
    event->record = event->arrival = (int)trace_count(trace);
    event->time = event->arrival_time = trace->now += 1000;
    to_kind->receive(to, bytes_from_gbytes(kept));
    return true;
}

static void talk(Trace *trace, const PeerKind *client_kind, Peer *client,
                 const PeerKind *server_kind, Peer *server)
{
    bool moved = true;
    for (int i = 0; i < 40 && moved; i++) {
        moved = carry(trace, client_kind, client, server_kind, server, DIRECTION_TO_SERVER);
        moved |= carry(trace, server_kind, server, client_kind, client, DIRECTION_TO_CLIENT);
    }
}

static Bytes delivered(const Trace *trace)
{
    for (size_t i = 0; i < trace_count(trace); i++)
        if (trace_at(trace, i)->kind == TRACE_DATA)
            return bytes_from_gbytes(trace_at(trace, i)->bytes);
    return BYTES_NONE;
}

static void check_capture(const Trace *trace, const PrivateKey *key, size_t cell)
{
    static const char hello[] = "GET / HTTP/1.0\r\n\r\n";
    g_autoptr(GByteArray) file = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    pcapng_write(trace, file);
    g_autoptr(ReadCapture) read = read_capture(bytes_from_array(file), BYTES_NONE, key, &error);
    ck_assert_msg(read != NULL, "%s", error == NULL ? "" : error->message);
    ck_assert_uint_eq(read->traces->len, 1);
    ck_assert_uint_eq(read->illegal, 0);
    ck_assert_uint_eq(read->partial, 0);
    ck_assert_msg((read->closed == 0) == cells[cell].opens, "%04x %04x: %u closed",
                  cells[cell].version, cells[cell].suite, read->closed);
    const Trace *seen = g_ptr_array_index(read->traces, 0);
    if (cells[cell].opens)
        support_bytes(delivered(seen), bytes_from_text(hello), "what the client asked");
    g_autofree char *client = said_lines(seen, 0, DIRECTION_TO_SERVER);
    g_autofree char *server = said_lines(seen, 0, DIRECTION_TO_CLIENT);
    ck_assert(g_str_has_prefix(client, "ClientHello, ") && strstr(server, "ServerHello, ") != NULL);
}

/* What all cells say, for one look by tshark. */
typedef struct {
    GByteArray *file;
    GHashTable *told;
    unsigned links, again;
} Judged;

/* The same packets with the key log of one of the two. */
static void open_all(const Trace *trace, const GString *keylog, size_t cell, Judged *judged)
{
    Fault fault = FAULT_INIT;
    g_autoptr(GByteArray) file = g_byte_array_new();
    pcapng_write(trace, file);
    g_autoptr(ReadCapture) read =
        read_capture(bytes_from_array(file), bytes_make(keylog->str, keylog->len), NULL, NULL);
    ck_assert_uint_eq(read->traces->len, 1);
    ck_assert_msg(read->illegal + read->closed + read->partial == 0, "%04x %04x: %u closed\n%s",
                  cells[cell].version, cells[cell].suite, read->closed, keylog->str);
    g_autofree char *text = reenact(read->traces, "again", &fault);
    ck_assert_msg(text != NULL, "%s", fault.sentence);
    judged->again += strstr(text, "# not re-enacted: message") == NULL;
    Trace *seen = g_ptr_array_index(read->traces, 0);
    trace_move(seen, &judged->links);
    stories_tell(judged->told, seen, STORY_SEALED);
    pcapng_write(seen, judged->file);
}

static void judge(const Judged *judged)
{
    g_autoptr(GHashTable) seen = stories_new();
    g_autofree char *path = NULL;
    int handle = g_file_open_tmp("shakedown-XXXXXX.pcapng", &path, NULL);
    GHashTableIter iterator;
    gpointer key, story;
    close(handle);
    ck_assert(g_file_set_contents(path, (const char *)judged->file->data, (gssize)judged->file->len,
                                  NULL));
    stories_read(seen, path);
    g_unlink(path);
    g_hash_table_iter_init(&iterator, judged->told);
    while (g_hash_table_iter_next(&iterator, &key, &story)) {
        const Story *other = g_hash_table_lookup(seen, key);
        ck_assert_msg(other != NULL, "tshark does not see %s", (const char *)key);
        g_autofree char *found = story_difference(other, story);
        ck_assert_msg(found == NULL, "%s", found);
    }
}

static bool run_cell(size_t cell, const PeerKind *client_kind, const PeerKind *server_kind,
                     Judged *judged)
{
    g_autoptr(GString) keylog = g_string_new(NULL);
    Fault fault = FAULT_INIT;
    g_autoptr(Meeting) one =
        meeting_new(client_kind, ROLE_CLIENT, cells[cell].version, cells[cell].suite);
    g_autoptr(Meeting) two =
        meeting_new(server_kind, ROLE_SERVER, cells[cell].version, cells[cell].suite);
    PeerMemory memories[2] = {{0}, {0}};
    one->theirs.keylog = keylog;
    Peer *client = client_kind->start(&one->theirs, &memories[0]);
    Peer *server = server_kind->start(&two->theirs, &memories[1]);
    bool ran = client != NULL && server != NULL;
    if (ran) {
        g_autoptr(Trace) trace = trace_new();
        trace_add_party(trace, "client", PARTY_CLIENT);
        trace_add_party(trace, "server", PARTY_SERVER);
        trace_add_link(trace, 0, 1, 443);
        trace->header.clock = 1700000000;
        talk(trace, client_kind, client, server_kind, server);
        ck_assert_msg(client_kind->state(client) == PEER_CONNECTED, "%s",
                      client_kind->error(client));
        client_kind->send(client, bytes_from_text("GET / HTTP/1.0\r\n\r\n"));
        talk(trace, client_kind, client, server_kind, server);
        g_autoptr(PrivateKey) key = private_key_from_pem(two->theirs.key_pem, &fault);
        ck_assert_msg(key != NULL, "%s", fault.sentence);
        check_capture(trace, key, cell);
        open_all(trace, keylog, cell, judged);
    }
    if (client != NULL)
        client_kind->free(client);
    if (server != NULL)
        server_kind->free(server);
    for (int i = 0; i < 2; i++)
        if (memories[i].free_context != NULL)
            memories[i].free_context(memories[i].context);
    return ran;
}

START_TEST(two_other_stacks)
{
    const PeerKind *const kinds[] = {&peer_openssl, &peer_gnutls};
    const PeerKind *client = kinds[_i % 2], *server = kinds[_i / 2];
    unsigned ran = 0;
    Judged judged = {.file = g_byte_array_new(), .told = stories_new()};
    for (size_t cell = 0; cell < G_N_ELEMENTS(cells); cell++)
        ran += run_cell(cell, client, server, &judged);
    judge(&judged);
    printf("# %s to %s: %u of %zu captures read, tshark agrees; %u are said again\n", client->name,
           server->name, ran, G_N_ELEMENTS(cells), judged.again);
    ck_assert_uint_ge(ran, G_N_ELEMENTS(cells) - 1);
    ck_assert_uint_ge(judged.again, ran - 1);
    g_byte_array_unref(judged.file);
    g_hash_table_unref(judged.told);
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("captures");
    TCase *all = tcase_create("captures");
    tcase_set_timeout(all, 60);
    tcase_add_unchecked_fixture(all, meeting_set_up, NULL);
    tcase_add_checked_fixture(all, folder_make, folder_remove);
    tcase_add_loop_test(all, two_other_stacks, 0, 4);
    suite_add_tcase(suite, all);
    return support_run(suite);
}
