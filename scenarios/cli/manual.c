/* shakedown(1), the manual page.
 *
 * It is made from the same tables as the program: the help of each verb as it is printed, and the
 * statements of the language. So it cannot say anything else than they do. What a reader needs
 * besides stands in README.md.
 */
#include <string.h>

#include "scenarios/cli/command.h"
#include "scenarios/cli/topics.h"

/* Text as it stands: a dot or a quote that begins a line would be a request, a backslash an
 * escape, a hyphen a typographic one. */
static void append_verbatim(GString *page, const char *text)
{
    g_string_append(page, ".nf\n");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_string_append(page, "\\&");
        for (const char *at = *line; *at != '\0'; at++) {
            if (*at == '\\')
                g_string_append(page, "\\e");
            else if (*at == '-')
                g_string_append(page, "\\-");
            else
                g_string_append_c(page, *at);
        }
        g_string_append_c(page, '\n');
    }
    g_string_append(page, ".fi\n");
}

static void append_verbs(GString *page)
{
    size_t count = 0;
    const Verb *const *verbs = verbs_table(&count);
    g_string_append(page, ".SH VERBS\n");
    for (size_t i = 0; i < count; i++) {
        g_autofree char *help = verb_help(verbs[i]);
        g_string_append_printf(page, ".SS %s\n", verbs[i]->name);
        append_verbatim(page, help);
    }
}

char *manual_page(void)
{
    GString *page = g_string_new(".\\\" -*- coding: utf-8 -*-\n"
                                 ".TH SHAKEDOWN 1\n"
                                 ".SH NAME\n"
                                 "shakedown \\- a laboratory for the SSL/TLS handshake\n"
                                 ".SH SYNOPSIS\n"
                                 ".B shakedown\n"
                                 "run|draw|check|show|list|new [OPTIONS] [NAMES]\n"
                                 ".SH DESCRIPTION\n"
                                 "Runs handshakes, SSL 2.0 to TLS 1.3, between a client and a "
                                 "server of its own, as a "
                                 "scenario asks, and shows what happened: as text, as a sequence "
                                 "diagram, as a capture for Wireshark. A scenario is a text file; "
                                 "a run is a function of the scenario and its seed.\n");
    append_verbs(page);
    g_string_append(page, ".SH SCENARIOS\n");
    g_autoptr(GString) statements = g_string_new(NULL);
    topic_find("statements")->print(statements);
    append_verbatim(page, statements->str);
    g_string_append(page, ".SH EXIT STATUS\n"
                          "0: every expectation held (a handshake that should fail, and did, is "
                          "one). 1: an expectation failed. 2: the command line or a scenario is "
                          "wrong. 3: something around the program is.\n"
                          ".SH ENVIRONMENT\n"
                          "NO_COLOR: when set, nothing is coloured.\n");
    return g_string_free(page, FALSE);
}
