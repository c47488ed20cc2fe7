/* How errors in a scenario are told: `file:line:col: error: …`, the source line, a caret.
 *
 * One place makes all of them, so that they look alike and stop after twenty. It knows no
 * statement; only lines, columns and words that are near each other.
 */
#include "scenarios/language/diagnostics.h"

#include <string.h>

void diagnostics_init(Diagnostics *diagnostics, const char *file, const char *text, gsize size)
{
    *diagnostics = (Diagnostics){.file = file, .text = text, .size = size};
    diagnostics->report = g_string_new(NULL);
}

void diagnostics_clear(Diagnostics *diagnostics)
{
    g_string_free(diagnostics->report, TRUE);
    diagnostics->report = NULL;
}

/* The source line of that number, without its end. */
static char *source_line(const Diagnostics *diagnostics, int line)
{
    const char *at = diagnostics->text;
    const char *end = diagnostics->text + diagnostics->size;
    for (int i = 1; i < line && at < end; i++) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        at = next == NULL ? end : next + 1;
    }
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    g_autofree char *raw = g_strndup(at, (gsize)((stop == NULL ? end : stop) - at));
    g_strdelimit(raw, "\t\r", ' ');
    return g_utf8_make_valid(raw, -1);
}

/* Long lines are shown around the caret alone. */
static void show_source(Diagnostics *diagnostics, int line, int column, int width)
{
    enum { SHOWN = 90, BEFORE = 40 };
    g_autofree char *source = source_line(diagnostics, line);
    glong length = g_utf8_strlen(source, -1);
    glong from = column > SHOWN - 10 ? column - BEFORE : 0;
    glong to = MIN(length, from + SHOWN);
    from = MIN(from, to);
    g_autofree char *shown = g_utf8_substring(source, from, to);
    g_string_append_printf(diagnostics->report, "    %s\n    ", shown);
    for (glong i = from; i < column - 1; i++)
        g_string_append_c(diagnostics->report, ' ');
    g_string_append_c(diagnostics->report, '^');
    for (int i = 1; i < width && from + SHOWN > column + i; i++)
        g_string_append_c(diagnostics->report, '~');
    g_string_append_c(diagnostics->report, '\n');
}

void diagnostics_error(Diagnostics *diagnostics, int line, int column, int width,
                       const char *format, ...)
{
    diagnostics->errors++;
    if (diagnostics->errors > DIAGNOSTICS_MOST) {
        if (diagnostics->errors == DIAGNOSTICS_MOST + 1)
            g_string_append_printf(diagnostics->report,
                                   "%s: more than %d errors; the rest is left out\n",
                                   diagnostics->file, DIAGNOSTICS_MOST);
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (line <= 0) {
        g_string_append_printf(diagnostics->report, "%s: error: %s\n", diagnostics->file, message);
        return;
    }
    g_string_append_printf(diagnostics->report, "%s:%d:%d: error: %s\n", diagnostics->file, line,
                           column, message);
    show_source(diagnostics, line, column, MAX(width, 1));
}

void diagnostics_error_in(Diagnostics *diagnostics, int line, const char *message)
{
    g_autofree char *source = source_line(diagnostics, MAX(line, 1));
    int indent = (int)strspn(source, " ");
    g_autofree char *end = g_strchomp(g_strdup(source + indent));
    diagnostics_error(diagnostics, line, indent + 1, (int)g_utf8_strlen(end, -1), "%s", message);
}

/* Edits from one word to another: insert, delete, change, or swap of neighbours counted as two. */
static unsigned distance(const char *a, const char *b)
{
    enum { LONGEST = 64 };
    size_t n = strlen(a), m = strlen(b);
    unsigned row[LONGEST + 1];
    if (n > LONGEST || m > LONGEST)
        return G_MAXUINT;
    for (size_t j = 0; j <= m; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            bool same = g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[j - 1]);
            unsigned change = diagonal + !same;
            diagonal = row[j];
            row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[m];
}

const char *nearest_word(const char *typed, const char *const *words)
{
    const char *best = NULL;
    unsigned least = (unsigned)strlen(typed) / 2 + 1; /* half of it may be wrong, no more */
    for (size_t i = 0; words[i] != NULL; i++) {
        unsigned d = distance(typed, words[i]);
        if (d < least) {
            least = d;
            best = words[i];
        }
    }
    return best;
}
