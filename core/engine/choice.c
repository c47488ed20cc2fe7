/* What is chosen out of an offer: version, suite, credential, scheme, group; and why.
 *
 * An order of preference decides, never strength: the server's own, or the client's where it is
 * told so. Every choice goes to the trace with its reason, because that is what a lesson asks.
 * Lists that a configuration leaves empty are the laboratory's own, in the order of its tables.
 *
 * Obeys RFC 5246 7.4.1.3, 7.4.1.4.1, 7.4.3, E.1; RFC 8446 4.2.1, 4.2.3, 4.2.7; RFC 8422 4 and 5.1;
 * RFC 7919 4; RFC 2246 7.4.3 (export keys).
 */
#include "core/engine/state.h"

/* Fills a static list once with the numbers of a table. */
static size_t all_groups(const GroupNumber **list)
{
    static GroupNumber numbers[32];
    static gsize filled;
    if (g_once_init_enter(&filled)) {
        g_assert(group_count() <= G_N_ELEMENTS(numbers));
        for (size_t i = 0; i < group_count(); i++)
            numbers[i] = group_at(i)->number;
        g_once_init_leave(&filled, 1);
    }
    *list = numbers;
    return group_count();
}

enum { SCHEMES_MOST = 48 };

/* The numbers of those that may be offered down to a version; how many. */
static gsize list_schemes(ProtocolVersion lowest, SchemeNumber numbers[SCHEMES_MOST])
{
    gsize count = 0;
    g_assert(scheme_count() <= SCHEMES_MOST);
    for (size_t i = 0; i < scheme_count(); i++) {
        const Scheme *scheme = scheme_at(i);
        bool named_alone = scheme->number == SCHEME_RSA_PKCS1_MD5; /* by the configuration */
        bool reserved = lowest >= VERSION_TLS_1_3 && scheme_is_reserved(scheme);
        if (!named_alone && !reserved)
            numbers[count++] = scheme->number;
    }
    return count;
}

static size_t all_schemes(ProtocolVersion lowest, const SchemeNumber **list)
{
    static struct {
        SchemeNumber numbers[SCHEMES_MOST];
        gsize filled; /* how many, plus one */
    } lists[2];       /* whether it is for TLS 1.3 alone */
    bool alone = lowest >= VERSION_TLS_1_3;
    if (g_once_init_enter(&lists[alone].filled))
        g_once_init_leave(&lists[alone].filled, list_schemes(lowest, lists[alone].numbers) + 1);
    *list = lists[alone].numbers;
    return lists[alone].filled - 1;
}

size_t group_list(const EndpointConfig *config, const GroupNumber **list)
{
    if (config->group_count == 0)
        return all_groups(list);
    *list = config->groups;
    return config->group_count;
}

size_t scheme_list(const EndpointConfig *config, ProtocolVersion lowest, const SchemeNumber **list)
{
    if (config->scheme_count == 0)
        return all_schemes(lowest, list);
    *list = config->schemes;
    return config->scheme_count;
}

bool config_has_group(const EndpointConfig *config, GroupNumber group)
{
    const GroupNumber *list;
    size_t count = group_list(config, &list);
    for (size_t i = 0; i < count; i++)
        if (list[i] == group)
            return true;
    return false;
}

bool config_has_scheme(const EndpointConfig *config, SchemeNumber scheme)
{
    const SchemeNumber *list;
    size_t count = scheme_list(config, config->first, &list);
    for (size_t i = 0; i < count; i++)
        if (list[i] == scheme)
            return true;
    return false;
}

/* --- version --- */

/* The highest of the client's list that the server speaks: RFC 8446 4.2.1. A server that does not
 * speak TLS 1.3 does not know the extension. */
static ProtocolVersion version_from_list(const EndpointConfig *config, Bytes versions)
{
    ProtocolVersion best = VERSION_NONE;
    for (size_t i = 0; i < numbers_count(versions, 2); i++) {
        ProtocolVersion offered = (ProtocolVersion)numbers_at(versions, 2, i);
        if (offered >= config->first && offered <= config->last && version_find(offered) != NULL)
            best = MAX(best, offered);
    }
    return best;
}

/* RFC 7507 3: a client that came lower than it can, to a server that can more. */
static bool fallback_check(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    if (!numbers_contain(hello->cipher_suites, 2, SCSV_FALLBACK) ||
        endpoint->handshake->version->number >= endpoint->config->last)
        return true;
    return fault_peer(fault, ALERT_INAPPROPRIATE_FALLBACK, "RFC 7507 3",
                      "the client says that it fell back to %s, and this server speaks %s",
                      number_text(NUMBER_VERSION, hello->client_version),
                      number_text(NUMBER_VERSION, endpoint->config->last));
}

