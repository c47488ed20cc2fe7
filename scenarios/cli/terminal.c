/* What standard output is, and what it may be given.
 *
 * A ladder drawn with UTF-8 lines is for a terminal that says it can show them; a pipe or a file
 * gets 7-bit text, unless the command line says otherwise. Colour is for terminals alone, never
 * says what words do not say as well, and yields to NO_COLOR. Nothing here knows what is printed
 * but how the lines of a report begin.
 */
#include "scenarios/cli/terminal.h"

#include <string.h>
#include <unistd.h>

#define RED "\033[31m"
#define GREEN "\033[32m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

bool terminal_is(void)
{
    return isatty(STDOUT_FILENO);
}

bool terminal_utf8(const Look *look)
{
    if (look != NULL && (look->ascii || look->utf8))
        return look->utf8;
    return terminal_is() && g_get_charset(NULL);
}

static bool wants_colour(void)
{
    const char *no = g_getenv("NO_COLOR");
    return terminal_is() && (no == NULL || *no == '\0') && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

static const char *colour_of(const char *line)
{
    if (g_str_has_prefix(line, "  held  "))
        return GREEN;
    if (strstr(line, "FAILED") != NULL)
        return RED;
    return g_str_has_prefix(line, "Verdict:") ? BOLD : NULL;
}

void terminal_colour(GString *text)
{
    if (!wants_colour())
        return;
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
    g_string_truncate(text, 0);
    for (char **line = lines; *line != NULL; line++) {
        const char *colour = colour_of(*line);
        g_string_append_printf(text, "%s%s%s%s", colour == NULL ? "" : colour, *line,
                               colour == NULL ? "" : PLAIN, line[1] == NULL ? "" : "\n");
    }
}
