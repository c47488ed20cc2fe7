/* What a server of TLS 1.3 chooses: suite, pre-shared key, group; whether it asks for another
 * hello, and whether it takes early data.
 *
 * The suite comes first, because a pre-shared key belongs to a hash; then the key, because it
 * decides whether a certificate is shown; then the group. A key whose binder does not verify ends
 * the handshake; a key that is unknown, stale or made for something else is passed over.
 *
 * Obeys RFC 8446 4.1.1 (negotiation), 4.1.4, 4.2.8 to 4.2.11, 8.2 and 8.3 (replays), 9.2 (missing
 * extensions).
 */
#include <string.h>

#include "core/engine/extensions.h"

/* RFC 8446 4.2.3, 9.2: what a hello must hold where no pre-shared key authenticates the server. */
static bool certified_check(const Endpoint *endpoint, Fault *fault)
{
    const Handshake *handshake = endpoint->handshake;
    return (extension_came(handshake, EXTENSION_SIGNATURE_ALGORITHMS) &&
            extension_came(handshake, EXTENSION_SUPPORTED_GROUPS)) ||
           fault_peer(fault, ALERT_MISSING_EXTENSION, "RFC 8446 9.2",
                      "the ClientHello has neither a pre_shared_key that can be used nor both of "
                      "signature_algorithms and supported_groups");
}

/* RFC 8446 9.2: what a hello must hold. */
static bool required_check(const Endpoint *endpoint, Fault *fault)
{
    static const struct {
        uint16_t with, without;
    } rules[] = {
        {EXTENSION_SUPPORTED_GROUPS, EXTENSION_KEY_SHARE},
        {EXTENSION_KEY_SHARE, EXTENSION_SUPPORTED_GROUPS},
        {EXTENSION_PRE_SHARED_KEY, EXTENSION_PSK_KEY_EXCHANGE_MODES},
    };
    const Handshake *handshake = endpoint->handshake;
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        if (extension_came(handshake, rules[i].with) &&
            !extension_came(handshake, rules[i].without))
            return fault_peer(fault, ALERT_MISSING_EXTENSION, "RFC 8446 9.2",
                              "the ClientHello has %s and no %s",
                              number_text(NUMBER_EXTENSION, rules[i].with),
                              number_text(NUMBER_EXTENSION, rules[i].without));
    return extension_came(handshake, EXTENSION_PRE_SHARED_KEY) || certified_check(endpoint, fault);
}

/* --- pre-shared keys --- */

/* The key that an identity names: of a ticket (a new reference in `*session`) or external. */
static bool find_psk(Endpoint *endpoint, Bytes identity, OfferedPsk *found)
{
    const EndpointConfig *config = endpoint->config;
    *found = (OfferedPsk){0};
    for (size_t i = 0; i < config->psk_count; i++) {
        if (!bytes_equal(bytes_from_text(config->psks[i].identity), identity))
            continue;
        found->external = &config->psks[i];
        found->key = config->psks[i].key;
        found->hash = config->psks[i].hash;
        return true;
    }
    Session *session =
        config->ticket_keys == NULL ? NULL : ticket_open(config->ticket_keys, identity, NULL);
    if (session == NULL && config->cache != NULL) { /* a ticket that is a name in the cache */
        session = session_cache_find(config->cache, identity, endpoint_wall_clock(endpoint));
        session = session == NULL ? NULL : session_ref(session);
    }
    const Suite *suite = session == NULL ? NULL : suite_find(session->suite);
    if (suite == NULL || session->version < VERSION_TLS_1_3) {
        session_unref(session);
        return false;
    }
    found->session = session;
    found->key = bytes_make(session->secret, session->secret_size);
    found->hash = suite->prf;
    return true;
}

/* Whether a key that was found can be used in this handshake. */
static bool psk_fits(const Endpoint *endpoint, const OfferedPsk *psk, const char **why)
{
    const Handshake *handshake = endpoint->handshake;
    *why = "it is for another hash than the suite's (RFC 8446 4.2.11)";
    if (psk->hash != handshake->suite->prf)
        return false;
    if (psk->session == NULL)
        return true;
    *why = "the ticket is older than its lifetime";
    if (!session_is_fresh(psk->session, endpoint_wall_clock(endpoint)))
        return false;
    *why = "it was made for another server_name";
    if (g_strcmp0(psk->session->server_name, handshake->peer_name) != 0)
        return false;
    *why = "the client must show a certificate";
    return !(handshake->client_auth == CLIENT_AUTH_REQUIRED && psk->session->peer == NULL);
}