bool choose_version(Endpoint *endpoint, const ClientHello *hello, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    const Established *before = &endpoint->established;
    const Extension *list = config->last < VERSION_TLS_1_3
                                ? NULL
                                : extensions_find(&hello->extensions, EXTENSION_SUPPORTED_VERSIONS);
    ProtocolVersion highest = hello->client_version;
    for (size_t i = 0; list != NULL && i < numbers_count(list->supported_versions.versions, 2);
         i++) {
        ProtocolVersion one = (ProtocolVersion)numbers_at(list->supported_versions.versions, 2, i);
        highest = number_name(NUMBER_VERSION, one) == NULL ? highest : MAX(highest, one);
    }
    /* RFC 5246 E.1: without the list, what the client's number bounds, to TLS 1.2 */
    ProtocolVersion chosen = list != NULL
                                 ? version_from_list(config, list->supported_versions.versions)
                                 : MIN(MIN(hello->client_version, config->last), VERSION_TLS_1_2);
    if (before->any) /* a connection keeps its version */
        chosen = MIN(chosen, before->version->number);
    const Version *version = version_find(chosen);
    if (version == NULL || chosen < config->first || (before->any && version != before->version))
        return fault_peer(fault, ALERT_PROTOCOL_VERSION, "RFC 5246 E.1",
                          "no common version: the client offers up to %s, the server speaks %s "
                          "to %s",
                          number_text(NUMBER_VERSION, highest),
                          number_text(NUMBER_VERSION, config->first),
                          number_text(NUMBER_VERSION, config->last));
    handshake->offered_version = highest;
    handshake->version = version;
    report_fact(endpoint, "version", version->name,
                "the client offers up to %s, the server %s to %s",
                number_text(NUMBER_VERSION, highest), number_text(NUMBER_VERSION, config->first),
                number_text(NUMBER_VERSION, config->last));
    return fallback_check(endpoint, hello, fault);
}

/* --- credentials and schemes --- */

const Scheme *choose_scheme(const Endpoint *endpoint, const PrivateKey *key)
{
    const Handshake *handshake = endpoint->handshake;
    ProtocolVersion version = handshake->version->number;
    g_autoptr(PublicKey) public = private_key_public(key);
    KeyKind kind = public_key_kind(public);
    if (version < VERSION_TLS_1_2)
        return scheme_before_tls12(kind);
    if (!handshake->peer_schemes_came) { /* RFC 5246 7.4.1.4.1: as if it had said SHA-1 */
        const Scheme *scheme = scheme_default(kind);
        return scheme != NULL && scheme_fits_key(scheme, public, version) ? scheme : NULL;
    }
    for (size_t i = 0; i < numbers_count(handshake->peer_schemes, 2); i++) {
        SchemeNumber number = (SchemeNumber)numbers_at(handshake->peer_schemes, 2, i);
        const Scheme *scheme = scheme_find(number);
        if (scheme != NULL && config_has_scheme(endpoint->config, number) &&
            scheme_fits_key(scheme, public, version))
            return scheme;
    }
    return NULL;
}

/* Whether a key can do what a key exchange asks of the server's. */
static bool key_fits(const PrivateKey *key, Authentication by)
{
    g_autoptr(PublicKey) public = private_key_public(key);
    KeyKind kind = public_key_kind(public);
    switch (by) {
    case AUTHENTICATION_RSA:
        return kind == KEY_RSA || kind == KEY_RSA_PSS;
    case AUTHENTICATION_DSS:
        return kind == KEY_DSA;
    case AUTHENTICATION_ECDSA: /* RFC 8422 2.2 */
        return kind == KEY_EC || kind == KEY_ED25519 || kind == KEY_ED448;
    case AUTHENTICATION_FREE:
        return kind != KEY_DSA;
    case AUTHENTICATION_NONE:
    case AUTHENTICATION_PSK:
        break;
    }
    return true;
}

/* RFC 8422 4: the curve of a server's key must be one that the client named. */
static bool curve_fits(const Endpoint *endpoint, const PrivateKey *key)
{
    const Handshake *handshake = endpoint->handshake;
    g_autoptr(PublicKey) public = private_key_public(key);
    GroupNumber curve = public_key_curve(public);
    if (curve == GROUP_NONE || endpoint->config->role == ROLE_CLIENT ||
        handshake->peer_groups.size == 0 || handshake->version->number >= VERSION_TLS_1_3)
        return true;
    for (size_t i = 0; i < numbers_count(handshake->peer_groups, 2); i++)
        if (numbers_at(handshake->peer_groups, 2, i) == curve)
            return true;
    return false;
}

static const Credential *credential_at(const EndpointConfig *config, size_t index)
{
    return index == 0 ? &config->credential : &config->others[index - 1];
}

