/* What can be decided about a plan before it runs.
 *
 * Names that must exist, issuers that must end, rules that the conversation list rules out: refused
 * here, with a sentence that teaches and the line that it is about, so that a run never fails for a
 * slip of the pen. What only a run can tell (a rule that never fired) is the verdict's.
 */
#include "sim/plan.h"

#include <string.h>

static bool refuse(char **why, int *line, int at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool refuse(char **why, int *line, int at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    *why = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    *line = at;
    return false;
}

/* A certificate's key, signer and issuers; issuers must end in one that is its own. */
static bool check_certificate(const Plan *plan, const CertificateSpec *spec, char **why, int *line)
{
    if (plan_key(plan, spec->key) == NULL)
        return refuse(why, line, spec->line, "certificate %s: no key is called \"%s\"", spec->name,
                      spec->key);
    if (spec->signed_by != NULL && plan_key(plan, spec->signed_by) == NULL)
        return refuse(why, line, spec->line, "certificate %s: no key is called \"%s\"", spec->name,
                      spec->signed_by);
    if (spec->not_after < spec->not_before)
        return refuse(why, line, spec->line, "certificate %s ends before it begins", spec->name);
    const CertificateSpec *at = spec;
    for (guint steps = 0; g_strcmp0(at->issuer, at->name) != 0; steps++) {
        const CertificateSpec *issuer = plan_certificate(plan, at->issuer);
        if (issuer == NULL)
            return refuse(why, line, at->line, "certificate %s: its issuer \"%s\" is not declared",
                          at->name, at->issuer);
        if (steps > plan->certificates->len)
            return refuse(why, line, spec->line,
                          "certificate %s: its issuers go round in a loop; one of them must be "
                          "its own issuer",
                          spec->name);
        at = issuer;
    }
    return true;
}

static bool check_names(const Plan *plan, const GPtrArray *names, const char *who, int at,
                        char **why, int *line)
{
    for (guint i = 0; i < names->len; i++)
        if (plan_certificate(plan, g_ptr_array_index(names, i)) == NULL)
            return refuse(why, line, at, "%s trusts \"%s\", which is no certificate here", who,
                          (const char *)g_ptr_array_index(names, i));
    return true;
}

static bool check_party(const Plan *plan, const PlanParty *party, char **why, int *line)
{
    if (party->shows != NULL && plan_certificate(plan, party->shows) == NULL)
        return refuse(why, line, party->line, "%s shows \"%s\", which is no certificate here",
                      party->name, party->shows);
    if (party->kind == PARTY_SERVER && party->shows == NULL)
        return refuse(why, line, party->line, "the server shows no certificate");
    if (party->uses_key != NULL && plan_key(plan, party->uses_key) == NULL)
        return refuse(why, line, party->line, "%s: no key is called \"%s\"", party->name,
                      party->uses_key);
    if (party->temporary_key != NULL && plan_key(plan, party->temporary_key) == NULL)
        return refuse(why, line, party->line, "%s: no key is called \"%s\"", party->name,
                      party->temporary_key);
    if (party->first > party->last)
        return refuse(why, line, party->line, "%s: versions go from the oldest to the newest",
                      party->name);
    if (party->suites->len == 0)
        return refuse(why, line, party->line, "%s has no cipher suites", party->name);
    return check_names(plan, party->trusts, party->name, party->line, why, line);
}

/* Whether the conversation list lets that side say the message in the clear. */
static bool said_in_clear(MessageKind message, Role from)
{
    const Conversation *conversation = conversation_ssl3_to_tls12();
    for (size_t i = 0; i < conversation->count; i++)
        if (conversation->steps[i].message == message && conversation->steps[i].from == from)
            return conversation->steps[i].under == UNDER_CURRENT;
    return message == MESSAGE_ALERT;
}

static bool said_at_all(MessageKind message, Role from)
{
    const Conversation *conversation = conversation_ssl3_to_tls12();
    size_t count = 0;
    const Step *established = conversation_established(&count);
    for (size_t i = 0; i < conversation->count; i++)
        if (conversation->steps[i].message == message && conversation->steps[i].from == from)
            return true;
    for (size_t i = 0; i < count; i++)
        if (established[i].message == message && established[i].from == from)
            return true;
    return false;
}

static bool check_rule(const PlanRule *rule, char **why, int *line)
{
    if (rule->message == MESSAGE_NONE) {
        if (rule->action == ACTION_EDIT && rule->edit.path != NULL)
            return refuse(why, line, rule->line,
                          "a protected record has no fields for the network to see: flip a bit of "
                          "it, cut, drop or delay it; or let the %s itself change the message",
                          role_name(rule->from));
        return true;
    }
    if (!said_at_all(rule->message, rule->from))
        return refuse(why, line, rule->line, "the %s never says %s", role_name(rule->from),
                      message_name(rule->message));
    if (said_in_clear(rule->message, rule->from))
        return true;
    return refuse(why, line, rule->line,
                  "%s travels under keys: the network sees only a protected record; name it by "
                  "its place, such as \"1st protected record from %s\"",
                  message_name(rule->message), role_name(rule->from));
}

static bool check_attack(const Plan *plan, const PlanAttack *attack, char **why, int *line)
{
    if (attack->code == NULL)
        return refuse(why, line, attack->line, "no attack program is called \"%s\"",
                      attack->program);
    if (attack->shows == NULL || plan_certificate(plan, attack->shows) == NULL)
        return refuse(why, line, attack->line, "the attacker shows no certificate");
    return check_names(plan, attack->trusts, "the attacker", attack->line, why, line);
}

bool plan_check(const Plan *plan, char **why, int *line)
{
    for (guint i = 0; i < plan->certificates->len; i++)
        if (!check_certificate(plan, g_ptr_array_index(plan->certificates, i), why, line))
            return false;
    for (guint i = 0; i < plan->parties->len; i++)
        if (!check_party(plan, g_ptr_array_index(plan->parties, i), why, line))
            return false;
    for (guint i = 0; i < plan->rules->len; i++)
        if (!check_rule(g_ptr_array_index(plan->rules, i), why, line))
            return false;
    for (guint i = 0; i < plan->attacks->len; i++)
        if (!check_attack(plan, g_ptr_array_index(plan->attacks, i), why, line))
            return false;
    return true;
}