/* The hello up to and without its binders list: RFC 8446 4.2.11.2. */
static Bytes truncated_hello(Bytes hello, const PreSharedKey *psk)
{
    size_t binders = 2;
    for (size_t i = 0; i < psk->binder_count; i++)
        binders += 1 + psk->binders[i].size;
    return bytes_slice(hello, 0, hello.size - binders);
}

static bool check_binder(Endpoint *endpoint, const PreSharedKey *psk, size_t index,
                         const OfferedPsk *found, Fault *fault)
{
    uint8_t binder[HASH_SIZE_MOST];
    tls13_binder(endpoint, found->hash, found->key, found->session == NULL,
                 truncated_hello(endpoint->message, psk), binder);
    if (bytes_equal(psk->binders[index], bytes_make(binder, hash_size(found->hash))))
        return true;
    return fault_peer(fault, ALERT_DECRYPT_ERROR, "RFC 8446 4.2.11.2",
                      "the binder of pre-shared key %zu does not verify", index);
}

static void use_psk(Endpoint *endpoint, size_t index, const OfferedPsk *found)
{
    Handshake *handshake = endpoint->handshake;
    handshake->selected_psk = (unsigned)index;
    g_clear_pointer(&handshake->session, session_unref);
    handshake->session = found->session;
    handshake->psk = found->external;
    handshake->psk_key = found->key;
    handshake_know(handshake, FACT_PSK, true);
    unsigned own = endpoint->config->options.psk_modes == 0 ? PSK_MODE_DHE_KE
                                                            : endpoint->config->options.psk_modes;
    handshake->psk_only = (own & handshake->psk_modes & PSK_MODE_DHE_KE) == 0;
    report_fact(endpoint, "pre_shared_key",
                found->session == NULL ? found->external->identity : "of an earlier connection",
                "identity %zu of the client's; its binder verifies; %s", index,
                handshake->psk_only ? "psk_ke: no key agreement"
                                    : "psk_dhe_ke: with key agreement");
}

static bool choose_psk(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Extension *extension = extensions_find(&hello->extensions, EXTENSION_PRE_SHARED_KEY);
    unsigned own = endpoint->config->options.psk_modes == 0 ? PSK_MODE_DHE_KE
                                                            : endpoint->config->options.psk_modes;
    handshake_know(handshake, FACT_PSK, false);
    handshake->psk_key = BYTES_NONE;
    if (extension == NULL)
        return true;
    const PreSharedKey *psk = &extension->pre_shared_key;
    if (psk->count != psk->binder_count) /* RFC 8446 4.2.11 */
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.11",
                          "pre_shared_key has %zu identities and %zu binders", psk->count,
                          psk->binder_count);
    for (size_t i = 0; i < psk->count && (own & handshake->psk_modes) != 0; i++) {
        OfferedPsk found;
        const char *why = "";
        if (!find_psk(endpoint, psk->identities[i].identity, &found))
            continue;
        if (!psk_fits(endpoint, &found, &why)) {
            report_fact(endpoint, "pre_shared_key", "passed over", "%s", why);
            session_unref(found.session);
            continue;
        }
        if (!check_binder(endpoint, psk, i, &found, fault)) {
            session_unref(found.session);
            return false;
        }
        use_psk(endpoint, i, &found);
        handshake->ticket_age = psk->identities[i].obfuscated_ticket_age;
        g_clear_pointer(&handshake->binder, g_bytes_unref);
        handshake->binder = bytes_copy(psk->binders[i]);
        return true;
    }
    return true;
}

/* --- group --- */

static bool group_named(const Handshake *handshake, GroupNumber number)
{
    for (size_t i = 0; i < numbers_count(handshake->peer_groups, 2); i++)
        if (numbers_at(handshake->peer_groups, 2, i) == number)
            return true;
    return false;
}