static bool credential_usable(const Endpoint *endpoint, const Credential *credential,
                              KeyExchangeKind kind, const Scheme **scheme)
{
    const KeyExchange *exchange = key_exchange(kind);
    bool encrypts = exchange->agreement == AGREEMENT_RSA || exchange->agreement == AGREEMENT_SSL2;
    if (credential->key == NULL || credential->chain == NULL || credential->chain->len == 0 ||
        !key_fits(credential->key, exchange->authentication) ||
        !curve_fits(endpoint, credential->key))
        return false;
    *scheme = encrypts && endpoint->config->role == ROLE_SERVER && !exchange->exportable
                  ? NULL
                  : choose_scheme(endpoint, credential->key);
    if (!encrypts)
        return *scheme != NULL;
    g_autoptr(PublicKey) public = private_key_public(credential->key);
    return public_key_kind(public) == KEY_RSA;
}

/* Whether a credential's certificate has the name that the client asks for. */
static bool credential_named(const Credential *credential, const char *name)
{
    g_autoptr(Certificate) certificate =
        certificate_read(bytes_from_gbytes(g_ptr_array_index(credential->chain, 0)), NULL);
    return certificate != NULL && certificate_matches(certificate, name);
}

/* The first that can be used; where there are several, one with the name asked for goes before it
 * (virtual hosts: RFC 6066 3). */
const Credential *choose_credential(const Endpoint *endpoint, KeyExchangeKind kind,
                                    const Scheme **scheme)
{
    const EndpointConfig *config = endpoint->config;
    const char *name = endpoint->handshake->peer_name;
    const Credential *first = NULL;
    for (size_t i = 0; i <= config->other_count; i++) {
        const Credential *credential = credential_at(config, i);
        const Scheme *found = NULL;
        if (!credential_usable(endpoint, credential, kind, &found))
            continue;
        bool named = name != NULL && config->other_count > 0 && credential_named(credential, name);
        if (first == NULL || named) {
            first = credential;
            *scheme = found;
        }
        if (named || name == NULL)
            break;
    }
    return first;
}

/* --- suite --- */

static const Group *choose_group_of(const Endpoint *endpoint, bool finite)
{
    const Handshake *handshake = endpoint->handshake;
    const GroupNumber *own;
    size_t count = group_list(endpoint->config, &own);
    for (size_t i = 0; i < count; i++) {
        const Group *group = group_find(own[i]);
        if (group == NULL || (group->kind == GROUP_FINITE_FIELD) != finite)
            continue;
        /* RFC 8422 4: a client that names none takes any */
        bool named = handshake->peer_groups.size == 0;
        named = named || numbers_contain(handshake->peer_groups, 2, own[i]);
        if (named)
            return group;
    }
    return NULL;
}

/* RFC 7919 4: a client that names finite field groups takes one of them or none. */
static bool names_finite_fields(const Handshake *handshake)
{
    for (size_t i = 0; i < numbers_count(handshake->peer_groups, 2); i++) {
        GroupNumber number = (GroupNumber)numbers_at(handshake->peer_groups, 2, i);
        if (number >= 256 && number < 512)
            return true;
    }
    return false;
}

/* Whether both sides have a group for this agreement; `*group` is NULL for one sent in full. */
static bool group_usable(const Endpoint *endpoint, const KeyExchange *exchange, const Group **group)
{
    const EndpointConfig *config = endpoint->config;
    *group = NULL;
    if (exchange->agreement == AGREEMENT_ECDH) {
        *group = choose_group_of(endpoint, false);
        return *group != NULL;
    }
    if (exchange->agreement != AGREEMENT_DH)
        return true;
    if (exchange->exportable)
        return config->export_prime.size > 0;
    if (config->dh_prime.size > 0)
        return true;
    *group = choose_group_of(endpoint, true);
    if (*group == NULL && !names_finite_fields(endpoint->handshake)) /* curves alone were named */
        *group = group_find(GROUP_FFDHE2048);
    return *group != NULL;
}

