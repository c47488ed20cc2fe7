/* What can be decided about a plan before it runs.
 *
 * Names that must exist, issuers that must end, rules that the conversation list rules out: refused
 * here, with a sentence that teaches and the line that it is about, so that a run never fails for a
 * slip of the pen. What only a run can tell (a rule that never fired) is the verdict's.
 */
#include "sim/plan.h"

#include <string.h>

#include "core/crypto/algorithm.h"
#include "core/crypto/group.h"
#include "core/crypto/scheme.h"
#include "core/crypto/suite.h"
#include "sim/speaker.h"

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

/* Whether some certificate can be signed so: no RSA-PSS with MD5, no EC key by MD5 (RFC 3279, RFC
 * 5758, RFC 8446 4.2.3). What everybody uses is not tried: a key is read for it. */
static bool check_signature(const Plan *plan, const CertificateSpec *spec, char **why, int *line)
{
    const CertificateSpec *issuer = plan_certificate(plan, spec->issuer);
    const PlanKey *key =
        plan_key(plan, spec->signed_by == NULL && issuer != NULL ? issuer->key : spec->signed_by);
    if ((!spec->pss && spec->hash == HASH_SHA256) || key == NULL)
        return true;
    Fault fault = FAULT_INIT;
    g_autoptr(PrivateKey) signer = private_key_from_pem(bytes_from_gbytes(key->pem), &fault);
    g_autoptr(PublicKey) half = signer == NULL ? NULL : private_key_public(signer);
    if (half != NULL && signature_algorithm_of_key(half, spec->pss, spec->hash, &fault) != NULL)
        return true;
    return refuse(why, line, spec->line, "certificate %s: %s", spec->name, fault.sentence);
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
    return check_signature(plan, spec, why, line);
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

/* Whether one of its suites can only be used by a server that shows a certificate. A suite of TLS
 * 1.3 can do without where both sides have a key already (RFC 8446 2.2). */
static bool needs_certificate(const PlanParty *server)
{
    for (guint i = 0; i < server->suites->len; i++) {
        const Suite *suite = suite_find(g_array_index(server->suites, SuiteNumber, i));
        if (suite == NULL || suite->first > server->last || suite->last < server->first)
            continue;
        switch (key_exchange(suite->key_exchange)->authentication) {
        case AUTHENTICATION_NONE:
        case AUTHENTICATION_PSK:
            continue;
        case AUTHENTICATION_FREE:
            if (server->psks->len > 0)
                continue;
            return true;
        case AUTHENTICATION_RSA:
        case AUTHENTICATION_DSS:
        case AUTHENTICATION_ECDSA:
            return true;
        }
    }
    return false;
}

static bool check_numbers(const PlanParty *party, char **why, int *line)
{
    const GArray *groups[] = {party->groups, party->shares};
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
        for (guint j = 0; j < groups[i]->len; j++)
            if (group_find(g_array_index(groups[i], GroupNumber, j)) == NULL)
                return refuse(why, line, party->line, "%s: group %u does not run here", party->name,
                              g_array_index(groups[i], GroupNumber, j));
    for (guint i = 0; i < party->shares->len; i++) {
        GroupNumber share = g_array_index(party->shares, GroupNumber, i);
        bool offered = party->groups->len == 0;
        for (guint j = 0; j < party->groups->len; j++)
            offered = offered || g_array_index(party->groups, GroupNumber, j) == share;
        if (!offered) /* RFC 8446 4.2.8 */
            return refuse(why, line, party->line,
                          "%s: a key share is of a group that is offered, and %s is not",
                          party->name, number_text(NUMBER_GROUP, share));
    }
    for (guint i = 0; i < party->schemes->len; i++)
        if (scheme_find(g_array_index(party->schemes, SchemeNumber, i)) == NULL)
            return refuse(why, line, party->line, "%s: signature scheme 0x%04x does not run here",
                          party->name, g_array_index(party->schemes, SchemeNumber, i));
    for (guint i = 0; i < party->psks->len; i++) {
        const PlanPsk *psk = g_ptr_array_index(party->psks, i);
        if (g_bytes_get_size(psk->key) == 0 || *psk->identity == '\0')
            return refuse(why, line, psk->line, "%s: a pre-shared key has an identity and bytes",
                          party->name);
    }
    return true;
}

static bool check_party(const Plan *plan, const PlanParty *party, char **why, int *line)
{
    if (party->shows != NULL && plan_certificate(plan, party->shows) == NULL)
        return refuse(why, line, party->line, "%s shows \"%s\", which is no certificate here",
                      party->name, party->shows);
    if (party->kind != PARTY_CLIENT && party->shows == NULL && needs_certificate(party))
        return refuse(why, line, party->line,
                      "the %s shows no certificate, and its suites need one; those with anon "
                      "or PSK in their name do not",
                      party->name);
    if (party->shows == NULL && party->also_shows->len > 0)
        return refuse(why, line, party->line, "%s also shows a certificate, but shows none first",
                      party->name);
    for (guint i = 0; i < party->also_shows->len; i++)
        if (plan_certificate(plan, g_ptr_array_index(party->also_shows, i)) == NULL)
            return refuse(why, line, party->line,
                          "%s also shows \"%s\", which is no certificate here", party->name,
                          (const char *)g_ptr_array_index(party->also_shows, i));
    if (party->uses_key != NULL && plan_key(plan, party->uses_key) == NULL)
        return refuse(why, line, party->line, "%s: no key is called \"%s\"", party->name,
                      party->uses_key);
    if (party->temporary_key != NULL && plan_key(plan, party->temporary_key) == NULL)
        return refuse(why, line, party->line, "%s: no key is called \"%s\"", party->name,
                      party->temporary_key);
    if (party->early_data != NULL && party->last < VERSION_TLS_1_3)
        return refuse(
            why, line, party->line,
            "the %s has early data, which is TLS 1.3's (RFC 8446 2.3), and speaks no more "
            "than %s",
            party->name, number_text(NUMBER_VERSION, party->last));
    if (party->first > party->last)
        return refuse(why, line, party->line, "%s: versions go from the oldest to the newest",
                      party->name);
    if (party->suites->len == 0)
        return refuse(why, line, party->line, "%s has no cipher suites", party->name);
    return check_names(plan, party->trusts, party->name, party->line, why, line) &&
           check_numbers(party, why, line);
}

/* Who is not our engine can be told less. */
static bool check_speaker(const Plan *plan, const PlanParty *party, char **why, int *line)
{
    const PlanParty *balancer = plan_party(plan, PARTY_PROXY);
    if (party->source == NULL)
        return true;
    if (party->kind == PARTY_SERVER && balancer != NULL && balancer->behind_plain_text)
        return refuse(why, line, party->line,
                      "the server is %s, and behind the balancer no TLS is spoken",
                      party->source->name);
    *line = party->line;
    return party->source->check == NULL || party->source->check(party, why);
}

/* Whether a connection of these two can be of that family: by the versions that they have in
 * common, or, where they have none, by those that the speaker has. */
static bool pair_possible(const PlanParty *client, const PlanParty *server, Family family,
                          Role from)
{
    ProtocolVersion first = MAX(client->first, server->first);
    ProtocolVersion last = MIN(client->last, server->last);
    const PlanParty *speaker = from == ROLE_CLIENT ? client : server;
    if (first > last) {
        first = speaker->first;
        last = speaker->last;
    }
    return family_of(first) <= family && family <= family_of(last);
}

/* Whether a conversation of this plan can be of that family. A balancer has one on each side. */
static bool family_possible(const Plan *plan, Family family, Role from)
{
    const PlanParty *client = plan_party(plan, PARTY_CLIENT);
    const PlanParty *server = plan_party(plan, PARTY_SERVER);
    const PlanParty *balancer = plan_party(plan, PARTY_PROXY);
    if (family == FAMILY_TLS13_POST)
        family = FAMILY_TLS13;
    if (balancer == NULL)
        return pair_possible(client, server, family, from);
    return pair_possible(client, balancer, family, from) ||
           (!balancer->behind_plain_text && pair_possible(balancer, server, family, from));
}

/* Whether a list lets that side say the message in the clear. */
static bool said_in_clear(const Plan *plan, MessageKind message, Role from)
{
    for (Family family = 0; family < FAMILIES; family++) {
        const Conversation *conversation = conversation_of(family);
        for (size_t i = 0; i < conversation->count && family_possible(plan, family, from); i++) {
            const Step *step = &conversation->steps[i];
            if (step->message == message && step->from == from && step->under == UNDER_CURRENT &&
                family != FAMILY_TLS13_POST)
                return true;
        }
    }
    return message == MESSAGE_ALERT || message == MESSAGE_CHANGE_CIPHER_SPEC;
}

static bool step_listed(const Step *steps, size_t count, MessageKind message, Role from)
{
    for (size_t i = 0; i < count; i++)
        if (steps[i].message == message && steps[i].from == from)
            return true;
    return false;
}

static bool said_at_all(const Plan *plan, MessageKind message, Role from)
{
    for (Family family = 0; family < FAMILIES; family++) {
        const Conversation *conversation = conversation_of(family);
        size_t count = 0;
        const Step *established = conversation_established(family, &count);
        if (family_possible(plan, family, from) &&
            (step_listed(conversation->steps, conversation->count, message, from) ||
             step_listed(established, count, message, from)))
            return true;
    }
    return message == MESSAGE_CHANGE_CIPHER_SPEC;
}

static bool refuse_unsaid(const Plan *plan, MessageKind message, Role from, int at, char **why,
                          int *line)
{
    bool only_ssl2 =
        !family_possible(plan, FAMILY_SSL3, from) && !family_possible(plan, FAMILY_TLS13, from);
    return refuse(why, line, at, "the %s never says %s%s", role_name(from), message_name(message),
                  only_ssl2 ? ": SSL 2.0 has messages of its own, such as CLIENT-HELLO" : "");
}

/* What a party changes of its own, it must say. */
static bool check_own_rules(const Plan *plan, const PlanParty *party, char **why, int *line)
{
    Role from = party->kind == PARTY_CLIENT ? ROLE_CLIENT : ROLE_SERVER;
    for (guint i = 0; i < party->edits->len; i++) {
        const PlanOwnEdit *own = &g_array_index(party->edits, PlanOwnEdit, i);
        if (own->message != MESSAGE_ALERT && !said_at_all(plan, own->message, from))
            return refuse_unsaid(plan, own->message, from, own->line, why, line);
    }
    return true;
}

static bool check_rule(const Plan *plan, const PlanRule *rule, char **why, int *line)
{
    if (rule->message == MESSAGE_NONE) {
        if (rule->action == ACTION_EDIT && rule->edit.path != NULL)
            return refuse(why, line, rule->line,
                          "a protected record has no fields for the network to see: flip a bit of "
                          "it, cut, drop or delay it; or let the %s itself change the message",
                          role_name(rule->from));
        return true;
    }
    if (!said_at_all(plan, rule->message, rule->from))
        return refuse_unsaid(plan, rule->message, rule->from, rule->line, why, line);
    if (said_in_clear(plan, rule->message, rule->from))
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

/* What nobody is there to do is not expected of him: it would hold without having been tried. */
static bool check_expect(const Plan *plan, const PlanExpect *expect, char **why, int *line)
{
    if (expect->who == EXPECT_OF_LISTENER && plan->network.tap == TAP_NONE)
        return refuse(why, line, expect->line,
                      "nobody listens here: say \"tap listens\" under network");
    if (expect->who == EXPECT_OF_ATTACKER && plan->attacks->len == 0)
        return refuse(why, line, expect->line,
                      "there is no attacker here: see `shakedown show "
                      "attacks`");
    if (expect->kind == EXPECT_ERROR && plan->attacks->len == 0 &&
        !family_possible(plan, FAMILY_SSL2, ROLE_CLIENT) &&
        !family_possible(plan, FAMILY_SSL2, ROLE_SERVER))
        return refuse(why, line, expect->line,
                      "errors are SSL 2.0's, which is not spoken here; say which alert is sent");
    return true;
}

bool plan_check(const Plan *plan, char **why, int *line)
{
    for (guint i = 0; i < plan->certificates->len; i++)
        if (!check_certificate(plan, g_ptr_array_index(plan->certificates, i), why, line))
            return false;
    for (guint i = 0; i < plan->parties->len; i++)
        if (!check_party(plan, g_ptr_array_index(plan->parties, i), why, line) ||
            !check_speaker(plan, g_ptr_array_index(plan->parties, i), why, line))
            return false;
    for (guint i = 0; i < plan->rules->len; i++)
        if (!check_rule(plan, g_ptr_array_index(plan->rules, i), why, line))
            return false;
    for (guint i = 0; i < plan->attacks->len; i++)
        if (!check_attack(plan, g_ptr_array_index(plan->attacks, i), why, line))
            return false;
    for (guint i = 0; i < plan->parties->len; i++)
        if (!check_own_rules(plan, g_ptr_array_index(plan->parties, i), why, line))
            return false;
    for (guint i = 0; i < plan->expects->len; i++)
        if (!check_expect(plan, g_ptr_array_index(plan->expects, i), why, line))
            return false;
    return true;
}
