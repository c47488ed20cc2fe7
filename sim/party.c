/* A participant from a plan's words: configuration, credentials, stores, who
 * speaks for it.
 *
 * What is a number or a yes goes over as it is; lists become views into the plan, which outlives
 * the run; certificates and keys are minted by the world's PKI. The stores of sessions and ticket
 * keys outlive a connection, because that is what they are for.
 *
 * Obeys RFC 6066 8 (stapling), RFC 5077 (ticket keys), RFC 2246 D.1 (export groups).
 */
#include "sim/party.h"

#include <string.h>

enum { CACHE_MOST = 1000, REPLAYS_MOST = 10000, DAY = 86400 /* seconds */ };

static void credential_clear(Credential *credential)
{
    g_clear_pointer(&credential->chain, g_ptr_array_unref);
    g_clear_pointer(&credential->status, g_bytes_unref);
}

static void party_disconnect(Party *party)
{
    g_clear_pointer(&party->application, application_free);
    g_clear_pointer(&party->speaker, speaker_free);
}

void party_free(gpointer data)
{
    Party *party = data;
    party_disconnect(party);
    if (party->attack != NULL)
        party->program->free(party->attack);
    if (party->heir) {
        g_free(party);
        return;
    }
    if (party->inside != NULL)
        party->source->close(party->inside);
    credential_clear(&party->config.credential);
    for (guint i = 0; party->others != NULL && i < party->others->len; i++)
        credential_clear(&g_array_index(party->others, Credential, i));
    g_clear_pointer(&party->config.trusted, g_ptr_array_unref);
    if (party->plan == NULL) /* an attacker's own; a balancer's is its configuration's */
        credential_clear(&party->setup.toward_client.credential);
    g_clear_pointer(&party->setup.toward_server.trusted, g_ptr_array_unref);
    GArray **arrays[] = {&party->edits, &party->others, &party->psks, &party->raw};
    for (size_t i = 0; i < G_N_ELEMENTS(arrays); i++)
        g_clear_pointer(arrays[i], g_array_unref);
    session_cache_free(party->replays);
    g_clear_pointer(&party->caches, g_ptr_array_unref);
    g_clear_pointer(&party->ticket_keys, g_ptr_array_unref);
    random_free(party->random);
    g_free(party);
}

static const void *list_of(const GArray *array, size_t *count)
{
    *count = array->len;
    return array->len == 0 ? NULL : array->data;
}

static Bytes number_or_none(GBytes *number)
{
    return bytes_from_gbytes(number);
}

static void configure_lists(Party *party, const PlanParty *words)
{
    EndpointConfig *config = &party->config;
    config->suites = list_of(words->suites, &config->suite_count);
    config->groups = list_of(words->groups, &config->group_count);
    config->shares = list_of(words->shares, &config->share_count);
    config->schemes = list_of(words->schemes, &config->scheme_count);
    config->extension_order = list_of(words->extension_order, &config->extension_count);
    config->protocols = (const char *const *)words->protocols->pdata;
    config->protocol_count = words->protocols->len;
    config->dh_prime = number_or_none(words->dh_prime);
    config->dh_generator = number_or_none(words->dh_generator);
    config->export_prime = number_or_none(words->export_prime);
    config->export_generator = number_or_none(words->export_generator);
    if (words->export_prime == NULL)
        plan_export_group(&config->export_prime, &config->export_generator);
    party->edits = g_array_new(FALSE, FALSE, sizeof(OwnEdit));
    for (guint i = 0; i < words->edits->len; i++) {
        const PlanOwnEdit *own = &g_array_index(words->edits, PlanOwnEdit, i);
        OwnEdit edit = {own->message, own->ordinal, own->edit, own->text, own->line};
        g_array_append_val(party->edits, edit);
    }
    config->edits = list_of(party->edits, &config->edit_count);
    party->psks = g_array_new(FALSE, FALSE, sizeof(ExternalPsk));
    for (guint i = 0; i < words->psks->len; i++) {
        const PlanPsk *psk = g_ptr_array_index(words->psks, i);
        ExternalPsk one = {psk->identity, bytes_from_gbytes(psk->key), psk->hash};
        g_array_append_val(party->psks, one);
    }
    config->psks = list_of(party->psks, &config->psk_count);
    party->raw = g_array_new(FALSE, FALSE, sizeof(RawExtension));
    for (guint i = 0; i < words->raw_extensions->len; i++) {
        const PlanRawExtension *raw = g_ptr_array_index(words->raw_extensions, i);
        RawExtension one = {raw->type, bytes_from_gbytes(raw->data)};
        g_array_append_val(party->raw, one);
    }
    config->raw_extensions = list_of(party->raw, &config->raw_count);
}

static void configure_words(Party *party, const Plan *plan, const PlanParty *words)
{
    EndpointConfig *config = &party->config;
    config->role = words->kind == PARTY_CLIENT ? ROLE_CLIENT : ROLE_SERVER;
    config->options = words->options;
    config->first = words->first;
    config->last = words->last;
    config->expected_name = words->expects;
    config->server_name = words->server_name;
    config->client_auth = words->client_auth;
    config->prefers_client_order = words->prefers_client_order;
    config->user_goes_on = words->user_goes_on;
    config->refuses_renegotiation = words->refuses_renegotiation;
    config->weaknesses = words->weaknesses;
    config->fragment_size = words->fragment_size;
    config->coalesces = words->coalesces;
    config->empty_fragments = words->empty_fragments;
    config->psk_hint = words->psk_hint;
    const PlanParty *balancer = plan_party(plan, PARTY_PROXY);
    config->plain_text =
        words->kind == PARTY_SERVER && balancer != NULL && balancer->behind_plain_text;
    if (words->early_data != NULL)
        config->early_data = bytes_from_text(words->early_data);
    config->clock = plan->clock;
    if (words->retries_lower) /* the first hello has not fallen back */
        config->options.signals_fallback = false;
}

