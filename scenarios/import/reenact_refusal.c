/* What made somebody refuse, arranged again.
 *
 * An alert names its reason, and with the place where it came that is mostly enough: a server that
 * answers a hello with handshake_failure has no suite in common with it, a client that calls a
 * signature wrong was shown one by another key. What an alert alone cannot tell is left to the
 * certificates that were seen, and where that is not enough the run says so.
 *
 * Sources: RFC 5246 7.2.2, RFC 8446 6.2, RFC 4279 2, RFC 6066 8, RFC 7507 3, RFC 7627 5.3.
 */
#include "scenarios/import/reenact_parts.h"

/* A suite of the laboratory's that this client did not offer. */
static SuiteNumber suite_apart(const Retelling *retelling, ProtocolVersion version)
{
    KeyExchangeKind kind = version == VERSION_SSL_2_0 ? KEY_EXCHANGE_SSL2 : KEY_EXCHANGE_RSA;
    for (size_t i = 0; i < suite_count(); i++) {
        const Suite *suite = suite_at(i);
        bool offered = false;
        for (guint j = 0; j < retelling->offered->len; j++)
            offered = offered || g_array_index(retelling->offered, uint32_t, j) == suite->number;
        if (!offered && suite_fits(suite, version) && suite->key_exchange == kind)
            return suite->number;
    }
    return 0;
}

void retell_apart(Retelling *retelling, ProtocolVersion version)
{
    PlanParty *server = retelling->server;
    SuiteNumber apart = suite_apart(retelling, version);
    if (apart != 0 && server->suites->len == 0)
        g_array_append_val(server->suites, apart);
}

static void refuse_version(Retelling *retelling, bool fallback)
{
    PlanParty *server = retelling->server, *client = retelling->client;
    if (server->last != VERSION_NONE)
        return;
    bool above = client->last < VERSION_TLS_1_3;
    ProtocolVersion next = client->last < VERSION_SSL_3_0 ? VERSION_SSL_3_0 : client->last + 1;
    server->last = above ? VERSION_TLS_1_3 : VERSION_TLS_1_2;
    server->first = above && !fallback ? next : VERSION_TLS_1_0;
}

/* Another key than the certificate's, of its kind: what is signed or opened with it is wrong. */
static void use_another_key(Retelling *retelling, PlanParty *party)
{
    static const char *const others[][2] = {
        {"rsa-pss", "rsa-2048-7"}, {"rsa-2048", "rsa-2048-7"}, {"rsa-1024", "rsa-2048-7"},
        {"rsa-512", "rsa-512-2"},  {"ec-p256", "ec-p256-6"},   {"ec-p384", "ec-p384-2"},
        {"ed25519", "ed25519-2"},  {"dsa-2048", "dsa-1024-1"},
    };
    const CertificateSpec *spec =
        party->shows == NULL ? NULL : plan_certificate(retelling->plan, party->shows);
    for (size_t i = 0; spec != NULL && i < G_N_ELEMENTS(others); i++) {
        if (!g_str_has_prefix(spec->key, others[i][0]))
            continue;
        g_free(party->uses_key);
        party->uses_key = g_strdup(others[i][1]);
        return;
    }
}

/* Both name the same pre-shared key, and one has other bytes under the name; or no such name. */
static void lose_psk(PlanParty *server, bool name)
{
    static const uint8_t other[32] = "another key of the same name";
    if (server->psks->len == 0)
        return;
    PlanPsk *psk = g_ptr_array_index(server->psks, 0);
    g_bytes_unref(psk->key);
    psk->key = bytes_copy(BYTES_ARRAY(other));
    if (!name)
        return;
    g_free(psk->identity);
    psk->identity = g_strdup("somebody else");
}

static void expect_another_name(PlanParty *client)
{
    g_free(client->expects);
    client->expects = g_strdup("another.example");
}

static void client_needs_more(const PlanParty *server, EndpointOptions *client)
{
    if (client->extended_master_secret == FEATURE_ON &&
        server->options.extended_master_secret == FEATURE_OFF)
        client->extended_master_secret = FEATURE_REQUIRED;
}

