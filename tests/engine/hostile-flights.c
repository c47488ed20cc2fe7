/* Flights that are changed at random, and messages at random in the middle of a handshake.
 *
 * One side is hostile and has the keys: it is one of our endpoints that changes what it says before
 * it seals it, or says something else altogether. Whatever it does, the other side must not crash,
 * must end with one clear fault or go on as if nothing were amiss, must hold a bounded amount of
 * memory, and must deliver no data before its handshake is complete. In SSL 2.0 and TLS 1.3,
 * with all that comes after a handshake, and in the family between, which has test-flips.c as well.
 * Everything is drawn from seeds that are counted, so that a failure comes again.
 */
#include "tests/engine/hostile-flights.h"

#include <stdio.h>
#include <string.h>

#include "core/engine/state.h"
#include "tests/engine/pair.h"
#include "tests/wire/samples.h"

enum {
    SEEDS = 120, /* of each setting and side, or step */
    STEPS = 5,   /* flights after which a message at random comes */
    OUTPUT_MOST = 1 << 17,
    SSL2_MOST = 2 + 0x7fff, /* a record that says it is SSL 2.0's: draft-hickman-netscape-ssl 1.1 */
};

/* What the two sides are set to. */
typedef enum {
    ASKS = 1,    /* for a client certificate */
    RETRIES = 2, /* a HelloRetryRequest with a cookie */
    RESUMES = 4, /* the handshake at hand is a second one */
    AHEAD = 8,   /* with early data */
    LATER = 16,  /* new keys, a certificate asked for, a heartbeat */
    BLOCKS = 32, /* SSL 2.0: a block cipher */
} Option;

static const struct {
    const char *name;
    ProtocolVersion version;
    unsigned options;
} settings[] = {
    {"TLS 1.3", VERSION_TLS_1_3, 0},
    {"TLS 1.3, client authentication", VERSION_TLS_1_3, ASKS},
    {"TLS 1.3, retry", VERSION_TLS_1_3, RETRIES},
    {"TLS 1.3, resumption", VERSION_TLS_1_3, RESUMES},
    {"TLS 1.3, early data", VERSION_TLS_1_3, RESUMES | AHEAD},
    {"TLS 1.3, retry, resumption", VERSION_TLS_1_3, RESUMES | RETRIES},
    {"TLS 1.3, later messages", VERSION_TLS_1_3, LATER},
    {"TLS 1.2, client authentication", VERSION_TLS_1_2, ASKS},
    {"TLS 1.2, resumption", VERSION_TLS_1_2, RESUMES},
    {"TLS 1.0", VERSION_TLS_1_0, 0},
    {"SSL 3.0, client authentication", VERSION_SSL_3_0, ASKS},
    {"SSL 2.0", VERSION_SSL_2_0, 0},
    {"SSL 2.0, client authentication", VERSION_SSL_2_0, ASKS | BLOCKS},
    {"SSL 2.0, resumption", VERSION_SSL_2_0, RESUMES},
};

static const char early[] = "ahead";

static SuiteNumber suite_of(size_t setting)
{
    switch (settings[setting].version) {
    case VERSION_SSL_2_0:
        return settings[setting].options & BLOCKS ? 0x0700c0 : 0x010080;
    case VERSION_TLS_1_2:
        return 0xc02f;
    case VERSION_TLS_1_3:
        return 0x1301;
    default:
        return 0x002f;
    }
}

