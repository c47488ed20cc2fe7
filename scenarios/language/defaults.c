/* What a scenario means by saying nothing.
 *
 * One honest client, one honest server, one CA that both trust, a certificate for the server and
 * one for a client that wants it: so that the shortest scenario is a whole handshake, and every
 * other says only what is different. The values are those that the table of statements documents.
 */
#include "scenarios/language/defaults.h"

#include "scenarios/catalogue.h"

enum {
    SPARE_KEYS = 8, /* rsa-2048-1 to -8 */
    OF_RSA = 3,     /* lab-root, www, alice */
    OF_THE_LAB = 8, /* and the same with keys of other kinds */
};

static int64_t day(int year, int month, int date, int hour, int minute, int second)
{
    g_autoptr(GDateTime) time = g_date_time_new_utc(year, month, date, hour, minute, second);
    return g_date_time_to_unix(time);
}

static void replace(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

CertificateSpec *defaults_add_certificate(Plan *plan, const char *name)
{
    CertificateSpec *spec = certificate_spec_new();
    g_autofree char *subject = g_strdup_printf("CN=%s,O=Lab", name);
    /* those of other kinds have keys of their own, and do not count */
    guint count = plan->certificates->len;
    guint position = count >= OF_THE_LAB ? count - (OF_THE_LAB - OF_RSA) : count;
    g_autofree char *key = g_strdup_printf("rsa-2048-%u", position % SPARE_KEYS + 1);
    replace(&spec->name, name);
    replace(&spec->subject, subject);
    replace(&spec->issuer, "lab-root");
    spec->not_before = day(2026, 1, 1, 0, 0, 0);
    spec->not_after = day(2026, 12, 31, 23, 59, 59);
    replace(&spec->names, "");
    replace(&spec->key, key);
    spec->usage = KEY_USAGE_SERVER;
    spec->hash = HASH_SHA256;
    g_ptr_array_add(plan->certificates, spec);
    return spec;
}

/* The same server and client, with keys of other kinds. */
static void add_other_kinds(Plan *plan)
{
    static const struct {
        const char *name, *subject, *host, *key;
        KeyUsage usage;
    } rows[] = {
        {"www-ecdsa", "CN=www.lab.example,O=Lab", "www.lab.example", "ec-p256-1",
         KEY_USAGE_SIGN_ONLY},
        {"www-ed25519", "CN=www.lab.example,O=Lab", "www.lab.example", "ed25519-1",
         KEY_USAGE_SIGN_ONLY},
        {"www-dss", "CN=www.lab.example,O=Lab", "www.lab.example", "dsa-2048-1",
         KEY_USAGE_SIGN_ONLY},
        {"www-pss", "CN=www.lab.example,O=Lab", "www.lab.example", "rsa-pss-2048-1",
         KEY_USAGE_SIGN_ONLY},
        {"alice-ecdsa", "CN=Alice,O=Lab", "", "ec-p256-2", KEY_USAGE_CLIENT},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        CertificateSpec *spec = defaults_add_certificate(plan, rows[i].name);
        replace(&spec->subject, rows[i].subject);
        replace(&spec->names, rows[i].host);
        replace(&spec->key, rows[i].key);
        spec->usage = rows[i].usage;
    }
}

static void add_certificates(Plan *plan)
{
    CertificateSpec *root = defaults_add_certificate(plan, "lab-root");
    replace(&root->subject, "CN=Lab Root CA,O=Lab");
    root->not_before = day(2020, 1, 1, 0, 0, 0);
    root->not_after = day(2039, 12, 31, 23, 59, 59);
    root->usage = KEY_USAGE_CA;
    root->authority = true;
    CertificateSpec *www = defaults_add_certificate(plan, "www");
    replace(&www->subject, "CN=www.lab.example,O=Lab");
    replace(&www->names, "www.lab.example");
    CertificateSpec *alice = defaults_add_certificate(plan, "alice");
    replace(&alice->subject, "CN=Alice,O=Lab");
    alice->usage = KEY_USAGE_CLIENT;
    add_other_kinds(plan);
    g_assert(plan->certificates->len == OF_THE_LAB);
}

Plan *defaults_plan(const char *name)
{
    Plan *plan = plan_new();
    plan->name = g_strdup(name);
    plan->clock = day(2026, 3, 1, 9, 0, 0);
    for (guint i = 0; i < pki_count(); i++) {
        g_autoptr(GBytes) pem = pki_pem(i);
        plan_add_key(plan, pki_name(i), pem);
    }
    add_certificates(plan);
    PlanParty *client = plan_party(plan, PARTY_CLIENT);
    PlanParty *server = plan_party(plan, PARTY_SERVER);
    client->first = server->first = VERSION_TLS_1_0;
    client->expects = g_strdup("www.lab.example");
    client->server_name = g_strdup("www.lab.example");
    g_ptr_array_add(client->trusts, g_strdup("lab-root"));
    server->shows = g_strdup("www");
    server->temporary_key = g_strdup("rsa-512-1");
    g_ptr_array_add(server->trusts, g_strdup("lab-root"));
    return plan;
}

PlanParty *defaults_balancer(Plan *plan)
{
    bool there = plan_party(plan, PARTY_PROXY) != NULL;
    PlanParty *balancer = plan_add_balancer(plan);
    if (there)
        return balancer;
    balancer->first = VERSION_TLS_1_0;
    balancer->expects = g_strdup("www.lab.example");
    balancer->server_name = g_strdup("www.lab.example");
    balancer->shows = g_strdup("www");
    balancer->temporary_key = g_strdup("rsa-512-1");
    g_ptr_array_add(balancer->trusts, g_strdup("lab-root"));
    return balancer;
}

void defaults_fill(Plan *plan, bool seen_play, bool seen_expect)
{
    if (!seen_play) {
        PlanAct *act = plan_act_new(ACT_REQUEST);
        act->who = ROLE_CLIENT;
        act->text = g_strdup("/");
        g_ptr_array_add(plan->acts, act);
    }
    if (!seen_expect) {
        PlanExpect *expect = plan_expect_new(EXPECT_STATE);
        expect->who = EXPECT_OF_BOTH;
        expect->end = END_CONNECTED;
        g_ptr_array_add(plan->expects, expect);
    }
}
