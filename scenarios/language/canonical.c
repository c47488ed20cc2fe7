/* Plans into text: the canonical form, with every default said.
 *
 * The table of statements prints itself, section by section. What is printed reads back to the same
 * plan. A scenario with cases is printed as its base and, for each case, what is different from it.
 * Of the laboratory's own certificates those are left out that nobody uses and nobody has changed.
 */
#include <string.h>

#include "scenarios/language/defaults.h"
#include "scenarios/language/parser.h"
#include "scenarios/language/scenario.h"

/* One section of a plan as text. */
typedef struct {
    char *header;     /* "certificate www" */
    GPtrArray *lines; /* of char *: statements, without indent */
    bool whole;       /* a case repeats all of it or nothing (expect) */
} Section;

static void section_free(gpointer data)
{
    Section *section = data;
    g_free(section->header);
    g_ptr_array_unref(section->lines);
    g_free(section);
}

static Section *add_section(GPtrArray *sections, const Plan *plan, SectionKind kind,
                            const void *subject, char *header)
{
    Section *section = g_new0(Section, 1);
    size_t count = 0;
    const StatementRow *rows = statements_table(&count);
    section->header = header;
    section->whole = kind == SECTION_EXPECT;
    section->lines = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < count; i++)
        if ((rows[i].sections & 1u << kind) && rows[i].print != NULL)
            rows[i].print(plan, subject, section->lines);
    g_ptr_array_add(sections, section);
    return section;
}

static bool names_hold(const GPtrArray *names, const char *name)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)(uintptr_t)names, name, g_str_equal, NULL);
}

/* Whether a party, an attacker or another certificate names it. */
static bool certificate_used(const Plan *plan, const char *name)
{
    bool used = false;
    for (guint i = 0; i < plan->parties->len; i++) {
        const PlanParty *party = g_ptr_array_index(plan->parties, i);
        used = used || g_strcmp0(party->shows, name) == 0 || names_hold(party->trusts, name) ||
               names_hold(party->also_shows, name);
    }
    for (guint i = 0; i < plan->attacks->len; i++) {
        const PlanAttack *attack = g_ptr_array_index(plan->attacks, i);
        used = used || g_strcmp0(attack->shows, name) == 0 || names_hold(attack->trusts, name);
    }
    for (guint i = 0; i < plan->certificates->len; i++) {
        const CertificateSpec *spec = g_ptr_array_index(plan->certificates, i);
        used = used || (strcmp(spec->issuer, name) == 0 && strcmp(spec->name, name) != 0);
    }
    return used;
}

static void add_certificates(GPtrArray *sections, const Plan *plan)
{
    g_autoptr(Plan) standard = defaults_plan(NULL);
    for (guint i = 0; i < plan->certificates->len; i++) {
        const CertificateSpec *spec = g_ptr_array_index(plan->certificates, i);
        const CertificateSpec *own = plan_certificate(standard, spec->name);
        bool untouched = own != NULL && certificate_spec_equal(own, spec);
        if (!untouched || certificate_used(plan, spec->name))
            add_section(sections, plan, SECTION_CERTIFICATE, spec,
                        g_strdup_printf("certificate %s", spec->name));
    }
}

static GPtrArray *sections_of(const Plan *plan)
{
    GPtrArray *sections = g_ptr_array_new_with_free_func(section_free);
    g_autofree char *title = print_text(plan->title == NULL ? "" : plan->title);
    add_section(sections, plan, SECTION_SCENARIO, NULL, g_strdup_printf("scenario %s", title));
    add_certificates(sections, plan);
    add_section(sections, plan, SECTION_CLIENT, plan_party(plan, PARTY_CLIENT), g_strdup("client"));
    const PlanParty *balancer = plan_party(plan, PARTY_PROXY);
    if (balancer != NULL)
        add_section(sections, plan, SECTION_BALANCER, balancer, g_strdup("balancer"));
    add_section(sections, plan, SECTION_SERVER, plan_party(plan, PARTY_SERVER), g_strdup("server"));
    add_section(sections, plan, SECTION_NETWORK, NULL, g_strdup("network"));
    for (guint i = 0; i < plan->attacks->len; i++) {
        const PlanAttack *attack = g_ptr_array_index(plan->attacks, i);
        bool named = strcmp(attack->name, "attacker") != 0;
        add_section(sections, plan, SECTION_ATTACKER, attack,
                    g_strdup_printf("attacker %s%s%s", attack->program, named ? " as " : "",
                                    named ? attack->name : ""));
    }
    add_section(sections, plan, SECTION_PLAY, NULL, g_strdup("play"));
    add_section(sections, plan, SECTION_EXPECT, NULL, g_strdup("expect"));
    return sections;
}