static Pair *hostile_pair(size_t setting)
{
    static const GroupNumber both[] = {GROUP_X25519, GROUP_SECP256R1};
    unsigned options = settings[setting].options;
    ProtocolVersion version = settings[setting].version;
    bool ssl2 = version == VERSION_SSL_2_0, tls13 = version == VERSION_TLS_1_3;
    Pair *pair = pair_new(version, suite_of(setting));
    EndpointConfig *client = &pair->configs[ROLE_CLIENT], *server = &pair->configs[ROLE_SERVER];
    if (tls13)
        pair_shows(pair, ROLE_SERVER, "www-ecdsa"); /* signs fast */
    pair_shows(pair, ROLE_CLIENT, tls13 ? "alice-ecdsa" : "alice-rsa");
    server->client_auth = options & ASKS ? CLIENT_AUTH_REQUIRED : CLIENT_AUTH_NONE;
    server->options.sends_cookie = (options & RETRIES) != 0;
    client->groups = both;
    client->group_count = 2;
    server->groups = options & RETRIES ? both + 1 : both;
    server->group_count = 1;
    client->options.post_handshake_auth = (options & LATER) != 0;
    for (int i = 0; i < 2; i++) {
        pair->configs[i].cache = session_cache_new(10, 3600);
        pair->configs[i].options.heartbeat = options & LATER ? HEARTBEAT_ALLOWED : HEARTBEAT_OFF;
    }
    server->ticket_keys = ssl2 ? NULL : ticket_keys_new(pair->randoms[ROLE_SERVER]);
    server->options.max_early_data = options & AHEAD ? 1000 : 0;
    server->options.early_data_answer = EARLY_DATA_ACCEPTED;
    return pair;
}

static void hostile_pair_free(Pair *pair)
{
    for (int i = 0; i < 2; i++)
        session_cache_free(pair->configs[i].cache);
    ticket_keys_free(pair->configs[ROLE_SERVER].ticket_keys);
    pair_free(pair);
}

/* Both new, with traces; nothing is carried yet. */
static void begin(Pair *pair, Trace *traces[2])
{
    for (int i = 1; i >= 0; i--) {
        TraceSink sink = {traces[i], i, 0, 0};
        endpoint_free(pair->ends[i]);
        g_byte_array_set_size(pair->data[i], 0);
        pair->ends[i] = endpoint_new(&pair->configs[i], pair->randoms[i], &sink);
        endpoint_start(pair->ends[i], pair->now);
    }
}

static void say_later(Pair *pair, size_t setting)
{
    if (!pair_connected(pair) || !(settings[setting].options & LATER))
        return;
    for (int i = 0; i < 2; i++) {
        endpoint_update_keys(pair->ends[i], true, pair->now);
        pair_carry(pair);
        endpoint_heartbeat(pair->ends[i], bytes_from_text("alive"), pair->now);
        pair_carry(pair);
    }
    endpoint_ask_certificate(pair->ends[ROLE_SERVER], CLIENT_AUTH_REQUIRED, pair->now);
    pair_carry(pair);
}

/* The handshake that is judged; what has to come before it is honest. */
static void play(Pair *pair, size_t setting, Role hostile, const OwnEdit *edits, size_t count,
                 Trace *traces[2])
{
    if (settings[setting].options & RESUMES) {
        pair_connect(pair);
        ck_assert_msg(pair_connected(pair), "%s: %s", settings[setting].name, pair_trouble(pair));
        if (settings[setting].options & AHEAD)
            pair->configs[ROLE_CLIENT].early_data = bytes_from_text(early);
    }
    pair->configs[hostile].edits = edits;
    pair->configs[hostile].edit_count = count;
    begin(pair, traces);
    pair_carry(pair);
    say_later(pair, setting);
}

static void check_bounds(const Endpoint *victim, const char *what)
{
    ck_assert_msg(buffer_size(victim->input) <= SSL2_MOST, "%s: input", what);
    ck_assert_msg(buffer_size(victim->partial) <= LIMIT_HANDSHAKE_MESSAGE + 4, "%s: message", what);
    ck_assert_msg(buffer_size(victim->output) <= OUTPUT_MOST, "%s: output", what);
    ck_assert_msg(victim->config->cache == NULL || session_cache_count(victim->config->cache) <= 10,
                  "%s: sessions", what);
}

/* How many fatal alerts it sent; SSL 2.0 has none. */
static unsigned alerts_of(const Trace *trace)
{
    unsigned count = 0;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceEvent *event = trace_at(trace, i);
        count +=
            event->kind == TRACE_ALERT && !event->incoming && event->level == ALERT_LEVEL_FATAL;
    }
    return count;
}

