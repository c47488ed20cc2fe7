/* Whether two plans are the same run.
 *
 * Every member that decides a run is compared; what only tells where a thing was written (lines,
 * texts as written) is left out. The first difference is named, so that a test that reads a
 * scenario back can say what was lost.
 */
#include "sim/plan.h"

/* Names the first difference, and is false for good from then on. */
typedef struct {
    bool same;
    char **where;
} Comparison;

static void differ(Comparison *comparison, bool same, const char *what, guint at)
{
    if (same || !comparison->same)
        return;
    comparison->same = false;
    if (comparison->where != NULL)
        *comparison->where = g_strdup_printf("%s (%u)", what, at);
}

static bool same_text(const char *a, const char *b)
{
    return g_strcmp0(a, b) == 0;
}

static bool same_names(const GPtrArray *a, const GPtrArray *b)
{
    bool same = a->len == b->len;
    for (guint i = 0; same && i < a->len; i++)
        same = same_text(g_ptr_array_index(a, i), g_ptr_array_index(b, i));
    return same;
}

static bool same_array(const GArray *a, const GArray *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    guint size = g_array_get_element_size((GArray *)(uintptr_t)a);
    return bytes_equal(bytes_make(a->data, (size_t)a->len * size),
                       bytes_make(b->data, (size_t)b->len * size));
}

static bool same_doors(const PlanParty *a, const PlanParty *b)
{
    bool same = a->doors->len == b->doors->len && a->access->len == b->access->len &&
                a->pins->len == b->pins->len;
    for (guint i = 0; same && i < a->doors->len; i++) {
        const PlanDoor *x = g_ptr_array_index(a->doors, i), *y = g_ptr_array_index(b->doors, i);
        same = same_text(x->path, y->path) && x->required == y->required;
    }
    for (guint i = 0; same && i < a->access->len; i++) {
        const PlanAccess *x = g_ptr_array_index(a->access, i);
        const PlanAccess *y = g_ptr_array_index(b->access, i);
        same = same_text(x->subject, y->subject) && same_text(x->path, y->path);
    }
    for (guint i = 0; same && i < a->pins->len; i++) {
        const PlanPin *x = g_ptr_array_index(a->pins, i), *y = g_ptr_array_index(b->pins, i);
        same = same_text(x->label, y->label) && g_bytes_equal(x->value, y->value);
    }
    return same;
}

static bool same_edits(const GArray *a, const GArray *b)
{
    bool same = a->len == b->len;
    for (guint i = 0; same && i < a->len; i++) {
        const PlanOwnEdit *x = &g_array_index(a, PlanOwnEdit, i);
        const PlanOwnEdit *y = &g_array_index(b, PlanOwnEdit, i);
        same =
            x->message == y->message && x->ordinal == y->ordinal && edit_equal(&x->edit, &y->edit);
    }
    return same;
}

static bool same_number(GBytes *a, GBytes *b)
{
    return (a == NULL) == (b == NULL) && bytes_equal(bytes_from_gbytes(a), bytes_from_gbytes(b));
}

static bool same_psks(const PlanParty *a, const PlanParty *b)
{
    bool same = a->psks->len == b->psks->len && same_text(a->psk_hint, b->psk_hint);
    for (guint i = 0; same && i < a->psks->len; i++) {
        const PlanPsk *x = g_ptr_array_index(a->psks, i), *y = g_ptr_array_index(b->psks, i);
        same = same_text(x->identity, y->identity) && g_bytes_equal(x->key, y->key) &&
               x->hash == y->hash;
    }
    return same;
}

static bool same_raw(const PlanParty *a, const PlanParty *b)
{
    bool same = a->raw_extensions->len == b->raw_extensions->len;
    for (guint i = 0; same && i < a->raw_extensions->len; i++) {
        const PlanRawExtension *x = g_ptr_array_index(a->raw_extensions, i);
        const PlanRawExtension *y = g_ptr_array_index(b->raw_extensions, i);
        same = x->type == y->type && g_bytes_equal(x->data, y->data);
    }
    return same;
}

/* What came with extensions, resumption and TLS 1.3. */
static void compare_features(Comparison *to, const PlanParty *a, const PlanParty *b, guint at)
{
    differ(to, options_equal(&a->options, &b->options), "party options", at);
    differ(to, same_array(a->groups, b->groups) && same_array(a->shares, b->shares), "party groups",
           at);
    differ(to, same_array(a->schemes, b->schemes), "party signatures", at);
    differ(to, same_names(a->also_shows, b->also_shows), "party also shows", at);
    differ(to, same_names(a->protocols, b->protocols), "party protocols", at);
    differ(to, same_psks(a, b), "party pre-shared keys", at);
    differ(to, same_array(a->extension_order, b->extension_order) && same_raw(a, b),
           "party extensions", at);
    differ(to,
           same_number(a->dh_prime, b->dh_prime) && same_number(a->dh_generator, b->dh_generator) &&
               same_number(a->export_prime, b->export_prime) &&
               same_number(a->export_generator, b->export_generator),
           "party Diffie-Hellman groups", at);
    differ(to,
           a->forgets_sessions == b->forgets_sessions && a->cache_size == b->cache_size &&
               a->cache_lifetime == b->cache_lifetime,
           "party sessions", at);
    differ(to, same_text(a->early_data, b->early_data) && a->notices_replays == b->notices_replays,
           "party early data", at);
    differ(to,
           a->machines == b->machines && a->shares_sessions == b->shares_sessions &&
               a->shares_ticket_keys == b->shares_ticket_keys &&
               a->behind_plain_text == b->behind_plain_text,
           "party machines, or what is behind it", at);
    differ(to, a->staples == b->staples && a->retries_lower == b->retries_lower,
           "party staples or retries", at);
}

