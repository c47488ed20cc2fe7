/* Table: rows of text in columns as wide as they need; the last column wraps. */
#pragma once

#include <glib.h>

typedef struct Table Table;

/* The headings of the columns, up to NULL. */
Table *table_new(const char *first, ...) G_GNUC_NULL_TERMINATED;
void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

/* A row: as many cells as there are columns (copied; NULL is no cell, "" an empty one). */
void table_add(Table *table, const char *first, ...) G_GNUC_NULL_TERMINATED;

/* Appends the table; lines of at most 100 columns where the last column can be wrapped. */
void table_print(const Table *table, GString *text);
