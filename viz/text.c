/* What every listing shares: 7-bit spelling, wrapping, times and counts.
 *
 * Texts of a trace are UTF-8 and may come from a certificate or from a peer, so nothing passes to a
 * listing that could move a terminal's cursor. Columns are code points: what is printed holds no
 * wide and no combining characters but those that a peer smuggles in, and those only make a line
 * look short. Numbers are formatted without the locale.
 */
#include "viz/text.h"

#include <string.h>

/* clang-format off */
static const struct {
    gunichar character;
    const char *spelling;
} spellings[] = {
    {0x2192, "->"}, {0x2190, "<-"}, {0x2026, "..."}, {0x00b7, "-"}, {0x2013, "-"}, {0x2014, "-"},
    {0x2018, "'"}, {0x2019, "'"}, {0x201c, "\""}, {0x201d, "\""}, {0x00d7, "x"}, {0x00b5, "u"},
    {0x2260, "/="}, {0x00b0, " deg"}, {0x2264, "<="}, {0x2265, ">="}, {0x2713, "+"},
    {0x2717, "x"}, {0x00e4, "ae"}, {0x00f6, "oe"}, {0x00fc, "ue"}, {0x00df, "ss"},
};
/* clang-format on */

static const char *spelling_of(gunichar character)
{
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++)
        if (spellings[i].character == character)
            return spellings[i].spelling;
    return NULL;
}

/* A letter without its accent, when that leaves a plain letter; else '?'. */
static char letter_of(gunichar character)
{
    gunichar parts[8];
    gsize count = g_unichar_fully_decompose(character, FALSE, parts, G_N_ELEMENTS(parts));
    return count > 0 && parts[0] < 0x7f && parts[0] >= ' ' ? (char)parts[0] : '?';
}

char *text_ascii(const char *text)
{
    GString *plain = g_string_new(NULL);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    for (const char *p = valid; *p != '\0'; p = text_next(p)) {
        gunichar character = g_utf8_get_char(p);
        const char *spelling = spelling_of(character);
        if (spelling != NULL)
            g_string_append(plain, spelling);
        else if (character >= ' ' && character < 0x7f)
            g_string_append_c(plain, (char)character);
        else
            g_string_append_c(plain, letter_of(character));
    }
    return g_string_free(plain, FALSE);
}

char *text_plain(const char *text, bool utf8)
{
    if (!utf8)
        return text_ascii(text);
    GString *plain = g_string_new(NULL);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    for (const char *p = valid; *p != '\0'; p = text_next(p)) {
        gunichar character = g_utf8_get_char(p);
        g_string_append_unichar(plain, g_unichar_isprint(character) ? character : '?');
    }
    return g_string_free(plain, FALSE);
}

size_t text_columns(const char *text)
{
    return (size_t)g_utf8_strlen(text, -1);
}

char *text_cut(const char *text, size_t columns, bool utf8)
{
    const char *dots = utf8 ? "…" : "...";
    size_t room = utf8 ? 1 : 3;
    if (text_columns(text) <= columns)
        return g_strdup(text);
    if (columns <= room)
        return g_strndup(dots, columns);
    g_autofree char *head = g_utf8_substring(text, 0, (glong)(columns - room));
    return g_strconcat(g_strchomp(head), dots, NULL);
}

/* How many bytes of `text` stand on a line of `width` columns, broken at a space where there is
 * one, after a sign that people break at where there is none. */
static size_t line_size(const char *text, size_t width)
{
    size_t columns = 0, last_space = 0, last_sign = 0;
    const char *p = text;
    for (; *p != '\0' && columns < width; p = text_next(p), columns++) {
        if (*p == ' ')
            last_space = (size_t)(p - text);
        if (strchr("_-/,:", *p) != NULL)
            last_sign = (size_t)(p - text) + 1;
    }
    if (*p == '\0' || *p == ' ')
        return (size_t)(p - text);
    if (last_space > 0)
        return last_space;
    return last_sign > 0 ? last_sign : (size_t)(p - text);
}

GPtrArray *text_lines(const char *text, size_t width)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    do {
        while (*text == ' ')
            text++;
        size_t size = line_size(text, MAX(width, 1));
        g_ptr_array_add(lines, g_strchomp(g_strndup(text, size)));
        text += size;
    } while (*text != '\0');
    return lines;
}

GPtrArray *text_part_lines(const char *text, size_t width)
{
    const char *between = strstr(text, " · ") != NULL ? " · " : " - "; /* in 7 bits */
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) parts = g_strsplit(text, between, -1);
    g_autoptr(GString) line = g_string_new(NULL);
    for (char **part = parts; *part != NULL; part++) {
        bool fits = text_columns(line->str) + strlen(" - ") + text_columns(*part) <= width;
        if (line->len > 0 && !fits) {
            g_ptr_array_extend_and_steal(lines, text_lines(line->str, width));
            g_string_assign(line, *part);
            continue;
        }
        g_string_append_printf(line, "%s%s", line->len > 0 ? between : "", *part);
    }
    g_ptr_array_extend_and_steal(lines, text_lines(line->str, width));
    return lines;
}

void text_wrap(GString *output, const char *first, const char *rest, const char *text, size_t width)
{
    size_t indent = MAX(text_columns(first), text_columns(rest));
    g_autoptr(GPtrArray) lines = text_lines(text, width > indent + 8 ? width - indent : 8);
    for (guint i = 0; i < lines->len; i++) {
        gsize start = output->len;
        g_string_append(output, i == 0 ? first : rest);
        g_string_append(output, g_ptr_array_index(lines, i));
        while (output->len > start && output->str[output->len - 1] == ' ')
            g_string_truncate(output, output->len - 1);
        g_string_append_c(output, '\n');
    }
}

void text_repeat(GString *output, const char *character, size_t count)
{
    for (size_t i = 0; i < count; i++)
        g_string_append(output, character);
}

static char *duration_of(double value, const char *unit)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(digits, sizeof digits, "%.1f", value);
    size_t size = strlen(digits);
    if (g_str_has_suffix(digits, ".0"))
        digits[size - 2] = '\0';
    return g_strdup_printf("%s %s", digits, unit);
}

char *text_duration(uint64_t microseconds)
{
    if (microseconds >= G_USEC_PER_SEC)
        return duration_of((double)microseconds / G_USEC_PER_SEC, "s");
    if (microseconds >= 1000)
        return duration_of((double)microseconds / 1000, "ms");
    return g_strdup_printf("%u µs", (unsigned)microseconds);
}

char *text_date(int64_t seconds)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(seconds);
    return date == NULL ? g_strdup("(no date)") : g_date_time_format(date, "%Y-%m-%d %H:%M:%S");
}

char *text_count(size_t count, const char *one, const char *many)
{
    return g_strdup_printf("%zu %s", count, count == 1 ? one : many);
}

char *text_first_line(Bytes data)
{
    size_t size = 0;
    while (size < data.size && data.data[size] != '\r' && data.data[size] != '\n')
        size++;
    if (size == 0 || !g_utf8_validate((const char *)data.data, (gssize)size, NULL))
        return NULL;
    for (size_t i = 0; i < size; i++)
        if (data.data[i] < ' ' || data.data[i] == 0x7f)
            return NULL;
    return g_strndup((const char *)data.data, size);
}
