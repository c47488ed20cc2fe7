/* The weakness table: checks that real stacks left out, as data.
 *
 * Each row names its CVE, the rule of the RFC that it breaks and one sentence. The engine asks for
 * a weakness where the check stands, and nowhere else; so what a sound peer does reads without
 * them.
 */
#include "core/engine/weakness.h"

#include <glib.h>

static const WeaknessRow rows[] = {
    {WEAKNESS_CHECKS_NO_ISSUER, "checks no issuer", "CVE-2014-1266", "RFC 5280 6.1",
     "It takes any certificate whoever issued it, and so talks to whoever stands in the middle."},
    {WEAKNESS_RENEGOTIATES_WITHOUT_BINDING, "renegotiates without binding", "CVE-2009-3555",
     "RFC 5746 3",
     "Its new handshake is not tied to the connection in which it runs, as before RFC 5746."},
    {WEAKNESS_ACCEPTS_SMALL_GROUPS, "accepts small groups", "CVE-2015-4000", "RFC 7919 3.1",
     "It agrees in a field of any size, be it one of 512 bits that others have solved."},
};

const WeaknessRow *weakness_table(size_t *count)
{
    *count = G_N_ELEMENTS(rows);
    return rows;
}

const WeaknessRow *weakness_from_name(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_ascii_strcasecmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}
