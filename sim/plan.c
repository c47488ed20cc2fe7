/* Plans: made, copied, compared, freed.
 *
 * A plan is nothing but data, so these are all its functions; what can be decided about one before
 * a run is in plan_check.c. Comparison leaves out what only tells where a thing was written.
 */
#include "sim/plan.h"

#include <string.h>

static void key_free(gpointer data)
{
    PlanKey *key = data;
    g_free(key->name);
    g_bytes_unref(key->pem);
    g_free(key);
}

static void attack_free(gpointer data)
{
    PlanAttack *attack = data;
    g_free(attack->name);
    g_free(attack->program);
    g_free(attack->shows);
    g_ptr_array_unref(attack->trusts);
    g_free(attack->replaces);
    g_free(attack->with);
    g_free(attack);
}

static void rule_free(gpointer data)
{
    PlanRule *rule = data;
    edit_clear(&rule->edit);
    g_free(rule->text);
    g_free(rule);
}

static void act_free(gpointer data)
{
    PlanAct *act = data;
    g_free(act->text);
    g_free(act);
}

static void expect_free(gpointer data)
{
    PlanExpect *expect = data;
    g_free(expect->text);
    g_free(expect->words);
    g_clear_pointer(&expect->checks, g_array_unref);
    g_free(expect);
}

static void spec_free(gpointer data)
{
    certificate_spec_free(data);
}

static Plan *plan_empty(void)
{
    Plan *plan = g_new0(Plan, 1);
    plan->seed = DEFAULT_SEED;
    plan->network.latency = DEFAULT_LATENCY;
    plan->keys = g_ptr_array_new_with_free_func(key_free);
    plan->certificates = g_ptr_array_new_with_free_func(spec_free);
    plan->parties = g_ptr_array_new_with_free_func(plan_party_free);
    plan->attacks = g_ptr_array_new_with_free_func(attack_free);
    plan->rules = g_ptr_array_new_with_free_func(rule_free);
    plan->acts = g_ptr_array_new_with_free_func(act_free);
    plan->expects = g_ptr_array_new_with_free_func(expect_free);
    return plan;
}

Plan *plan_new(void)
{
    Plan *plan = plan_empty();
    g_ptr_array_add(plan->parties, plan_party_new(PARTY_CLIENT, "client"));
    g_ptr_array_add(plan->parties, plan_party_new(PARTY_SERVER, "server"));
    return plan;
}

void plan_free(Plan *plan)
{
    if (plan == NULL)
        return;
    g_free(plan->name);
    g_free(plan->title);
    g_free(plan->about);
    g_free(plan->spec);
    g_free(plan->text);
    g_ptr_array_unref(plan->keys);
    g_ptr_array_unref(plan->certificates);
    g_ptr_array_unref(plan->parties);
    g_ptr_array_unref(plan->attacks);
    g_ptr_array_unref(plan->rules);
    g_ptr_array_unref(plan->acts);
    g_ptr_array_unref(plan->expects);
    g_free(plan);
}

PlanRule *plan_rule_new(void)
{
    PlanRule *rule = g_new0(PlanRule, 1);
    rule->message = MESSAGE_NONE;
    return rule;
}

PlanAct *plan_act_new(ActKind kind)
{
    PlanAct *act = g_new0(PlanAct, 1);
    act->kind = kind;
    return act;
}

PlanExpect *plan_expect_new(ExpectKind kind)
{
    PlanExpect *expect = g_new0(PlanExpect, 1);
    expect->kind = kind;
    return expect;
}

PlanAttack *plan_attack_new(const char *name)
{
    PlanAttack *attack = g_new0(PlanAttack, 1);
    attack->name = g_strdup(name);
    attack->trusts = g_ptr_array_new_with_free_func(g_free);
    return attack;
}

void plan_add_key(Plan *plan, const char *name, GBytes *pem)
{
    PlanKey *key = g_new0(PlanKey, 1);
    key->name = g_strdup(name);
    key->pem = g_bytes_ref(pem);
    g_ptr_array_add(plan->keys, key);
}

PlanParty *plan_party(const Plan *plan, PartyKind kind)
{
    for (guint i = 0; i < plan->parties->len; i++) {
        PlanParty *party = g_ptr_array_index(plan->parties, i);
        if (party->kind == kind)
            return party;
    }
    return NULL;
}