/* Whether the server can use a suite: its version, a group, and a key that does what it asks. */
static bool suite_usable(Endpoint *endpoint, const Suite *suite)
{
    enum { EXPORT_BITS = 512 }; /* RFC 2246 7.4.3 */
    Handshake *handshake = endpoint->handshake;
    if (suite == NULL || !suite_fits(suite, handshake->version->number))
        return false;
    const KeyExchange *exchange = key_exchange(suite->key_exchange);
    const Group *group = NULL;
    const Scheme *scheme = NULL;
    if (!group_usable(endpoint, exchange, &group))
        return false;
    const Credential *credential = NULL;
    if (exchange->authentication == AUTHENTICATION_PSK && endpoint->config->psk_count == 0)
        return false;
    if (exchange->authentication != AUTHENTICATION_NONE &&
        exchange->authentication != AUTHENTICATION_PSK) {
        credential = choose_credential(endpoint, suite->key_exchange, &scheme);
        /* in TLS 1.3 a pre-shared key may take its place */
        if (credential == NULL && exchange->authentication != AUTHENTICATION_FREE)
            return false;
    }
    if (suite->key_exchange == KEY_EXCHANGE_RSA_EXPORT) {
        g_autoptr(PublicKey) key = private_key_public(credential->key);
        if (public_key_bits(key) > EXPORT_BITS && endpoint->config->temporary_rsa == NULL)
            return false;
    }
    handshake->credential = credential;
    handshake->scheme = scheme;
    handshake->group = group;
    return true;
}

static const Suite *choose_from(Endpoint *endpoint, const SuiteNumber *first, size_t first_count,
                                const SuiteNumber *second, size_t second_count)
{
    for (size_t i = 0; i < first_count; i++)
        for (size_t j = 0; j < second_count; j++) {
            const Suite *suite = first[i] == second[j] ? suite_find(first[i]) : NULL;
            if (suite_usable(endpoint, suite))
                return suite;
        }
    return NULL;
}

/* A suite of the client's that this side has, too, and this version can carry; or NULL. */
static const Suite *suite_common(const Endpoint *endpoint, SuiteNumber theirs)
{
    const EndpointConfig *config = endpoint->config;
    for (size_t i = 0; i < config->suite_count; i++) {
        const Suite *suite = config->suites[i] == theirs ? suite_find(theirs) : NULL;
        if (suite != NULL && suite_fits(suite, endpoint->handshake->version->number))
            return suite;
    }
    return NULL;
}

static size_t suites_in_common(const Endpoint *endpoint, const SuiteNumber *theirs, size_t count)
{
    size_t common = 0;
    for (size_t i = 0; i < count; i++)
        common += suite_common(endpoint, theirs[i]) != NULL;
    return common;
}

/* RFC 7919 4: whether it fails for want of a field: the client names some, none of which this side
 * has, and one of the suites in common would take one. */
static bool wants_field(const Endpoint *endpoint, const SuiteNumber *theirs, size_t count)
{
    const Group *group = NULL;
    for (size_t i = 0; i < count; i++) {
        const Suite *suite = suite_common(endpoint, theirs[i]);
        const KeyExchange *exchange = suite == NULL ? NULL : key_exchange(suite->key_exchange);
        if (exchange != NULL && exchange->agreement == AGREEMENT_DH && !exchange->exportable &&
            !group_usable(endpoint, exchange, &group))
            return names_finite_fields(endpoint->handshake);
    }
    return false;
}

bool choose_suite(Endpoint *endpoint, Fault *fault)
{
    const EndpointConfig *config = endpoint->config;
    Handshake *handshake = endpoint->handshake;
    size_t count = numbers_count(handshake->peer_suites, 2);
    g_autofree SuiteNumber *theirs = g_new(SuiteNumber, count);
    for (size_t i = 0; i < count; i++)
        theirs[i] = numbers_at(handshake->peer_suites, 2, i);
    const Suite *suite =
        config->prefers_client_order
            ? choose_from(endpoint, theirs, count, config->suites, config->suite_count)
            : choose_from(endpoint, config->suites, config->suite_count, theirs, count);
    size_t common = suite != NULL ? 0 : suites_in_common(endpoint, theirs, count);
    if (common > 0 && wants_field(endpoint, theirs, count)) /* RFC 7919 4 */
        return fault_peer(fault, ALERT_INSUFFICIENT_SECURITY, "RFC 7919 4",
                          "none of the finite fields that the client names is one of the server's, "
                          "and no other suite is left");
    if (common > 0) /* RFC 5246 7.4.1.3 */
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5246 7.4.1.3",
                          "no common cipher suite: both lists share %zu in %s, but the "
                          "server has no certificate, key or group that fits",
                          common, handshake->version->name);
    if (suite == NULL) /* RFC 5246 7.4.1.3 */
        return fault_peer(fault, ALERT_HANDSHAKE_FAILURE, "RFC 5246 7.4.1.3",
                          "no common cipher suite: none of the client's %zu is one of the "
                          "server's %zu in %s",
                          count, config->suite_count, handshake->version->name);
    handshake->suite = suite;
    report_fact(endpoint, "cipher_suite", suite->name,
                "the first in the %s's order that both have and %s can carry",
                config->prefers_client_order ? "client" : "server", handshake->version->name);
    if (handshake->group != NULL)
        report_fact(endpoint, "group", handshake->group->name,
                    "the first in the server's order that the client takes");
    return true;
}
