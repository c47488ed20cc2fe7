/* One of our endpoints and another stack, carried by hand.
 *
 * Our side is one half of a Pair, so both tests of the engine agree on what "configured for a
 * suite" means. What one says is handed to the other until both are silent. A check asks the stack
 * itself what it has come to, and compares with what our endpoint says: a connection on which both
 * only happen not to fail is none.
 */
#include "tests/peers/meeting.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/support.h"

enum { DATA_SIZE = 20000, TURNS_MOST = 200 };

static GHashTable *pems; /* of GByteArray by name */

static GByteArray *to_pem(const char *name)
{
    Fault fault = FAULT_INIT;
    Certificate *certificate = pki_certificate(pair_pki(), name, &fault);
    ck_assert_msg(certificate != NULL, "%s", fault.sentence);
    Bytes der = certificate_der(certificate);
    const unsigned char *at = der.data;
    X509 *x509 = d2i_X509(NULL, &at, (long)der.size);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, x509);
    char *data = NULL;
    long size = BIO_get_mem_data(bio, &data);
    GByteArray *pem = g_byte_array_new();
    g_byte_array_append(pem, (const guint8 *)data, (guint)size);
    BIO_free(bio);
    X509_free(x509);
    return pem;
}

void meeting_set_up(void)
{
    pair_set_up();
    pems = g_hash_table_new(g_str_hash, g_str_equal);
}

static Bytes pem_of(const char *name)
{
    GByteArray *pem = g_hash_table_lookup(pems, name);
    if (pem == NULL) {
        pem = to_pem(name);
        g_hash_table_insert(pems, g_strdup(name), pem);
    }
    return bytes_from_array(pem);
}

Meeting *meeting_new(const PeerKind *kind, Role theirs, ProtocolVersion version, SuiteNumber suite)
{
    Meeting *meeting = g_new0(Meeting, 1);
    meeting->kind = kind;
    meeting->pair = pair_new(version, suite);
    meeting->ours = &meeting->pair->configs[role_peer(theirs)];
    meeting->data = g_byte_array_new();
    meeting->theirs = (PeerConfig){
        .role = theirs,
        .version = version,
        .suite = (uint16_t)suite,
        .trusted_pem = pem_of("lab-root"),
        .name = "www.lab.example",
        .clock = pair_plan()->clock,
        .no_tickets = true,
    };
    if (meeting->ours->psk_count > 0) {
        meeting->theirs.psk_identity = meeting->ours->psks[0].identity;
        meeting->theirs.psk = meeting->ours->psks[0].key;
    }
    meeting_shows(meeting, ROLE_SERVER, pair_certificate(suite_find(suite)));
    meeting->name = g_strdup_printf("%s as %s, %s, %s", kind->name, role_name(theirs),
                                    number_text(NUMBER_VERSION, version), suite_find(suite)->name);
    return meeting;
}

static void memory_free(PeerMemory *memory)
{
    if (memory->context != NULL)
        memory->free_context(memory->context);
    g_clear_pointer(&memory->session, g_bytes_unref);
    g_clear_pointer(&memory->sessions, g_hash_table_unref);
    g_clear_pointer(&memory->ticket_key, g_bytes_unref);
    g_free(memory);
}

static void part(Meeting *meeting)
{
    g_clear_pointer(&meeting->us, endpoint_free);
    g_clear_pointer(&meeting->peer, meeting->kind->free);
    g_byte_array_set_size(meeting->data, 0);
    meeting->rejected = 0;
    meeting->longest[0] = meeting->longest[1] = 0;
}

void meeting_free(Meeting *meeting)
{
    part(meeting);
    g_clear_pointer(&meeting->ours->cache, session_cache_free);
    g_clear_pointer(&meeting->ours->ticket_keys, ticket_keys_free);
    g_clear_pointer(&meeting->memory, memory_free);
    pair_free(meeting->pair);
    g_byte_array_unref(meeting->data);
    g_free(meeting->name);
    g_free(meeting);
}