/* How the other side may end. Returns whether it noticed. */
static bool check_victim(Pair *pair, Role hostile, Trace *trace, const char *what)
{
    Endpoint *victim = pair->ends[!hostile];
    const Fault *fault = endpoint_fault(victim);
    Bytes data = bytes_from_array(pair->data[!hostile]);
    check_bounds(victim, what);
    if (endpoint_state(victim) == ENDPOINT_HANDSHAKING) /* it still waits for something */
        endpoint_time_out(victim, pair->now);
    if (endpoint_state(victim) == ENDPOINT_FAILED) {
        ck_assert_msg(fault != NULL && fault->sentence[0] != '\0', "%s: no fault", what);
        ck_assert_msg(fault->blame == FAULT_OF_PEER, "%s: its own fault: %s", what,
                      fault->sentence);
        ck_assert_msg(alerts_of(trace) <= 1, "%s: %u alerts", what, alerts_of(trace));
        uint8_t more[] = {22, 3, 3, 0, 1, 0};
        size_t said = endpoint_output(victim).size;
        endpoint_receive(victim, BYTES_ARRAY(more), pair->now);
        ck_assert_msg(endpoint_output(victim).size == said, "%s: it speaks again", what);
    }
    bool ahead = hostile == ROLE_CLIENT && bytes_equal(data, bytes_from_text(early));
    ck_assert_msg(data.size == 0 || ahead || endpoint_was_connected(victim), "%s: data", what);
    if (pair_connected(pair) && victim->framing != FRAMING_SSL2) /* its Finished covers nothing */
        ck_assert_msg(pair_same_transcript(pair), "%s: different transcripts", what);
    return endpoint_state(victim) == ENDPOINT_FAILED;
}

/* A change at random to one of the messages that a side said. */
static OwnEdit change(Maker *maker, const Trace *trace)
{
    const TraceEvent *event = NULL;
    do
        event = trace_at(trace, below(maker, trace_count(trace)));
    while (event->kind != TRACE_MESSAGE || event->incoming ||
           event->message_kind == MESSAGE_APPLICATION_DATA);
    size_t size = g_bytes_get_size(event->bytes);
    OwnEdit own = {.message = event->message_kind, .rule = "at random"};
    own.edit.kind = (EditKind)below(maker, 3);
    own.edit.number = (uint32_t)below(maker, own.edit.kind == EDIT_FLIP_BIT ? 8 * size : size);
    if (own.edit.kind != EDIT_REPLACE)
        return own;
    Bytes bytes = some(maker, below(maker, below(maker, 8) == 0 ? 3000 : 40));
    own.edit.bytes = bytes_copy(bytes);
    own.edit.lengths_lie = below(maker, 4) == 0;
    own.edit.path = span_path(event->spans, 1 + below(maker, event->spans->len - 1));
    return own;
}

/* What a side says in an honest run of the setting. */
static void honest(size_t setting, Trace *traces[2])
{
    Pair *pair = hostile_pair(setting);
    play(pair, setting, ROLE_CLIENT, NULL, 0, traces);
    ck_assert_msg(pair_connected(pair), "%s: %s", settings[setting].name, pair_trouble(pair));
    hostile_pair_free(pair);
}

static bool changed_run(size_t setting, Role hostile, unsigned seed, const Trace *said)
{
    OwnEdit edits[2];
    Maker maker = maker_new(seed);
    g_autofree char *what = g_strdup_printf("%s, hostile %s, seed %u", settings[setting].name,
                                            role_name(hostile), seed);
    Trace *traces[2] = {trace_new(), trace_new()};
    Pair *pair = hostile_pair(setting);
    size_t count = 1 + below(&maker, 2);
    for (size_t i = 0; i < count; i++)
        edits[i] = change(&maker, said);
    play(pair, setting, hostile, edits, count, traces);
    bool noticed = check_victim(pair, hostile, traces[!hostile], what);
    hostile_pair_free(pair);
    for (int i = 0; i < 2; i++)
        trace_free(traces[i]);
    for (size_t i = 0; i < count; i++)
        edit_clear(&edits[i].edit);
    maker_free(&maker);
    return noticed;
}

START_TEST(changed_flights)
{
    size_t setting = (size_t)_i;
    Trace *traces[2] = {trace_new(), trace_new()};
    unsigned noticed[2] = {0, 0};
    honest(setting, traces);
    for (int hostile = 0; hostile < 2; hostile++)
        for (unsigned seed = 0; seed < SEEDS; seed++)
            noticed[hostile] += changed_run(setting, (Role)hostile, seed, traces[hostile]);
    printf("# %s: of %d changed flights of each side the server refused %u, the client %u\n",
           settings[setting].name, SEEDS, noticed[0], noticed[1]);
    ck_assert(noticed[0] > SEEDS / 4 && noticed[1] > SEEDS / 4);
    for (int i = 0; i < 2; i++)
        trace_free(traces[i]);
}
END_TEST

