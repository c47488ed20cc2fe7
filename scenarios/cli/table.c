/* Rows of text in columns, for what `show` and `list` print.
 *
 * Every column but the last is as wide as its widest cell; the last is wrapped at the page's edge,
 * so that a table with a sentence in each row can be read on any terminal. It knows no content.
 */
#include "scenarios/cli/table.h"

#include <stdarg.h>

#include "viz/text.h"

enum { PAGE = 100, COLUMNS_MOST = 12, GAP = 2, LAST_LEAST = 30 };

struct Table {
    guint columns;
    GPtrArray *rows; /* of GStrv, the headings first */
};

static void free_row(gpointer row)
{
    g_strfreev(row);
}

static char **collect(const char *first, va_list more)
{
    GPtrArray *cells = g_ptr_array_new();
    for (const char *cell = first; cell != NULL; cell = va_arg(more, const char *))
        g_ptr_array_add(cells, g_strdup(cell));
    g_ptr_array_add(cells, NULL);
    return (char **)g_ptr_array_free(cells, FALSE);
}

Table *table_new(const char *first, ...)
{
    Table *table = g_new0(Table, 1);
    va_list more;
    va_start(more, first);
    char **headings = collect(first, more);
    va_end(more);
    table->columns = g_strv_length(headings);
    table->rows = g_ptr_array_new_with_free_func(free_row);
    g_ptr_array_add(table->rows, headings);
    g_assert(table->columns <= COLUMNS_MOST);
    return table;
}

void table_free(Table *table)
{
    if (table == NULL)
        return;
    g_ptr_array_unref(table->rows);
    g_free(table);
}

void table_add(Table *table, const char *first, ...)
{
    va_list more;
    va_start(more, first);
    char **cells = collect(first, more);
    va_end(more);
    g_assert(g_strv_length(cells) == table->columns);
    g_ptr_array_add(table->rows, cells);
}

static void print_row(char **cells, guint columns, const size_t *widths, GString *text)
{
    g_autoptr(GString) before = g_string_new(NULL);
    g_autoptr(GString) below = g_string_new(NULL);
    for (guint i = 0; i + 1 < columns; i++) {
        g_string_append(before, cells[i]);
        text_repeat(before, " ", widths[i] + GAP - text_columns(cells[i]));
    }
    size_t taken = text_columns(before->str);
    text_repeat(below, " ", taken);
    text_wrap(text, before->str, below->str, cells[columns - 1], MAX(PAGE, taken + LAST_LEAST));
}

void table_print(const Table *table, GString *text)
{
    size_t widths[COLUMNS_MOST] = {0};
    for (guint i = 0; i < table->rows->len; i++) {
        char **cells = g_ptr_array_index(table->rows, i);
        for (guint j = 0; j < table->columns; j++)
            widths[j] = MAX(widths[j], text_columns(cells[j]));
    }
    for (guint i = 0; i < table->rows->len; i++)
        print_row(g_ptr_array_index(table->rows, i), table->columns, widths, text);
}
