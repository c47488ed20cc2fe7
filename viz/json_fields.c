/* The fields of a trace's structs by their JSON keys.
 *
 * Tables only: what json.h documents stands here once, for the writer and for the reader, so that
 * neither can forget a field that the other knows. The order of the rows is the order in the file.
 */
#include "viz/json_fields.h"

static const char *direction_name(int value)
{
    static const char *const names[] = {"to_server", "to_client"};
    return value >= 0 && value < (int)G_N_ELEMENTS(names) ? names[value] : NULL;
}

static const char *kind_name(int value)
{
    return value >= 0 && value < TRACE_KINDS ? trace_kind_name((TraceKind)value) : NULL;
}

static const char *party_name(int value)
{
    return value >= 0 && value <= PARTY_ATTACKER ? party_kind_name((PartyKind)value) : NULL;
}

static const char *result_name(int value)
{
    return value >= 0 && value <= TRACE_OVERRIDDEN ? trace_result_name((TraceResult)value) : NULL;
}

static const char *fate_name(int value)
{
    return value >= 0 && value <= FATE_LOST ? record_fate_name((RecordFate)value) : NULL;
}

static const char *under_word(int value)
{
    static const char *const names[] = {
        [UNDER_CURRENT] = "current",
        [UNDER_NEW] = "application",
        [UNDER_HANDSHAKE] = "handshake",
        [UNDER_EARLY] = "early",
    };
    return value >= 0 && value < (int)G_N_ELEMENTS(names) ? names[value] : NULL;
}

static const char *family_word(int value)
{
    static const char *const names[FAMILIES] = {
        [FAMILY_SSL2] = "ssl2",
        [FAMILY_SSL3] = "ssl3",
        [FAMILY_TLS13] = "tls13",
        [FAMILY_TLS13_POST] = "tls13_post",
    };
    return value >= 0 && value < FAMILIES ? names[value] : NULL;
}

/* clang-format off */
#define AT(type, field) offsetof(type, field)
static const Field headers[] = {
    {"shakedown", FIELD_INT, AT(TraceHeader, format), true, 0, NULL},
    {"scenario", FIELD_TEXT, AT(TraceHeader, scenario), false, 0, NULL},
    {"title", FIELD_TEXT, AT(TraceHeader, title), false, 0, NULL},
    {"about", FIELD_TEXT, AT(TraceHeader, about), false, 0, NULL},
    {"spec", FIELD_TEXT, AT(TraceHeader, spec), false, 0, NULL},
    {"seed", FIELD_UINT64_TEXT, AT(TraceHeader, seed), true, 0, NULL},
    {"clock", FIELD_INT64, AT(TraceHeader, clock), true, 0, NULL},
    {"parties", FIELD_PARTIES, AT(TraceHeader, parties), true, 0, NULL},
    {"links", FIELD_LINKS, AT(TraceHeader, links), true, 0, NULL},
    {"text", FIELD_TEXT, AT(TraceHeader, text), false, 0, NULL},
    {"captured", FIELD_BOOL, AT(TraceHeader, captured), false, 0, NULL},
};

static const Field parties[] = {
    {"name", FIELD_TEXT, AT(TraceParty, name), true, 0, NULL},
    {"kind", FIELD_NAME, AT(TraceParty, kind), true, 0, party_name},
};

static const Field links[] = {
    {"left", FIELD_INT, AT(TraceLink, left), true, 0, NULL},
    {"right", FIELD_INT, AT(TraceLink, right), true, 0, NULL},
    {"left_address", FIELD_TEXT, AT(TraceLink, left_address), true, 0, NULL},
    {"right_address", FIELD_TEXT, AT(TraceLink, right_address), true, 0, NULL},
    {"left_port", FIELD_UINT16, AT(TraceLink, left_port), true, 0, NULL},
    {"right_port", FIELD_UINT16, AT(TraceLink, right_port), true, 0, NULL},
};