static void compare_party(Comparison *to, const PlanParty *a, const PlanParty *b, guint at)
{
    differ(to, a->kind == b->kind && a->source == b->source && same_text(a->name, b->name), "party",
           at);
    differ(to, a->first == b->first && a->last == b->last, "party versions", at);
    differ(to, same_array(a->suites, b->suites), "party suites", at);
    differ(to, same_text(a->shows, b->shows), "party shows", at);
    differ(to, same_text(a->uses_key, b->uses_key), "party uses key", at);
    differ(to, same_names(a->trusts, b->trusts), "party trusts", at);
    differ(to, same_text(a->expects, b->expects), "party expects", at);
    differ(to, same_text(a->server_name, b->server_name), "party server name", at);
    differ(to, a->user_goes_on == b->user_goes_on, "party warns", at);
    differ(to, a->client_auth == b->client_auth, "party asks", at);
    differ(to, same_doors(a, b), "party doors, access or pins", at);
    differ(to, a->refuses_by_alert == b->refuses_by_alert, "party refuses by", at);
    differ(to, a->prefers_client_order == b->prefers_client_order, "party prefers", at);
    differ(to, a->refuses_renegotiation == b->refuses_renegotiation, "party renegotiation", at);
    differ(to, same_text(a->temporary_key, b->temporary_key), "party temporary key", at);
    differ(to, a->weaknesses == b->weaknesses, "party weaknesses", at);
    differ(to,
           a->fragment_size == b->fragment_size && a->coalesces == b->coalesces &&
               a->empty_fragments == b->empty_fragments,
           "party records", at);
    differ(to, same_edits(a->edits, b->edits), "party edits", at);
    compare_features(to, a, b, at);
}

static void compare_rule(Comparison *to, const PlanRule *a, const PlanRule *b, guint at)
{
    differ(to, a->message == b->message && a->ordinal == b->ordinal && a->from == b->from,
           "rule's record", at);
    differ(to,
           a->action == b->action && a->delay == b->delay && a->maybe == b->maybe &&
               edit_equal(&a->edit, &b->edit),
           "rule's action", at);
}

static void compare_act(Comparison *to, const PlanAct *a, const PlanAct *b, guint at)
{
    differ(to,
           a->kind == b->kind && a->who == b->who && same_text(a->text, b->text) &&
               a->size == b->size && a->duration == b->duration && a->number == b->number,
           "act", at);
}

static void compare_expect(Comparison *to, const PlanExpect *a, const PlanExpect *b, guint at)
{
    differ(to,
           a->kind == b->kind && a->who == b->who && a->end == b->end && a->level == b->level &&
               a->number == b->number && same_text(a->text, b->text) &&
               same_array(a->checks, b->checks),
           "expectation", at);
}

static void compare_attack(Comparison *to, const PlanAttack *a, const PlanAttack *b, guint at)
{
    differ(to,
           same_text(a->name, b->name) && same_text(a->program, b->program) &&
               same_text(a->shows, b->shows) && same_names(a->trusts, b->trusts) &&
               same_text(a->replaces, b->replaces) && same_text(a->with, b->with),
           "attacker", at);
}

bool plan_equal(const Plan *a, const Plan *b, char **where)
{
    Comparison to = {.same = true, .where = where};
    differ(&to,
           same_text(a->name, b->name) && same_text(a->title, b->title) &&
               same_text(a->about, b->about) && same_text(a->spec, b->spec),
           "scenario", 0);
    differ(&to, a->clock == b->clock && a->seed == b->seed, "clock or seed", 0);
    differ(&to, a->network.latency == b->network.latency && a->network.tap == b->network.tap,
           "network", 0);
    differ(&to, a->certificates->len == b->certificates->len, "certificates", 0);
    differ(&to, a->parties->len == b->parties->len, "parties", 0);
    differ(&to, a->attacks->len == b->attacks->len, "attackers", 0);
    differ(&to, a->rules->len == b->rules->len, "rules", 0);
    differ(&to, a->acts->len == b->acts->len, "acts", 0);
    differ(&to, a->expects->len == b->expects->len, "expectations", 0);
    for (guint i = 0; to.same && i < a->certificates->len; i++)
        differ(&to,
               certificate_spec_equal(g_ptr_array_index(a->certificates, i),
                                      g_ptr_array_index(b->certificates, i)),
               "certificate", i);
    for (guint i = 0; to.same && i < a->parties->len; i++)
        compare_party(&to, g_ptr_array_index(a->parties, i), g_ptr_array_index(b->parties, i), i);
    for (guint i = 0; to.same && i < a->rules->len; i++)
        compare_rule(&to, g_ptr_array_index(a->rules, i), g_ptr_array_index(b->rules, i), i);
    for (guint i = 0; to.same && i < a->acts->len; i++)
        compare_act(&to, g_ptr_array_index(a->acts, i), g_ptr_array_index(b->acts, i), i);
    for (guint i = 0; to.same && i < a->expects->len; i++)
        compare_expect(&to, g_ptr_array_index(a->expects, i), g_ptr_array_index(b->expects, i), i);
    for (guint i = 0; to.same && i < a->attacks->len; i++)
        compare_attack(&to, g_ptr_array_index(a->attacks, i), g_ptr_array_index(b->attacks, i), i);
    return to.same;
}
