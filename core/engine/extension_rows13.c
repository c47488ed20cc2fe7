/* The extensions of TLS 1.3: versions, shares, pre-shared keys, early data.
 *
 * A server judges key shares and pre-shared keys when it chooses (tls13_choice.c), because they
 * depend on each other; here stands what each extension says by itself.
 *
 * Obeys RFC 8446 4.2.1 (supported_versions), 4.2.2 (cookie), 4.2.6, 4.2.8
 * (key_share), 4.2.9, 4.2.10 (early_data), 4.2.11 (pre_shared_key); RFC 8879 3.
 */
#include <string.h>

#include "core/engine/extensions.h"

/* --- supported_versions: RFC 8446 4.2.1 --- */

ROW_OFFER(versions_offer)
{
    (void)fault;
    const EndpointConfig *config = endpoint->config;
    uint16_t versions[8];
    size_t count = 0;
    if (!offers_tls13(endpoint))
        return false;
    if (config->options.greases)
        versions[count++] = grease_number(endpoint, GREASE_VERSION);
    for (ProtocolVersion v = config->last; v >= MAX(config->first, VERSION_SSL_3_0); v--)
        if (version_find(v) != NULL)
            versions[count++] = v;
    extension->supported_versions.versions = keep_numbers(endpoint->handshake, versions, count);
    return true;
}

ROW_ANSWER(versions_answer)
{
    (void)message;
    extension->supported_versions.selected_version = endpoint->handshake->version->number;
    return true;
}

/* --- cookie: RFC 8446 4.2.2 --- */

ROW_OFFER(cookie_offer)
{
    (void)fault;
    extension->cookie = bytes_from_gbytes(endpoint->handshake->cookie);
    return endpoint->handshake->cookie != NULL;
}

ROW_TAKE(cookie_take)
{
    const Handshake *handshake = endpoint->handshake;
    if (handshake->cookie == NULL ||
        bytes_equal(extension->cookie, bytes_from_gbytes(handshake->cookie)))
        return true;
    return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.2",
                      "the cookie is not the one that the HelloRetryRequest gave");
}

ROW_ANSWER(cookie_answer)
{
    enum { COOKIE_SIZE = 32 };
    uint8_t cookie[COOKIE_SIZE];
    Handshake *handshake = endpoint->handshake;
    /* a retry must ask for some change: RFC 8446 4.1.4 */
    bool wanted = endpoint->config->options.sends_cookie || handshake->retry_group == NULL;
    if (message != MESSAGE_HELLO_RETRY_REQUEST || !wanted)
        return false;
    if (handshake->cookie == NULL && endpoint->config->cookie.size > 0) {
        handshake->cookie = bytes_copy(endpoint->config->cookie);
    } else if (handshake->cookie == NULL) {
        random_fill(endpoint->random, "cookie", cookie, sizeof cookie);
        handshake->cookie = bytes_copy(BYTES_ARRAY(cookie));
    }
    extension->cookie = bytes_from_gbytes(handshake->cookie);
    return true;
}

ROW_ACCEPT(cookie_accept)
{
    (void)message;
    (void)fault;
    endpoint->handshake->cookie = bytes_copy(extension->cookie);
    return true;
}

/* --- psk_key_exchange_modes: RFC 8446 4.2.9 --- */

ROW_OFFER(modes_offer)
{
    (void)fault;
    const EndpointConfig *config = endpoint->config;
    unsigned modes = config->options.psk_modes == 0 ? PSK_MODE_DHE_KE : config->options.psk_modes;
    uint8_t list[2];
    size_t count = 0;
    if (modes & PSK_MODE_DHE_KE)
        list[count++] = PSK_DHE_KE;
    if (modes & PSK_MODE_KE)
        list[count++] = PSK_KE;
    extension->ke_modes = handshake_keep(endpoint->handshake, bytes_make(list, count));
    return offers_tls13(endpoint) && (config->cache != NULL || config->psk_count > 0);
}

ROW_TAKE(modes_take)
{
    (void)fault;
    uint8_t *modes = &endpoint->handshake->psk_modes;
    *modes = 0;
    if (numbers_contain(extension->ke_modes, 1, PSK_KE))
        *modes |= PSK_MODE_KE;
    if (numbers_contain(extension->ke_modes, 1, PSK_DHE_KE))
        *modes |= PSK_MODE_DHE_KE;
    return true;
}

/* --- key_share: RFC 8446 4.2.8 --- */

