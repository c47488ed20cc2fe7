/* shakedown: the door. It finds the verb, reads its options, and hands over.
 *
 * Each verb has its options, its help and its work in a file of its own; here is only what stands
 * before a verb: the first words for whoever has none, the version, the manual page. Nothing here
 * knows a scenario, but for telling somebody who typed one where a verb should stand.
 */
#include <locale.h>
#include <string.h>

#include "core/crypto/library.h"
#include "scenarios/catalogue.h"
#include "scenarios/cli/command.h"
#include "scenarios/cli/output.h"
#include "scenarios/cli/terminal.h"
#include "scenarios/language/diagnostics.h"

static Status first_words(void);
static Status full_help(void);
static Status version(void);
static Status manual(void);
static Status help_of(const char *name);
static Status unknown_verb(const char *typed);
static Status play_verb(const Verb *verb, int argc, char **argv);
static const Verb *find_verb(const char *name);

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, ""); /* the rest of the locale stays away from numbers */
    g_set_prgname("shakedown");
    output_init();
    if (argc < 2)
        return (int)first_words();
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return (int)full_help();
    if (strcmp(word, "help") == 0)
        return (int)(argc > 2 ? help_of(argv[2]) : full_help());
    if (strcmp(word, "--version") == 0)
        return (int)version();
    if (strcmp(word, "--manual") == 0)
        return (int)manual();
    const Verb *verb = find_verb(word);
    return (int)(verb == NULL ? unknown_verb(word) : play_verb(verb, argc - 1, argv + 1));
}

static const Verb *find_verb(const char *name)
{
    size_t count = 0;
    const Verb *const *verbs = verbs_table(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

static Status print_help(const char *text)
{
    g_autofree char *plain = terminal_utf8(NULL) ? g_strdup(text) : g_str_to_ascii(text, "C");
    return print_out(plain);
}

static Status first_words(void)
{
    return print_out("Shakedown: a laboratory for the SSL/TLS handshake.\n"
                     "\n"
                     "Try first:\n"
                     "  shakedown run normal                a handshake, message by message\n"
                     "  shakedown draw normal -o normal.svg the same as a picture\n"
                     "  shakedown list                      what else is built in\n"
                     "  shakedown new mine.scn              a scenario of your own to start from\n"
                     "\n"
                     "`shakedown --help` tells all verbs, `shakedown run --help` all of one.\n");
}

static Status full_help(void)
{
    size_t count = 0;
    const Verb *const *verbs = verbs_table(&count);
    g_autoptr(GString) text = g_string_new("Usage:\n"
                                           "  shakedown VERB [OPTIONS] [NAMES]\n"
                                           "\n"
                                           "Verbs:\n");
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(text, "  %-6s %s\n", verbs[i]->name, verbs[i]->about);
    g_string_append(text, "\n"
                          "Each verb has its own --help, with examples.\n"
                          "\n"
                          "Options without a verb:\n"
                          "  --version  the version, and those of its libraries\n"
                          "  --manual   the manual page, as troff\n"
                          "\n"
                          "Exit status:\n"
                          "  0  every expectation held (a handshake that should fail, and did)\n"
                          "  1  an expectation failed\n"
                          "  2  the command line or a scenario is wrong\n"
                          "  3  something around the program is: a disk, a library\n");
    return print_out(text->str);
}

static Status version(void)
{
    Fault fault = FAULT_INIT;
    if (!library_open(&fault)) {
        complain("%s", fault.sentence);
        return STATUS_ENVIRONMENT;
    }
    g_autofree char *text =
        g_strdup_printf("shakedown %s\n%s, GLib %u.%u.%u\n", SHAKEDOWN_VERSION, library_version(),
                        glib_major_version, glib_minor_version, glib_micro_version);
    return print_out(text);
}

static Status manual(void)
{
    g_autofree char *page = manual_page();
    return print_out(page);
}

static Status help_of(const char *name)
{
    const Verb *verb = find_verb(name);
    if (verb == NULL)
        return unknown_verb(name);
    g_autofree char *help = verb_help(verb);
    return print_help(help);
}

static Status unknown_verb(const char *typed)
{
    g_autofree const char **names = verb_names();
    g_autofree char *shown = g_filename_display_name(typed);
    g_autoptr(GBytes) scenario = catalogue_text(typed);
    const char *near = nearest_word(typed, names);
    if (scenario != NULL || g_str_has_suffix(typed, ".scn"))
        complain("\"%s\" is a scenario: `shakedown run %s` runs it", shown, shown);
    else if (near != NULL)
        complain("no verb is called \"%s\"; did you mean \"%s\"?", shown, near);
    else
        complain("no verb is called \"%s\"; `shakedown --help` names them", shown);
    return STATUS_USAGE;
}

/* GOption looks for --help only where it prints it itself. */
static bool asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static Status play_verb(const Verb *verb, int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (asks_help(argc, argv))
        return help_of(verb->name);
    g_autoptr(GOptionContext) context = verb->context();
    if (!g_option_context_parse(context, &argc, &argv, &error))
        return complain_usage(verb->name, "%s", error->message);
    char **names = argv + 1;
    if (*names != NULL && strcmp(*names, "--") == 0) /* GOption may leave it */
        names++;
    return verb->play(names);
}
