/* Text: what every listing shares: 7-bit spelling, wrapping, times, hex, and columns counted in
 * characters. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/base/bytes.h"

/* The character after this one, as g_utf8_next_char() but keeping const. */
static inline const char *text_next(const char *at)
{
    return at + g_utf8_skip[*(const guchar *)at];
}

/* The same in 7 bits: "→" becomes "->", "…" "...", "·" "-"; letters lose their accents; what has
 * no spelling becomes "?". Control characters become "?" as well. g_free. */
char *text_ascii(const char *text);

/* A copy for a listing: as it is, or in 7 bits; control characters never pass. g_free. */
char *text_plain(const char *text, bool utf8);

/* Characters (code points), which is columns for all that we print. */
size_t text_columns(const char *text);

/* Cut to `columns` with "…" (or "..." in 7 bits) at the end when it is longer. g_free. */
char *text_cut(const char *text, size_t columns, bool utf8);

/* Appends `text` wrapped to lines of at most `width` columns, each ended by \n: the first begins
 * with `first`, the others with `rest`. Words longer than a line are broken. */
void text_wrap(GString *output, const char *first, const char *rest, const char *text,
               size_t width);

/* The lines of `text` wrapped to `width`: a GPtrArray of char *; g_ptr_array_unref. */
GPtrArray *text_lines(const char *text, size_t width);

/* The same, broken between its parts (" · ") where it can be, rather than within one. */
GPtrArray *text_part_lines(const char *text, size_t width);

/* `count` times the character. */
void text_repeat(GString *output, const char *character, size_t count);

/* "250 ms", "1 s", "1.5 s", "20 µs". g_free. */
char *text_duration(uint64_t microseconds);

/* "2026-03-01 09:00:00". g_free. */
char *text_date(int64_t seconds);

/* "1 byte", "12 bytes". g_free. */
char *text_count(size_t count, const char *one, const char *many);

/* The first line of application data when it is text; NULL when it is not. g_free. */
char *text_first_line(Bytes data);