void meeting_remember(Meeting *meeting, bool tickets)
{
    meeting->memory = g_new0(PeerMemory, 1);
    meeting->theirs.no_tickets = !tickets;
    meeting->ours->options.no_tickets = !tickets;
    meeting->ours->cache = session_cache_new(10, 3600);
    if (tickets && meeting->ours->role == ROLE_SERVER)
        meeting->ours->ticket_keys = ticket_keys_new(meeting->pair->randoms[ROLE_SERVER]);
}

void meeting_shows(Meeting *meeting, Role role, const char *name)
{
    if (meeting->ours->role == role) {
        pair_shows(meeting->pair, role, name);
        return;
    }
    const Plan *plan = pair_plan();
    const PlanKey *key = plan_key(plan, plan_certificate(plan, name)->key);
    meeting->theirs.chain_pem = pem_of(name);
    meeting->theirs.key_pem = bytes_from_gbytes(key->pem);
}

void meeting_name(Meeting *meeting, const char *more)
{
    char *name = g_strconcat(meeting->name, more, NULL);
    g_free(meeting->name);
    meeting->name = name;
}

void meeting_asks(Meeting *meeting, ClientAuth client_auth)
{
    meeting->ours->client_auth = client_auth;
    meeting->theirs.asks = client_auth == CLIENT_AUTH_REQUIRED    ? PEER_REQUIRES
                           : client_auth == CLIENT_AUTH_REQUESTED ? PEER_REQUESTS
                                                                  : PEER_ASKS_NOBODY;
}

void meeting_group(Meeting *meeting, const GroupNumber *group)
{
    meeting->ours->groups = meeting->theirs.groups = group;
    meeting->ours->group_count = meeting->theirs.group_count = 1;
}

static void attend(Meeting *meeting)
{
    EndpointEvent event;
    while (endpoint_next_event(meeting->us, &event)) {
        if (event.kind == EVENT_DATA)
            bytes_append(meeting->data, bytes_from_gbytes(event.data));
        meeting->rejected += event.kind == EVENT_EARLY_DATA_REJECTED;
        endpoint_event_clear(&event);
    }
}

/* What is carried at once are whole records. */
static void measure(Bytes bytes, size_t *longest)
{
    enum { HEADER = 5 };
    for (size_t at = 0; at + HEADER <= bytes.size;) {
        size_t size = bytes_number(bytes_slice(bytes, at + 3, 2));
        if (bytes.data[at] == CONTENT_APPLICATION_DATA)
            *longest = MAX(*longest, size);
        at += HEADER + size;
    }
}

void meeting_pump(Meeting *meeting)
{
    for (int turn = 0; turn < TURNS_MOST; turn++) {
        Bytes theirs = meeting->kind->output(meeting->peer);
        bool quiet = theirs.size == 0;
        if (!quiet)
            endpoint_receive(meeting->us, theirs, meeting->pair->now);
        attend(meeting);
        g_autoptr(GBytes) mine = bytes_copy(endpoint_output(meeting->us));
        endpoint_output_sent(meeting->us);
        measure(theirs, &meeting->longest[1]);
        measure(bytes_from_gbytes(mine), &meeting->longest[0]);
        if (quiet && g_bytes_get_size(mine) == 0)
            return;
        if (g_bytes_get_size(mine) > 0)
            meeting->kind->receive(meeting->peer, bytes_from_gbytes(mine));
    }
    ck_abort_msg("%s: they talk without end", meeting->name);
}

bool meeting_start(Meeting *meeting)
{
    part(meeting);
    meeting->peer = meeting->kind->start(&meeting->theirs, meeting->memory);
    if (meeting->peer == NULL)
        return false;
    meeting->us = endpoint_new(meeting->ours, meeting->pair->randoms[meeting->ours->role], NULL);
    endpoint_start(meeting->us, meeting->pair->now);
    meeting_pump(meeting);
    return true;
}

bool meeting_runs(Meeting *meeting, Cells *cells)
{
    bool has = meeting_start(meeting);
    cells->ran += has;
    cells->absent += !has;
    return has;
}