/* RFC 8446 4.2.8: shares are of groups that are named, each once. */
static bool shares_check(const Endpoint *endpoint, const Extension *shares, Fault *fault)
{
    for (size_t i = 0; shares != NULL && i < shares->key_share.count; i++) {
        GroupNumber group = shares->key_share.list[i].group;
        bool again = false;
        for (size_t j = 0; j < i; j++)
            again |= shares->key_share.list[j].group == group;
        if (again || !group_named(endpoint->handshake, group))
            return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.8",
                              "the client sends %s of %s", again ? "two shares" : "a share",
                              again ? number_text(NUMBER_GROUP, group)
                                    : "a group that it does not name in supported_groups");
    }
    return true;
}

static const KeyShareEntry *share_of(const Extension *shares, GroupNumber group)
{
    for (size_t i = 0; shares != NULL && i < shares->key_share.count; i++)
        if (shares->key_share.list[i].group == group)
            return &shares->key_share.list[i];
    return NULL;
}

/* The first of the server's groups of which a share came; else the first that the client names. */
static const Group *pick_group(const Endpoint *endpoint, const Extension *shares,
                               const KeyShareEntry **entry)
{
    const GroupNumber *own;
    size_t count = group_list(endpoint->config, &own);
    const Group *named = NULL;
    *entry = NULL;
    for (size_t i = 0; i < count; i++) {
        const Group *group = group_find(own[i]);
        if (group == NULL || !group_named(endpoint->handshake, own[i]))
            continue;
        *entry = share_of(shares, own[i]);
        if (*entry != NULL || endpoint->config->options.strict_groups)
            return group;
        named = named == NULL ? group : named;
    }
    return named;
}

static bool agree_group(Endpoint *endpoint, const Group *group, const KeyShareEntry *entry,
                        Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    KeyAgreement *made = key_agreement_new(group, endpoint->random, fault);
    if (made == NULL)
        return false;
    g_ptr_array_add(handshake->lists.agreements, made);
    handshake->agreement = made;
    handshake->group = group;
    endpoint->meter.key_pairs++;
    g_byte_array_set_size(handshake->peer_share, 0);
    bytes_append(handshake->peer_share, entry->key_exchange);
    report_fact(endpoint, "group", group->name,
                "the first in the server's order of which the client sent a share");
    return tls13_agree(endpoint, fault); /* a share that is none is refused before an answer */
}

static bool choose_group(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    const Extension *shares = extensions_find(&hello->extensions, EXTENSION_KEY_SHARE);
    bool again = handshake_is(handshake, FACT_RETRY);
    bool early_retry = handshake->early_offered &&
                       endpoint->config->options.early_data_answer == EARLY_DATA_RETRIED;
    const KeyShareEntry *entry = NULL;
    if (!shares_check(endpoint, shares, fault))
        return false;
    const Group *group = pick_group(endpoint, shares, &entry);
    if (group == NULL && !handshake->psk_only)
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 8446 4.1.1",
                          "no common group: none that the client names is one of the server's");
    if (again && handshake->retry_group != NULL &&
        (entry == NULL || group != handshake->retry_group || shares->key_share.count != 1))
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.8",
                          "the second ClientHello does not bring the one share that was asked for");
    bool wanted = (entry == NULL && !handshake->psk_only) ||
                  endpoint->config->options.always_retries || early_retry;
    handshake_know(handshake, FACT_RETRY, again || wanted);
    if (!again && wanted) {
        handshake->retry_group = entry == NULL ? group : NULL;
        report_fact(endpoint, "hello_retry", group == NULL ? "cookie" : group->name,
                    "%s (RFC 8446 4.1.4)",
                    entry == NULL ? "no share is of a group that the server takes"
                                  : "the server asks for another hello before it does any work");
        return true;
    }
    return handshake->psk_only || agree_group(endpoint, group, entry, fault);
}

/* --- early data --- */