/* The groups of which shares are sent: what a retry asks for, what is configured, or the first. */
static size_t share_groups(const Endpoint *endpoint, const GroupNumber **list)
{
    const EndpointConfig *config = endpoint->config;
    const Handshake *handshake = endpoint->handshake;
    if (handshake->retry_group != NULL) {
        *list = &handshake->retry_group->number;
        return 1;
    }
    /* RFC 8446 4.2.9: with psk_ke no share is used, unless the key is refused: then a retry asks */
    bool psk_alone = config->options.psk_modes == PSK_MODE_KE && handshake->lists.offered->len > 0;
    if (config->options.no_shares || (psk_alone && config->share_count == 0))
        return 0;
    if (config->share_count > 0) {
        *list = config->shares;
        return MIN(config->share_count, (size_t)KEY_SHARES_MOST - 1);
    }
    return MIN(group_list(config, list), 1);
}

/* The key pair of a group, made once in a handshake. */
static const KeyAgreement *agreement_for(Endpoint *endpoint, const Group *group, Fault *fault)
{
    GPtrArray *list = endpoint->handshake->lists.agreements;
    for (guint i = 0; i < list->len; i++)
        if (key_agreement_group(g_ptr_array_index(list, i)) == group)
            return g_ptr_array_index(list, i);
    KeyAgreement *made = key_agreement_new(group, endpoint->random, fault);
    if (made != NULL)
        g_ptr_array_add(list, made);
    endpoint->meter.key_pairs += made != NULL;
    return made;
}

ROW_OFFER(share_offer)
{
    const GroupNumber *list = NULL;
    static const uint8_t nothing[] = {0};
    if (!offers_tls13(endpoint))
        return false;
    size_t count = share_groups(endpoint, &list);
    if (endpoint->config->options.greases &&
        endpoint->handshake->retry_group == NULL) { /* RFC 8701 3.1 */
        KeyShareEntry *entry = &extension->key_share.list[extension->key_share.count++];
        entry->group = grease_number(endpoint, GREASE_GROUP);
        entry->key_exchange = BYTES_ARRAY(nothing);
    }
    for (size_t i = 0; i < count; i++) {
        const Group *group = group_find(list[i]);
        const KeyAgreement *agreement =
            group == NULL ? NULL : agreement_for(endpoint, group, fault);
        if (agreement == NULL)
            continue;
        KeyShareEntry *entry = &extension->key_share.list[extension->key_share.count++];
        entry->group = group->number;
        entry->key_exchange = key_agreement_public(agreement);
    }
    return true;
}

ROW_ANSWER(share_answer)
{
    const Handshake *handshake = endpoint->handshake;
    if (message == MESSAGE_HELLO_RETRY_REQUEST) {
        extension->key_share.selected_group =
            handshake->retry_group == NULL ? GROUP_NONE : handshake->retry_group->number;
        return handshake->retry_group != NULL;
    }
    if (handshake->agreement == NULL) /* psk_ke */
        return false;
    extension->key_share.count = 1;
    extension->key_share.list[0].group = handshake->group->number;
    extension->key_share.list[0].key_exchange = key_agreement_public(handshake->agreement);
    return true;
}

/* RFC 8446 4.1.4: a group that was offered, and of which no share was. */
static bool retry_share_accept(Endpoint *endpoint, const Extension *extension, Fault *fault)
{
    Handshake *handshake = endpoint->handshake;
    GroupNumber number = extension->key_share.selected_group;
    const Group *group = group_find(number);
    bool shared = false;
    for (guint i = 0; i < handshake->lists.agreements->len; i++)
        shared |= key_agreement_group(g_ptr_array_index(handshake->lists.agreements, i)) == group;
    if (group == NULL || !config_has_group(endpoint->config, number) || shared)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.8",
                          "HelloRetryRequest asks for %s, %s", number_text(NUMBER_GROUP, number),
                          shared ? "of which a share was sent" : "which was not offered");
    handshake->retry_group = group;
    return true;
}

ROW_ACCEPT(share_accept)
{
    Handshake *handshake = endpoint->handshake;
    if (message == MESSAGE_HELLO_RETRY_REQUEST)
        return retry_share_accept(endpoint, extension, fault);
    const KeyShareEntry *entry = &extension->key_share.list[0];
    const Group *group = group_find(entry->group);
    for (guint i = 0; i < handshake->lists.agreements->len; i++) {
        KeyAgreement *agreement = g_ptr_array_index(handshake->lists.agreements, i);
        if (group == NULL || key_agreement_group(agreement) != group)
            continue;
        if (handshake->retry_group != NULL && handshake->retry_group != group)
            break;
        handshake->agreement = agreement;
        handshake->group = group;
        g_byte_array_set_size(handshake->peer_share, 0);
        bytes_append(handshake->peer_share, entry->key_exchange);
        return true;
    }
    return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.8",
                      "the server's key share is of %s, of which the client sent none",
                      number_text(NUMBER_GROUP, entry->group));
}