bool meeting_connected(const Meeting *meeting)
{
    return endpoint_state(meeting->us) == ENDPOINT_CONNECTED &&
           meeting->kind->state(meeting->peer) == PEER_CONNECTED;
}

PeerView meeting_view(const Meeting *meeting)
{
    PeerView view;
    meeting->kind->view(meeting->peer, &view);
    return view;
}

void meeting_expect(const Meeting *meeting, bool condition, const char *what)
{
    const Fault *fault = endpoint_fault(meeting->us);
    ck_assert_msg(condition, "%s: %s: ours: %s; theirs: %s", meeting->name, what,
                  fault == NULL ? "fine" : fault->sentence, meeting->kind->error(meeting->peer));
}

static void exchange(Meeting *meeting)
{
    static uint8_t data[DATA_SIZE];
    for (size_t i = 0; i < DATA_SIZE; i++)
        data[i] = (uint8_t)(i * 7);
    guint before = meeting->data->len;
    size_t theirs = meeting->kind->received(meeting->peer).size;
    endpoint_send(meeting->us, BYTES_ARRAY(data), meeting->pair->now);
    meeting->kind->send(meeting->peer, BYTES_ARRAY(data));
    meeting_pump(meeting);
    Bytes ours = bytes_slice(bytes_from_array(meeting->data), before, SIZE_MAX);
    Bytes came = bytes_slice(meeting->kind->received(meeting->peer), theirs, SIZE_MAX);
    meeting_expect(meeting, bytes_equal(ours, BYTES_ARRAY(data)), "data to us");
    meeting_expect(meeting, bytes_equal(came, BYTES_ARRAY(data)), "data to them");
}

void meeting_check(Meeting *meeting)
{
    meeting_expect(meeting, meeting_connected(meeting), "not connected");
    PeerView view = meeting_view(meeting);
    const Group *group = endpoint_group(meeting->us);
    GroupNumber number = group == NULL ? GROUP_NONE : group->number;
    meeting_expect(meeting, view.version == endpoint_version(meeting->us)->number, "version");
    meeting_expect(meeting, view.suite == endpoint_suite(meeting->us)->number, "suite");
    if (view.group != GROUP_NONE && (view.version >= VERSION_TLS_1_3 || !view.resumed))
        meeting_expect(meeting, view.group == number, "group"); /* a session has the old one */
    if (meeting->theirs.psk.size == 0) /* one stack calls an external key a session */
        meeting_expect(meeting, view.resumed == endpoint_resumed(meeting->us), "resumed");
    if (view.version < VERSION_TLS_1_3)
        meeting_expect(meeting,
                       view.extended_master_secret == endpoint_extended_master_secret(meeting->us),
                       "extended master secret");
    exchange(meeting);
}

void meeting_exporters(Meeting *meeting)
{
    static const Bytes contexts[] = {
        {NULL, 0}, {(const uint8_t *)"", 0}, {(const uint8_t *)"c", 1}};
    for (size_t i = 0; i < G_N_ELEMENTS(contexts); i++) {
        uint8_t ours[40], theirs[40];
        meeting_expect(
            meeting,
            endpoint_exporter(meeting->us, "EXPERIMENTAL lab", contexts[i], ours, sizeof ours) &&
                meeting->kind->exporter(meeting->peer, "EXPERIMENTAL lab", contexts[i], theirs,
                                        sizeof theirs),
            "no exporter");
        support_bytes(BYTES_ARRAY(ours), BYTES_ARRAY(theirs), meeting->name);
    }
}

void cells_check(const Cells *cells, const PeerKind *kind, const char *what, unsigned ran,
                 unsigned absent)
{
    printf("# %s, %s: %u cells ran, %u absent from the stack\n", kind->name, what, cells->ran,
           cells->absent);
    fflush(stdout); /* a failing test loses what is buffered */
    ck_assert_uint_eq(cells->ran, ran);
    ck_assert_uint_eq(cells->absent, absent);
}
