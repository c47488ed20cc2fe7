/* The attack programs, listed.
 *
 * A program is one file beside this one, made of public facts and of keys of its own; a row here
 * gives it a name in the language. It knows base, wire, crypto, the endpoint and its own seam
 * (sim/attacker.h), and no scenario, so that it cannot look at what it attacks.
 */
#include "scenarios/attacks/attacks.h"

#include <string.h>

static const AttackProgram *const programs[] = {
    &attack_man_in_the_middle,
};

const AttackProgram *const *attacks_table(size_t *count)
{
    *count = G_N_ELEMENTS(programs);
    return programs;
}

const AttackProgram *attack_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++)
        if (strcmp(programs[i]->name, name) == 0)
            return programs[i];
    return NULL;
}

const char **attack_names(void)
{
    const char **names = g_new0(const char *, G_N_ELEMENTS(programs) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(programs); i++)
        names[i] = programs[i]->name;
    return names;
}