/* --- compress_certificate: RFC 8879 3; post_handshake_auth: RFC 8446 4.2.6 --- */

ROW_OFFER(compression_offer)
{
    static const uint8_t zlib[] = {0, CERTIFICATE_COMPRESSION_ZLIB};
    (void)fault;
    extension->compression_algorithms = BYTES_ARRAY(zlib);
    return offers_tls13(endpoint) && endpoint->config->options.certificate_compression;
}

ROW_TAKE(compression_take)
{
    (void)fault;
    endpoint->handshake->peer_compresses =
        numbers_contain(extension->compression_algorithms, 2, CERTIFICATE_COMPRESSION_ZLIB);
    return true;
}

ROW_OFFER(post_auth_offer)
{
    (void)extension;
    (void)fault;
    return offers_tls13(endpoint) && endpoint->config->options.post_handshake_auth;
}

ROW_TAKE(post_auth_take)
{
    (void)extension;
    (void)fault;
    endpoint->handshake->peer_post_auth = true;
    return true;
}

/* --- early_data: RFC 8446 4.2.10 --- */

ROW_OFFER(early_offer)
{
    (void)extension;
    (void)fault;
    Handshake *handshake = endpoint->handshake;
    const OfferedPsk *first = handshake->lists.offered->len == 0
                                  ? NULL
                                  : &g_array_index(handshake->lists.offered, OfferedPsk, 0);
    handshake->early_offered = offers_tls13(endpoint) && first != NULL &&
                               endpoint->config->early_data.size > 0 &&
                               !handshake_is(handshake, FACT_RETRY) &&
                               (first->session == NULL || first->session->max_early_data > 0);
    return handshake->early_offered;
}

ROW_TAKE(early_take)
{
    (void)extension;
    endpoint->handshake->early_offered = true;
    return !handshake_is(endpoint->handshake, FACT_RETRY) || /* RFC 8446 4.1.2 */
           fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.1.2",
                      "the second ClientHello offers early data, which a retry has ruled out");
}

ROW_ANSWER(early_answer)
{
    (void)message;
    (void)extension;
    return handshake_is(endpoint->handshake, FACT_EARLY);
}

/* RFC 8446 4.2.10: only with the first pre-shared key. */
ROW_ACCEPT(early_accept)
{
    (void)message;
    (void)extension;
    Handshake *handshake = endpoint->handshake;
    if (!handshake_is(handshake, FACT_PSK) || handshake->selected_psk != 0)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.10",
                          "the server takes early data without the first pre-shared key");
    handshake_know(handshake, FACT_EARLY, true);
    return true;
}

/* --- pre_shared_key: RFC 8446 4.2.11 --- */

/* obfuscated_ticket_age: milliseconds since the ticket came, plus ticket_age_add (4.2.11.1). */
static uint32_t obfuscated_age(const Endpoint *endpoint, const Session *session)
{
    uint64_t age = (endpoint_wall_clock(endpoint) - session->created) / 1000;
    return (uint32_t)age + session->age_add;
}

ROW_OFFER(psk_offer)
{
    static const uint8_t blank[HASH_SIZE_MOST];
    (void)fault;
    GArray *offered = endpoint->handshake->lists.offered;
    PreSharedKey *psk = &extension->pre_shared_key;
    for (guint i = 0; i < offered->len && i < PSKS_MOST; i++) {
        const OfferedPsk *one = &g_array_index(offered, OfferedPsk, i);
        psk->identities[i].identity = one->session == NULL
                                          ? bytes_from_text(one->external->identity)
                                          : bytes_from_gbytes(one->session->ticket);
        psk->identities[i].obfuscated_ticket_age =
            one->session == NULL ? 0 : obfuscated_age(endpoint, one->session);
        psk->binders[i] = bytes_make(blank, hash_size(one->hash)); /* filled in place later */
        psk->count = psk->binder_count = i + 1;
    }
    return offers_tls13(endpoint) && psk->count > 0;
}

ROW_ANSWER(psk_answer)
{
    (void)message;
    extension->pre_shared_key.selected_identity = (uint16_t)endpoint->handshake->selected_psk;
    return handshake_is(endpoint->handshake, FACT_PSK);
}

ROW_ACCEPT(psk_accept)
{
    (void)message;
    Handshake *handshake = endpoint->handshake;
    uint16_t selected = extension->pre_shared_key.selected_identity;
    if (selected >= handshake->lists.offered->len)
        return fault_peer(fault, ALERT_ILLEGAL_PARAMETER, "RFC 8446 4.2.11",
                          "the server selects pre-shared key %u of %u", selected,
                          handshake->lists.offered->len);
    handshake->selected_psk = selected;
    handshake_know(handshake, FACT_PSK, true);
    return true;
}