static const Field events[] = {
    {"event", FIELD_INT, AT(TraceEvent, number), true, 0, NULL},
    {"time", FIELD_UINT64, AT(TraceEvent, time), true, 0, NULL},
    {"kind", FIELD_NAME, AT(TraceEvent, kind), true, 0, kind_name},
    {"party", FIELD_INT, AT(TraceEvent, party), false, -1, NULL},
    {"link", FIELD_INT, AT(TraceEvent, link), false, -1, NULL},
    {"connection", FIELD_INT, AT(TraceEvent, connection), false, 0, NULL},
    {"direction", FIELD_NAME, AT(TraceEvent, direction), false, 0, direction_name},
    {"incoming", FIELD_BOOL, AT(TraceEvent, incoming), false, 0, NULL},
    {"epoch", FIELD_INT, AT(TraceEvent, epoch), false, 0, NULL},
    {"under", FIELD_NAME, AT(TraceEvent, under), false, UNDER_CURRENT, under_word},
    {"handshake", FIELD_INT, AT(TraceEvent, handshake), false, 0, NULL},
    {"record", FIELD_INT, AT(TraceEvent, record), false, 0, NULL},
    {"record_count", FIELD_INT, AT(TraceEvent, record_count), false, 0, NULL},
    {"arrival", FIELD_INT, AT(TraceEvent, arrival), false, 0, NULL},
    {"arrival_time", FIELD_UINT64, AT(TraceEvent, arrival_time), false, 0, NULL},
    {"message", FIELD_INT, AT(TraceEvent, message), false, 0, NULL},
    {"message_kind", FIELD_INT, AT(TraceEvent, message_kind), false, MESSAGE_NONE, NULL},
    {"family", FIELD_NAME, AT(TraceEvent, family), false, FAMILY_SSL3, family_word},
    {"row", FIELD_INT, AT(TraceEvent, row), false, -1, NULL},
    {"line", FIELD_INT, AT(TraceEvent, line), false, 0, NULL},
    {"bytes", FIELD_BYTES, AT(TraceEvent, bytes), false, 0, NULL},
    {"received", FIELD_BYTES, AT(TraceEvent, received), false, 0, NULL},
    {"spans", FIELD_SPANS, AT(TraceEvent, spans), false, 0, NULL},
    {"name", FIELD_TEXT, AT(TraceEvent, name), false, 0, NULL},
    {"value", FIELD_TEXT, AT(TraceEvent, value), false, 0, NULL},
    {"reason", FIELD_TEXT, AT(TraceEvent, reason), false, 0, NULL},
    {"before", FIELD_TEXT, AT(TraceEvent, before), false, 0, NULL},
    {"after", FIELD_TEXT, AT(TraceEvent, after), false, 0, NULL},
    {"result", FIELD_NAME, AT(TraceEvent, result), false, 0, result_name},
    {"fate", FIELD_NAME, AT(TraceEvent, fate), false, 0, fate_name},
    {"level", FIELD_INT, AT(TraceEvent, level), false, 0, NULL},
    {"description", FIELD_INT, AT(TraceEvent, description), false, 0, NULL},
    {"certificate", FIELD_CERTIFICATE, AT(TraceEvent, certificate), false, 0, NULL},
    {"expectations", FIELD_EXPECTATIONS, AT(TraceEvent, expectations), false, 0, NULL},
};

static const Field certificates[] = {
    {"subject", FIELD_TEXT, AT(TraceCertificate, subject), false, 0, NULL},
    {"issuer", FIELD_TEXT, AT(TraceCertificate, issuer), false, 0, NULL},
    {"serial", FIELD_TEXT, AT(TraceCertificate, serial), false, 0, NULL},
    {"names", FIELD_TEXT, AT(TraceCertificate, names), false, 0, NULL},
    {"not_before", FIELD_INT64, AT(TraceCertificate, not_before), true, 0, NULL},
    {"not_after", FIELD_INT64, AT(TraceCertificate, not_after), true, 0, NULL},
    {"key", FIELD_TEXT, AT(TraceCertificate, key), false, 0, NULL},
    {"key_fingerprint", FIELD_TEXT, AT(TraceCertificate, key_fingerprint), false, 0, NULL},
    {"fingerprint", FIELD_TEXT, AT(TraceCertificate, fingerprint), false, 0, NULL},
    {"signature", FIELD_TEXT, AT(TraceCertificate, signature), false, 0, NULL},
    {"position", FIELD_INT, AT(TraceCertificate, position), true, 0, NULL},
};

static const Field expectations[] = {
    {"text", FIELD_TEXT, AT(TraceExpectation, text), false, 0, NULL},
    {"expected", FIELD_TEXT, AT(TraceExpectation, expected), false, 0, NULL},
    {"got", FIELD_TEXT, AT(TraceExpectation, got), false, 0, NULL},
    {"held", FIELD_BOOL, AT(TraceExpectation, held), true, 0, NULL},
    {"event", FIELD_INT, AT(TraceExpectation, event), false, -1, NULL},
    {"line", FIELD_INT, AT(TraceExpectation, line), false, 0, NULL},
};
#undef AT

#define TABLE(function, word, rows) \
    const Fields *function(void) \
    { \
        static const Fields table = {word, rows, G_N_ELEMENTS(rows)}; \
        return &table; \
    }
TABLE(header_fields, "header", headers)
TABLE(party_fields, "party", parties)
TABLE(link_fields, "link", links)
TABLE(event_fields, "event", events)
TABLE(certificate_fields, "certificate", certificates)
TABLE(expectation_fields, "expectation", expectations)
#undef TABLE
/* clang-format on */
