/* Topics: the program's own tables, as `show` prints them. */
#pragma once

#include <glib.h>

typedef struct {
    const char *name;             /* "suites" */
    const char *about;            /* one line */
    void (*print)(GString *text); /* UTF-8 */
} Topic;

const Topic *topics_table(size_t *count);
const Topic *topic_find(const char *name); /* NULL when there is none */