static void append_line(GString *text, const char *indent, const char *line)
{
    g_auto(GStrv) parts = g_strsplit(line, "\n", -1);
    for (char **part = parts; *part != NULL; part++)
        g_string_append_printf(text, "%s%s%s\n", indent, part == parts ? "" : "           ", *part);
}

static void append_section(GString *text, const char *indent, const char *header,
                           const GPtrArray *lines)
{
    g_autofree char *deeper = g_strdup_printf("%s  ", indent);
    g_string_append_printf(text, "%s%s\n", indent, header);
    for (guint i = 0; i < lines->len; i++)
        append_line(text, deeper, g_ptr_array_index(lines, i));
}

char *plan_print(const Plan *plan)
{
    GString *text = g_string_new(NULL);
    g_autoptr(GPtrArray) sections = sections_of(plan);
    for (guint i = 0; i < sections->len; i++) {
        const Section *section = g_ptr_array_index(sections, i);
        if (i > 0)
            g_string_append_c(text, '\n');
        append_section(text, "", section->header, section->lines);
    }
    return g_string_free(text, FALSE);
}

static const Section *find_section(const GPtrArray *sections, const char *header)
{
    for (guint i = 0; i < sections->len; i++) {
        const Section *section = g_ptr_array_index(sections, i);
        if (strcmp(section->header, header) == 0)
            return section;
    }
    return NULL;
}

/* The lines of a case's section that its base does not have, each as often as it has it more. */
static GPtrArray *new_lines(const Section *section, const Section *base)
{
    GPtrArray *lines = g_ptr_array_new();
    g_autoptr(GPtrArray) left = g_ptr_array_new();
    for (guint i = 0; base != NULL && i < base->lines->len; i++)
        g_ptr_array_add(left, g_ptr_array_index(base->lines, i));
    for (guint i = 0; i < section->lines->len; i++) {
        char *line = g_ptr_array_index(section->lines, i);
        guint at = 0;
        if (g_ptr_array_find_with_equal_func(left, line, g_str_equal, &at))
            g_ptr_array_remove_index(left, at);
        else
            g_ptr_array_add(lines, line);
    }
    if ((lines->len > 0 || left->len > 0) && section->whole) { /* one that is gone counts, too */
        g_ptr_array_set_size(lines, 0);
        for (guint i = 0; i < section->lines->len; i++)
            g_ptr_array_add(lines, g_ptr_array_index(section->lines, i));
    }
    return lines;
}

char *plan_print_changes(const Plan *plan)
{
    GString *text = g_string_new(NULL);
    g_autoptr(Plan) standard = defaults_plan(NULL);
    g_autoptr(GPtrArray) base = sections_of(standard);
    g_autoptr(GPtrArray) sections = sections_of(plan);
    for (guint i = 0; i < sections->len; i++) {
        const Section *section = g_ptr_array_index(sections, i);
        g_autoptr(GPtrArray) lines = new_lines(section, find_section(base, section->header));
        if (lines->len == 0 && i > 0 && strcmp(section->header, "play") != 0)
            continue; /* a play of nothing is another than one that is not said */
        if (i > 0)
            g_string_append_c(text, '\n');
        append_section(text, "", section->header, lines);
    }
    return g_string_free(text, FALSE);
}

static void append_case(GString *text, const Plan *plan, const GPtrArray *base)
{
    g_autoptr(GPtrArray) sections = sections_of(plan);
    const char *slash = strrchr(plan->name, '/');
    g_autofree char *name = print_text(slash == NULL ? plan->name : slash + 1);
    g_string_append_printf(text, "\ncase %s\n", name);
    for (guint i = 0; i < sections->len; i++) {
        const Section *section = g_ptr_array_index(sections, i);
        g_autoptr(GPtrArray) lines = new_lines(section, find_section(base, section->header));
        if (lines->len == 0)
            continue;
        if (i > 0) {
            append_section(text, "  ", section->header, lines);
            continue;
        }
        for (guint j = 0; j < lines->len; j++) /* the head's statements stand alone in a case */
            append_line(text, "  ", g_ptr_array_index(lines, j));
    }
}

char *scenario_print(const Scenario *scenario)
{
    GString *text = g_string_new(NULL);
    g_autofree char *base = plan_print(scenario->base);
    g_autoptr(GPtrArray) sections = sections_of(scenario->base);
    g_string_append(text, base);
    for (guint i = 0; i < scenario->cases->len; i++)
        append_case(text, g_ptr_array_index(scenario->cases, i), sections);
    return g_string_free(text, FALSE);
}