PlanParty *plan_add_balancer(Plan *plan)
{
    PlanParty *balancer = plan_party(plan, PARTY_PROXY);
    if (balancer != NULL)
        return balancer;
    balancer = plan_party_new(PARTY_PROXY, "balancer");
    g_ptr_array_insert(plan->parties, 1, balancer);
    return balancer;
}

const CertificateSpec *plan_certificate(const Plan *plan, const char *name)
{
    for (guint i = 0; i < plan->certificates->len; i++) {
        const CertificateSpec *spec = g_ptr_array_index(plan->certificates, i);
        if (g_strcmp0(spec->name, name) == 0)
            return spec;
    }
    return NULL;
}

const PlanKey *plan_key(const Plan *plan, const char *name)
{
    for (guint i = 0; i < plan->keys->len; i++) {
        const PlanKey *key = g_ptr_array_index(plan->keys, i);
        if (g_strcmp0(key->name, name) == 0)
            return key;
    }
    return NULL;
}

static PlanAttack *attack_copy(const PlanAttack *attack)
{
    PlanAttack *copy = plan_attack_new(attack->name);
    copy->program = g_strdup(attack->program);
    copy->code = attack->code;
    copy->shows = g_strdup(attack->shows);
    copy->replaces = g_strdup(attack->replaces);
    copy->with = g_strdup(attack->with);
    copy->line = attack->line;
    plan_copy_names(copy->trusts, attack->trusts);
    return copy;
}

static void copy_run(Plan *copy, const Plan *plan)
{
    for (guint i = 0; i < plan->rules->len; i++) {
        const PlanRule *rule = g_ptr_array_index(plan->rules, i);
        PlanRule *twin = plan_rule_new();
        *twin = *rule;
        edit_copy(&twin->edit, &rule->edit);
        twin->text = g_strdup(rule->text);
        g_ptr_array_add(copy->rules, twin);
    }
    for (guint i = 0; i < plan->acts->len; i++) {
        const PlanAct *act = g_ptr_array_index(plan->acts, i);
        PlanAct *twin = plan_act_new(act->kind);
        *twin = *act;
        twin->text = g_strdup(act->text);
        g_ptr_array_add(copy->acts, twin);
    }
    for (guint i = 0; i < plan->expects->len; i++) {
        const PlanExpect *expect = g_ptr_array_index(plan->expects, i);
        PlanExpect *twin = plan_expect_new(expect->kind);
        *twin = *expect;
        twin->text = g_strdup(expect->text);
        twin->words = g_strdup(expect->words);
        twin->checks = expect->checks == NULL ? NULL : g_array_copy(expect->checks);
        g_ptr_array_add(copy->expects, twin);
    }
}

Plan *plan_copy(const Plan *plan)
{
    Plan *copy = plan_empty();
    copy->name = g_strdup(plan->name);
    copy->title = g_strdup(plan->title);
    copy->about = g_strdup(plan->about);
    copy->spec = g_strdup(plan->spec);
    copy->text = g_strdup(plan->text);
    copy->clock = plan->clock;
    copy->seed = plan->seed;
    copy->network = plan->network;
    for (guint i = 0; i < plan->attacks->len; i++)
        g_ptr_array_add(copy->attacks, attack_copy(g_ptr_array_index(plan->attacks, i)));
    for (guint i = 0; i < plan->keys->len; i++) {
        const PlanKey *key = g_ptr_array_index(plan->keys, i);
        plan_add_key(copy, key->name, key->pem);
    }
    for (guint i = 0; i < plan->certificates->len; i++)
        g_ptr_array_add(copy->certificates,
                        certificate_spec_copy(g_ptr_array_index(plan->certificates, i)));
    for (guint i = 0; i < plan->parties->len; i++)
        g_ptr_array_add(copy->parties, plan_party_copy(g_ptr_array_index(plan->parties, i)));
    copy_run(copy, plan);
    return copy;
}

const char *end_state_name(EndState end)
{
    static const char *const names[] = {
        [END_CONNECTED] = "connected",
        [END_CLOSED] = "closed",
        [END_FAILED] = "failed",
        [END_TIMED_OUT] = "timed out",
    };
    return names[end];
}
