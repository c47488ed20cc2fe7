/* shakedown show: a scenario with all its defaults said, or one of the program's own tables.
 *
 * What is printed of a scenario reads back to the same one. Tables are in topics.c; here it is
 * found out which of both is meant, and characters are fitted to the terminal.
 */
#include <string.h>

#include "scenarios/catalogue.h"
#include "scenarios/cli/command.h"
#include "scenarios/cli/input.h"
#include "scenarios/cli/terminal.h"
#include "scenarios/cli/topics.h"
#include "viz/text.h"

static struct {
    gboolean names;
    Look look;
} options;

static const GOptionEntry entries[] = {
    {"names", 0, 0, G_OPTION_ARG_NONE, &options.names, "Print the names of the tables alone", NULL},
    LOOK_OPTIONS(options.look),
    {NULL},
};

static GOptionContext *context(void)
{
    size_t count = 0;
    const Topic *topics = topics_table(&count);
    g_autoptr(GString) more = g_string_new("Tables:\n");
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(more, "  %-14s %s\n", topics[i].name, topics[i].about);
    g_string_append(more, "\n"
                          "Examples:\n"
                          "  shakedown show normal\n"
                          "  shakedown show bad-certificate/expired > mine.scn\n"
                          "  shakedown show presets\n"
                          "  shakedown show statements | less");
    return command_context(
        "NAME|FILE|-|TABLE",
        "Prints a scenario in its canonical form with every default said, or a table.", entries,
        more->str);
}

static Status list_topics(void)
{
    size_t count = 0;
    const Topic *topics = topics_table(&count);
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(text, "%s\n", topics[i].name);
    return print_out(text->str);
}

static Status show_topic(const Topic *topic)
{
    bool utf8 = terminal_utf8(&options.look);
    g_autoptr(GString) text = g_string_new(NULL);
    topic->print(text);
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
    g_string_truncate(text, 0);
    for (char **line = lines; *line != NULL; line++) {
        g_autofree char *plain = text_plain(*line, utf8);
        g_string_append_printf(text, "%s%s", g_strchomp(plain), line[1] == NULL ? "" : "\n");
    }
    return print_out(text->str);
}

static Status show_scenario(const char *name)
{
    Status status = STATUS_HELD;
    g_autoptr(Input) input = input_open(name, &status);
    if (input == NULL)
        return status;
    g_autofree char *text =
        input->only != NULL ? plan_print(input->only) : scenario_print(input->scenario);
    return print_out(text);
}

static Status play(char **names)
{
    if (options.names)
        return list_topics();
    if (*names == NULL || names[1] != NULL)
        return complain_usage("show", "it shows one scenario or one table: try `shakedown show "
                                      "normal` or `shakedown show suites`");
    const Topic *topic = topic_find(*names);
    return topic != NULL ? show_topic(topic) : show_scenario(*names);
}

const Verb verb_show = {"show", "prints a scenario with its defaults, or a table", context, play};