/* A message of any kind at all, or bytes that are none, in the form of the version. */
static void speak_chance(Maker *maker, Endpoint *hostile, ProtocolVersion version)
{
    static const ContentType types[] = {
        CONTENT_HANDSHAKE,          CONTENT_HANDSHAKE,        CONTENT_ALERT,
        CONTENT_CHANGE_CIPHER_SPEC, CONTENT_APPLICATION_DATA, CONTENT_HEARTBEAT};
    WalkContext context = {.version = version, .sender = hostile->config->role};
    MessageKind kind = sample_kind(below(maker, sample_count()));
    ContentType type = types[below(maker, G_N_ELEMENTS(types))];
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Fault fault = FAULT_INIT;
    if (sample_fits(kind, &context)) {
        Message message = sample_make(maker, kind, &context);
        ck_assert(message_write(&message, &context, bytes, NULL, NULL));
        type = message_content_type(kind);
    } else {
        bytes_append(bytes, some(maker, 1 + below(maker, 600)));
    }
    if (hostile->framing == FRAMING_SSL2)
        ssl2_say(hostile, bytes_from_array(bytes), &fault);
    else
        speak_fragments(hostile, type, bytes_from_array(bytes), &fault);
}

/* After some flights of an honest handshake one side says something at random, under whatever keys
 * it has by then; in the second half of the seeds bytes come that are not even records. */
static bool chance_run(size_t setting, Role hostile, int step, unsigned seed)
{
    Maker maker = maker_new(1000 * seed + (unsigned)step);
    g_autofree char *what = g_strdup_printf("%s, hostile %s after %d flights, seed %u",
                                            settings[setting].name, role_name(hostile), step, seed);
    Trace *traces[2] = {trace_new(), trace_new()};
    Pair *pair = hostile_pair(setting);
    begin(pair, traces);
    for (int i = 0; i < step; i++) {
        Endpoint *from = pair->ends[i % 2];
        g_autoptr(GBytes) bytes = bytes_copy(endpoint_output(from));
        endpoint_output_sent(from);
        endpoint_receive(pair->ends[(i + 1) % 2], bytes_from_gbytes(bytes), pair->now);
    }
    if (seed % 2 == 0)
        for (size_t i = 1 + below(&maker, 3); i > 0; i--)
            speak_chance(&maker, pair->ends[hostile], settings[setting].version);
    else
        endpoint_receive(pair->ends[!hostile], some(&maker, 1 + below(&maker, 30000)), pair->now);
    pair_carry(pair);
    bool noticed = check_victim(pair, hostile, traces[!hostile], what);
    hostile_pair_free(pair);
    for (int i = 0; i < 2; i++)
        trace_free(traces[i]);
    maker_free(&maker);
    return noticed;
}

START_TEST(messages_at_random)
{
    size_t setting = (size_t)_i;
    unsigned runs = 0, noticed = 0;
    if (settings[setting].options & RESUMES)
        return; /* the first handshake is as without */
    for (int hostile = 0; hostile < 2; hostile++)
        for (int step = 0; step < STEPS; step++)
            for (unsigned seed = 0; seed < SEEDS / 3; seed++, runs++)
                noticed += chance_run(setting, (Role)hostile, step, seed);
    printf("# %s: %u of %u messages at random are refused\n", settings[setting].name, noticed,
           runs);
    ck_assert_uint_gt(noticed, runs / 3);
}
END_TEST

TCase *flight_tests(void)
{
    TCase *flights = tcase_create("flights");
    tcase_set_timeout(flights, 120);
    tcase_add_unchecked_fixture(flights, pair_set_up, NULL);
    tcase_add_loop_test(flights, changed_flights, 0, (int)G_N_ELEMENTS(settings));
    tcase_add_loop_test(flights, messages_at_random, 0, (int)G_N_ELEMENTS(settings));
    return flights;
}