/* RFC 8446 8.3: within some seconds of the age that the client says. */
static bool age_fits(const Endpoint *endpoint)
{
    enum { WINDOW = 10000 }; /* milliseconds */
    const Handshake *handshake = endpoint->handshake;
    const Session *session = handshake->session;
    int64_t said = (uint32_t)(handshake->ticket_age - session->age_add);
    int64_t real = (int64_t)(endpoint_wall_clock(endpoint) - session->created) / 1000;
    return real - said <= WINDOW && said - real <= WINDOW;
}

/* Why early data is not taken; NULL when it is. */
static const char *early_refusal(Endpoint *endpoint)
{
    const EndpointConfig *config = endpoint->config;
    const Handshake *handshake = endpoint->handshake;
    const Session *session = handshake->session;
    if (!handshake_is(handshake, FACT_PSK) || handshake->selected_psk != 0)
        return "the first pre-shared key was not taken";
    if (config->options.early_data_answer != EARLY_DATA_ACCEPTED)
        return "this server does not take early data";
    if (session == NULL)
        return "an external key says nothing about early data";
    if (session->max_early_data == 0 || session->suite != handshake->suite->number)
        return "the ticket does not allow it with this suite (RFC 8446 4.2.10)";
    if (g_strcmp0(session->protocol, handshake->protocol) != 0)
        return "another application protocol was negotiated (RFC 8446 4.2.10)";
    if (!age_fits(endpoint))
        return "the ticket's age is not what the client says (RFC 8446 8.3)";
    if (config->replays != NULL &&
        !session_cache_once(config->replays, bytes_from_gbytes(handshake->binder)))
        return "this hello was seen before: a replay (RFC 8446 8.2)";
    return NULL;
}

static void choose_early(Endpoint *endpoint)
{
    Handshake *handshake = endpoint->handshake;
    bool taken = false;
    if (handshake->early_offered && !handshake_is(handshake, FACT_RETRY)) {
        const char *refusal = early_refusal(endpoint);
        taken = refusal == NULL;
        report_fact(endpoint, "early_data", taken ? "accepted" : "rejected", "%s",
                    taken ? "the key, the suite, the protocol and the age fit, and it is new"
                          : refusal);
    }
    handshake_know(handshake, FACT_EARLY, taken);
    endpoint->skips = handshake->early_offered && !taken; /* a second hello does not offer it */
}

bool tls13_choose(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    const Suite *before = handshake->suite;
    if (hello->client_version <= VERSION_SSL_3_0) /* RFC 8446 D.5; above it 4.2.1: not looked at */
        return fault_peer(fault, ALERT_PROTOCOL_VERSION, "RFC 8446 D.5",
                          "the ClientHello offers TLS 1.3 and has the legacy_version %s",
                          number_text(NUMBER_VERSION, hello->client_version));
    memcpy(handshake->session_id, hello->session_id.data, hello->session_id.size);
    handshake->session_id_size = hello->session_id.size;
    if (!required_check(endpoint, fault) || !choose_suite(endpoint, fault))
        return false;
    if (handshake_is(handshake, FACT_RETRY) && before != handshake->suite)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.1.4",
                          "the second ClientHello leads to another suite than the first");
    if (handshake->cookie != NULL &&
        !extension_came(handshake, EXTENSION_COOKIE)) /* RFC 8446 4.2.2 */
        return fault_peer(fault, ALERT_MISSING_EXTENSION, "RFC 8446 4.2.2",
                          "the second ClientHello does not bring the cookie back");
    if (!choose_psk(endpoint, hello, fault))
        return false;
    bool psk = handshake_is(handshake, FACT_PSK);
    if ((!psk && !certified_check(endpoint, fault)) || !choose_group(endpoint, hello, fault))
        return false;
    bool retry =
        handshake_is(handshake, FACT_RETRY) && handshake->agreement == NULL && !handshake->psk_only;
    if (!psk && !retry && handshake->credential == NULL)
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 8446 4.4.2.2",
                          "no certificate of the server can sign by what the client takes");
    choose_early(endpoint);
    handshake_know(handshake, FACT_CERT_ASKED, !psk && handshake->client_auth != CLIENT_AUTH_NONE);
    handshake_know(handshake, FACT_COMPRESSED,
                   !psk && handshake->peer_compresses && config->options.certificate_compression);
    return true;
}
