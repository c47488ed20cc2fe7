/* shakedown list: what is built in, by subject, in the order of the lessons.
 *
 * For people with titles; `--names` for shells, `--json` for other programs. Titles and versions
 * come from the scenarios themselves, which are read for it, and not run.
 */
#include <string.h>

#include "core/crypto/version.h"
#include "scenarios/catalogue.h"
#include "scenarios/cli/command.h"
#include "scenarios/cli/input.h"
#include "scenarios/cli/terminal.h"
#include "viz/text.h"

static struct {
    gboolean names, json, cases;
    Look look;
} options;

static const GOptionEntry entries[] = {
    {"names", 0, 0, G_OPTION_ARG_NONE, &options.names, "Print names alone, one a line", NULL},
    {"cases", 'c', 0, G_OPTION_ARG_NONE, &options.cases, "Name the cases of each scenario too",
     NULL},
    {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json,
     "Print an object a line: name, title, about, subject, rfc, versions, cases", NULL},
    LOOK_OPTIONS(options.look),
    {NULL},
};

static GOptionContext *context(void)
{
    return command_context(
        NULL, "Lists the scenarios that are built in.", entries,
        "Examples:\n"
        "  shakedown list\n"
        "  shakedown list --cases\n"
        "  shakedown run --tap $(shakedown list --names)\n"
        "  shakedown list --json | jq -r 'select(.subject == \"attacks\").name'");
}

/* The versions on which both sides could meet, in one of the runs at least. */
static bool can_meet(const Input *input, ProtocolVersion version)
{
    for (guint i = 0; i < input_count(input); i++) {
        const Plan *plan = input_plan(input, i);
        const PlanParty *client = plan_party(plan, PARTY_CLIENT);
        const PlanParty *server = plan_party(plan, PARTY_SERVER);
        if (version >= MAX(client->first, server->first) &&
            version <= MIN(client->last, server->last))
            return true;
    }
    return false;
}

static void append_json_text(GString *text, const char *value)
{
    g_string_append_c(text, '"');
    for (const char *at = value == NULL ? "" : value; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            g_string_append_printf(text, "\\%c", *at);
        else if ((guchar)*at < 0x20)
            g_string_append_printf(text, "\\u%04x", (guchar)*at);
        else
            g_string_append_c(text, *at);
    }
    g_string_append_c(text, '"');
}

static void append_json_member(GString *text, const char *name, const char *value)
{
    g_string_append_printf(text, "\"%s\":", name);
    append_json_text(text, value);
    g_string_append_c(text, ',');
}

static void append_json(GString *text, const Input *input, const char *subject)
{
    const Plan *base = input->scenario->base;
    const char *comma = "";
    g_string_append_c(text, '{');
    append_json_member(text, "name", input->scenario->name);
    append_json_member(text, "title", input->scenario->title);
    append_json_member(text, "about", base->about);
    append_json_member(text, "subject", subject);
    append_json_member(text, "rfc", base->spec);
    g_string_append(text, "\"versions\":[");
    for (size_t i = 0; i < version_count(); i++) {
        const Version *version = version_at(i);
        if (!can_meet(input, version->number))
            continue;
        g_string_append(text, comma);
        append_json_text(text, version->name);
        comma = ",";
    }
    g_string_append(text, "],\"cases\":[");
    for (guint i = 0; i < input->scenario->cases->len; i++) {
        g_string_append(text, i > 0 ? "," : "");
        append_json_text(text, input_case(g_ptr_array_index(input->scenario->cases, i)));
    }
    g_string_append(text, "]}\n");
}

/* Of the longest name, so that the titles stand below each other. */
static int name_width(void)
{
    size_t width = 0;
    for (guint i = 0; i < catalogue_count(); i++)
        width = MAX(width, strlen(catalogue_name(i)));
    return (int)width;
}

static void append_text(GString *text, const Input *input, const char *subject, const char *before)
{
    guint cases = input->scenario->cases->len;
    if (g_strcmp0(subject, before) != 0)
        g_string_append_printf(text, "%s%s\n", before == NULL ? "" : "\n", subject);
    g_autofree char *count = cases == 0 ? g_strdup("") : g_strdup_printf(" (%u cases)", cases);
    g_autofree char *line = g_strdup_printf("  %-*s %s%s", name_width(), input->scenario->name,
                                            input->scenario->title, count);
    g_autofree char *plain = text_plain(line, terminal_utf8(&options.look));
    g_string_append_printf(text, "%s\n", plain);
    for (guint i = 0; options.cases && i < cases; i++) {
        const Plan *plan = g_ptr_array_index(input->scenario->cases, i);
        g_autofree char *target = input_target(input, plan);
        g_string_append_printf(text, "    %s\n", target);
    }
}

static Status play(char **names)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *before = NULL;
    if (*names != NULL)
        return complain_usage("list", "it takes no names; `shakedown show %s` shows one", *names);
    if (options.names && (options.json || options.cases))
        return complain_usage("list", "--names prints names alone: leave out the other option");
    for (guint i = 0; i < catalogue_count(); i++) {
        if (options.names) {
            g_string_append_printf(text, "%s\n", catalogue_name(i));
            continue;
        }
        Status status = STATUS_HELD;
        g_autoptr(Input) input = input_open(catalogue_name(i), &status);
        if (input == NULL)
            return status;
        if (options.json)
            append_json(text, input, catalogue_subject(i));
        else
            append_text(text, input, catalogue_subject(i), before);
        before = catalogue_subject(i);
    }
    return print_out(text->str);
}

const Verb verb_list = {"list", "lists the scenarios that are built in", context, play};