/* What a client says of the certificate, of its status, or of what was signed. */
static void client_refuses(Retelling *retelling, AlertDescription description)
{
    PlanParty *server = retelling->server, *client = retelling->client;
    const Scene *scene = &retelling->scene;
    bool stapled = server->staples != STAPLE_NONE;
    switch ((int)description) {
    case ALERT_UNKNOWN_CA:
        g_ptr_array_set_size(client->trusts, 0);
        return;
    case ALERT_CERTIFICATE_REVOKED:
        server->staples = STAPLE_REVOKED;
        return;
    case ALERT_BAD_CERTIFICATE_STATUS_RESPONSE:
        server->staples = stapled ? STAPLE_EXPIRED : STAPLE_NONE;
        return;
    case ALERT_CERTIFICATE_UNKNOWN:
        if (stapled)
            server->staples = STAPLE_UNKNOWN;
        else if (client->server_name == NULL)
            expect_another_name(client);
        return;
    case ALERT_DECRYPT_ERROR:
        use_another_key(retelling, server);
        return;
    case ALERT_PROTOCOL_VERSION:
        client->first = scene->version < client->last ? scene->version + 1 : client->last;
        return;
    case ALERT_HANDSHAKE_FAILURE:
        client_needs_more(server, &client->options);
        return;
    }
}

/* Data behind a door that is answered by an alert: RFC 5246 7.2.2, access_denied. */
static void deny(Retelling *retelling)
{
    const Scene *scene = &retelling->scene;
    retelling->server->refuses_by_alert = true;
    if (scene->path != NULL)
        g_ptr_array_add(retelling->server->access,
                        plan_access_new("CN=Somebody Else", scene->path));
}

static void server_finds_no_way(Retelling *retelling)
{
    const Scene *scene = &retelling->scene;
    PlanParty *server = retelling->server;
    if (scene->established && scene->asked)
        deny(retelling); /* SSL 3.0 has no access_denied */
    else if (scene->version == VERSION_NONE)
        retell_apart(retelling, MIN(retelling->client->last, VERSION_TLS_1_2));
    else if (server->client_auth != CLIENT_AUTH_NONE)
        server->client_auth = CLIENT_AUTH_REQUIRED;
}

/* Something does not fit what the client sent: a signature, a binder, a premaster secret. */
static void server_cannot_read(Retelling *retelling, bool signature)
{
    PlanParty *server = retelling->server;
    const Scene *scene = &retelling->scene;
    if (server->psks->len > 0)
        lose_psk(server, false);
    else if (signature)
        use_another_key(retelling, retelling->client);
    else if (scene->suite != NULL && scene->suite->key_exchange == KEY_EXCHANGE_RSA)
        use_another_key(retelling, server);
}

static void server_refuses(Retelling *retelling, AlertDescription description)
{
    PlanParty *server = retelling->server;
    switch ((int)description) {
    case ALERT_HANDSHAKE_FAILURE:
    case ALERT_INSUFFICIENT_SECURITY:
        server_finds_no_way(retelling);
        return;
    case ALERT_CERTIFICATE_REQUIRED:
        server->client_auth = CLIENT_AUTH_REQUIRED;
        return;
    case ALERT_PROTOCOL_VERSION:
    case ALERT_INAPPROPRIATE_FALLBACK:
        refuse_version(retelling, description == ALERT_INAPPROPRIATE_FALLBACK);
        return;
    case ALERT_NO_APPLICATION_PROTOCOL:
        g_ptr_array_set_size(server->protocols, 0);
        g_ptr_array_add(server->protocols, g_strdup("none-of-these"));
        return;
    case ALERT_UNRECOGNIZED_NAME:
        server->options.refuses_unknown_names = true;
        return;
    case ALERT_UNKNOWN_PSK_IDENTITY:
        lose_psk(server, true);
        return;
    case ALERT_DECRYPT_ERROR:
    case ALERT_BAD_RECORD_MAC:
        server_cannot_read(retelling, description == ALERT_DECRYPT_ERROR);
        return;
    case ALERT_UNKNOWN_CA:
        g_ptr_array_set_size(server->trusts, 0);
        return;
    case ALERT_ACCESS_DENIED:
        deny(retelling);
        return;
    }
}

void retell_refusal(Retelling *retelling, Direction direction, AlertDescription description)
{
    if (direction == DIRECTION_TO_SERVER)
        client_refuses(retelling, description);
    else
        server_refuses(retelling, description);
}