static void configure_stores(Party *party, const PlanParty *words)
{
    EndpointConfig *config = &party->config;
    unsigned machines = MAX(words->machines, 1u);
    party->caches = g_ptr_array_new_with_free_func((GDestroyNotify)session_cache_free);
    party->ticket_keys = g_ptr_array_new_with_free_func((GDestroyNotify)ticket_keys_free);
    for (unsigned i = 0; i < (words->shares_sessions ? 1 : machines); i++)
        if (!words->forgets_sessions)
            g_ptr_array_add(
                party->caches,
                session_cache_new(words->cache_size == 0 ? CACHE_MOST : words->cache_size,
                                  words->cache_lifetime == 0 ? DAY : words->cache_lifetime));
    for (unsigned i = 0; i < (words->shares_ticket_keys ? 1 : machines); i++)
        if (words->kind != PARTY_CLIENT && !words->options.no_tickets)
            g_ptr_array_add(party->ticket_keys, ticket_keys_new(party->random));
    if (words->notices_replays)
        party->replays = session_cache_new(REPLAYS_MOST, 0);
    config->replays = party->replays;
}

static gpointer of_machine(const GPtrArray *stores, int connection)
{
    return stores->len == 0 ? NULL : g_ptr_array_index(stores, (guint)connection % stores->len);
}

SessionCache *party_cache(const Party *party, int connection)
{
    return of_machine(party->caches, connection);
}

TicketKeys *party_ticket_keys(const Party *party, int connection)
{
    return of_machine(party->ticket_keys, connection);
}

static bool configure_credentials(Party *party, const Plan *plan, const PlanParty *words, Pki *pki,
                                  Fault *fault)
{
    EndpointConfig *config = &party->config;
    if (!pki_credential(pki, words->shows, words->uses_key, &config->credential, fault))
        return false;
    if (words->staples != STAPLE_NONE && words->shows != NULL) {
        config->credential.status =
            pki_staple(pki, words->shows, words->staples, plan->clock, fault);
        if (config->credential.status == NULL)
            return false;
    }
    party->others = g_array_new(FALSE, TRUE, sizeof(Credential));
    for (guint i = 0; i < words->also_shows->len; i++) {
        Credential credential = {0};
        bool made =
            pki_credential(pki, g_ptr_array_index(words->also_shows, i), NULL, &credential, fault);
        g_array_append_val(party->others, credential);
        if (!made)
            return false;
    }
    config->others = list_of(party->others, &config->other_count);
    config->trusted = pki_trusted(pki, words->trusts, fault);
    if (config->trusted == NULL)
        return false;
    if (words->temporary_key != NULL)
        config->temporary_rsa = pki_key(pki, words->temporary_key, fault);
    return words->temporary_key == NULL || config->temporary_rsa != NULL;
}

bool party_configure(Party *party, const Plan *plan, const PlanParty *words, Pki *pki, Fault *fault)
{
    party->plan = words;
    party->random = random_new(plan->seed, words->name);
    for (guint i = 0; i < words->pins->len; i++) {
        const PlanPin *pin = g_ptr_array_index(words->pins, i);
        random_pin(party->random, pin->label, bytes_from_gbytes(pin->value));
    }
    configure_words(party, plan, words);
    configure_lists(party, words);
    configure_stores(party, words);
    return configure_credentials(party, plan, words, pki, fault);
}

Party *party_heir(const Party *first)
{
    Party *party = g_memdup2(first, sizeof *first);
    party->heir = true;
    party->speaker = NULL;
    party->application = NULL;
    party->attack = NULL;
    return party;
}

bool party_take_speaker(Party *party, const Plan *plan, Fault *fault)
{
    const SpeakerSetup setup = {
        .plan = plan,
        .words = party->plan,
        .config = &party->config,
        .random = party->random,
        .ticket_keys = party->ticket_keys,
        .caches = party->caches,
    };
    party->source = party->plan->source == NULL ? &own_source : party->plan->source;
    party->inside = party->source->open(&setup, fault);
    return party->inside != NULL;
}

void party_connect(Party *party, const TraceSink *sink, const PlanAct *eager)
{
    party_disconnect(party);
    party->config.cache = party_cache(party, sink->connection);
    party->config.ticket_keys = party_ticket_keys(party, sink->connection);
    party->speaker = party->source->connect(party->inside, sink);
    party->application = application_new(party->plan, party->speaker, sink, eager);
}

void party_take_side(Party *party, int connection)
{
    party->setup.toward_client = party->config;
    party->setup.toward_client.cache = party_cache(party, connection);
    party->setup.toward_client.ticket_keys = party_ticket_keys(party, connection);
}

/* A label may be mistyped, or belong to another key exchange: then the pin did nothing. */
void party_tell_pins(const Party *party, Trace *trace, int index)
{
    for (guint i = 0; party->plan != NULL && i < party->plan->pins->len; i++) {
        const PlanPin *pin = g_ptr_array_index(party->plan->pins, i);
        const PlanPin *before = i == 0 ? NULL : g_ptr_array_index(party->plan->pins, i - 1);
        if (random_draws(party->random, pin->label) > 0 ||
            (before != NULL && strcmp(before->label, pin->label) == 0))
            continue;
        TraceEvent *event = trace_add(trace, TRACE_NOTE);
        event->party = index;
        event->line = pin->line;
        event->name = g_strdup("pin");
        event->value = g_strdup_printf("The pinned value %s was never drawn.", pin->label);
    }
}
