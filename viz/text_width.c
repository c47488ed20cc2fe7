/* How wide Helvetica is.
 *
 * Graphviz is told where every label stands, so this room must know how much room it takes. The
 * widths are the advance widths of Liberation Sans, regular and bold, which are those of Helvetica
 * and Arial, in units of 1/1000 em as an AFM file has them (here measured at text sizes, hence a
 * unit or two below the AFM's round numbers). Kerning is left out: it only makes text narrower.
 * Letters with accents are as wide as without; what the table lacks counts as a wide letter, so
 * that a label may get too much room and never too little.
 */
#include "viz/text_width.h"

#include <string.h>

#include "viz/text.h"

enum { FIRST = 32, LAST = 126, UNKNOWN_WIDTH = 833 /* an m */, WIDE_WIDTH = 1000 };

/* clang-format off */
static const unsigned short regular[LAST - FIRST + 1] = {
    278, 278, 353, 555, 555, 893, 668, 188, 330, 330, 390, 585, 278, 330, 278, 278,
    555, 488, 555, 555, 555, 555, 555, 555, 555, 555, 278, 278, 585, 585, 585, 555,
    1013, 668, 668, 720, 720, 668, 608, 780, 720, 278, 503, 668, 555, 833, 720, 780,
    668, 780, 720, 668, 608, 720, 668, 945, 668, 668, 608, 278, 139, 278, 473, 555,
    330, 555, 555, 503, 555, 555, 264, 555, 555, 225, 225, 503, 225, 833, 555, 555,
    555, 555, 330, 503, 278, 555, 503, 720, 503, 503, 503, 338, 263, 338, 585,
};

static const unsigned short bold_widths[LAST - FIRST + 1] = {
    277, 330, 472, 555, 555, 892, 720, 240, 330, 330, 390, 585, 277, 330, 277, 277,
    555, 507, 555, 555, 555, 555, 555, 555, 555, 555, 330, 330, 585, 585, 585, 607,
    975, 720, 720, 720, 720, 667, 607, 780, 720, 277, 555, 720, 607, 832, 720, 780,
    667, 780, 720, 667, 607, 720, 667, 945, 667, 667, 607, 330, 138, 330, 585, 555,
    330, 555, 607, 555, 607, 555, 330, 607, 607, 277, 277, 555, 277, 892, 607, 607,
    607, 607, 390, 555, 330, 607, 555, 780, 555, 555, 502, 390, 277, 390, 585,
};

static const struct {
    gunichar character;
    unsigned short regular, bold;
} others[] = {
    {0x00b0, 398, 397}, /* ° */
    {0x00b5, 578, 577}, /* µ */
    {0x00b7, 330, 330}, /* · */
    {0x00d7, 585, 585}, /* × */
    {0x2013, 555, 555}, /* – */
    {0x2014, 998, 997}, /* — */
    {0x2019, 205, 243}, /* ’ */
    {0x201c, 330, 502}, /* “ */
    {0x201d, 330, 502}, /* ” */
    {0x2026, 998, 997}, /* … */
    {0x2190, 998, 997}, /* ← */
    {0x2192, 998, 997}, /* → */
    {0x2260, 548, 547}, /* ≠ */
};
/* clang-format on */

static unsigned character_width(gunichar character, bool bold)
{
    if (character >= FIRST && character <= LAST)
        return bold ? bold_widths[character - FIRST] : regular[character - FIRST];
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (others[i].character == character)
            return bold ? others[i].bold : others[i].regular;
    gunichar parts[8];
    gsize count = g_unichar_fully_decompose(character, FALSE, parts, G_N_ELEMENTS(parts));
    if (count > 1 && parts[0] >= FIRST && parts[0] <= LAST)
        return character_width(parts[0], bold);
    return g_unichar_iswide(character) ? WIDE_WIDTH : UNKNOWN_WIDTH;
}

double text_width(const char *text, double size, bool bold)
{
    unsigned long sum = 0;
    for (const char *p = text; *p != '\0'; p = text_next(p))
        sum += character_width(g_utf8_get_char(p), bold);
    return (double)sum * size / 1000;
}

char *text_width_cut(const char *text, double size, bool bold, double room)
{
    if (text_width(text, size, bold) <= room)
        return g_strdup(text);
    double dots = text_width("…", size, bold), width = 0;
    const char *p = text;
    for (; *p != '\0'; p = text_next(p)) {
        width += (double)character_width(g_utf8_get_char(p), bold) * size / 1000;
        if (width + dots > room)
            break;
    }
    g_autofree char *head = g_strchomp(g_strndup(text, (gsize)(p - text)));
    return g_strconcat(head, "…", NULL);
}

/* How many bytes from `text` on fit into `room`: up to a space or, in a long word, a break sign. */
static size_t fitting(const char *text, double size, bool bold, double room)
{
    double width = 0;
    size_t space = 0, sign = 0;
    const char *p = text;
    for (; *p != '\0'; p = text_next(p)) {
        width += (double)character_width(g_utf8_get_char(p), bold) * size / 1000;
        if (width > room)
            break;
        if (*p == ' ')
            space = (size_t)(p - text);
        if (strchr("_-/:", *p) != NULL)
            sign = (size_t)(p - text) + 1;
    }
    if (*p == '\0' || *p == ' ')
        return (size_t)(p - text);
    if (space > 0)
        return space;
    if (sign > 0)
        return sign;
    return p == text ? (size_t)(text_next(p) - text) : (size_t)(p - text);
}

GPtrArray *text_width_lines(const char *text, double size, bool bold, double room)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    do {
        while (*text == ' ')
            text++;
        size_t bytes = fitting(text, size, bold, room);
        g_ptr_array_add(lines, g_strchomp(g_strndup(text, bytes)));
        text += bytes;
    } while (*text != '\0');
    return lines;
}
