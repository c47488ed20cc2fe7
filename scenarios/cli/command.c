/* What the verbs share: their table, how they say what is wrong, how they print.
 *
 * Complaints go to standard error and begin with the program's name; data goes to standard output
 * through output.c, which notices when nobody can take it. A verb's help is GOption's, with the
 * examples below. What a verb does is its own file's.
 */
#include "scenarios/cli/command.h"

#include <string.h>

#include "scenarios/cli/output.h"

static const Verb *const verbs[] = {
    &verb_run, &verb_draw, &verb_check, &verb_show,    &verb_list,
    &verb_new, &verb_read, &verb_serve, &verb_connect, &verb_relay,
};

const Verb *const *verbs_table(size_t *count)
{
    *count = G_N_ELEMENTS(verbs);
    return verbs;
}

const char **verb_names(void)
{
    const char **names = g_new0(const char *, G_N_ELEMENTS(verbs) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        names[i] = verbs[i]->name;
    return names;
}

char *verb_help(const Verb *verb)
{
    g_autofree char *name = g_strdup_printf("shakedown %s", verb->name);
    g_autoptr(GOptionContext) context = verb->context();
    g_set_prgname(name); /* stands in the usage line */
    char *help = g_option_context_get_help(context, TRUE, NULL);
    g_set_prgname("shakedown");
    return help;
}

GOptionContext *command_context(const char *takes, const char *about, const GOptionEntry *entries,
                                const char *examples)
{
    GOptionContext *context = g_option_context_new(takes);
    g_option_context_set_summary(context, about);
    g_option_context_set_description(context, examples);
    g_option_context_set_help_enabled(context, FALSE); /* it would not notice a full disk */
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_printerr("shakedown: %s\n", text);
}

Status complain_usage(const char *verb, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_printerr("shakedown %s: %s\n(`shakedown %s --help` tells more)\n", verb, text, verb);
    return STATUS_USAGE;
}

Status complain_error(GError *error)
{
    complain("%s", error->message);
    g_error_free(error);
    return STATUS_ENVIRONMENT;
}

Status print_out(const char *text)
{
    g_autoptr(GError) error = NULL;
    if (output_stdout(text, strlen(text), &error))
        return STATUS_HELD;
    return complain_error(g_steal_pointer(&error));
}
