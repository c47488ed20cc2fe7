/* The attack programs by name. */
#pragma once

#include "sim/attacker.h"

extern const AttackProgram attack_man_in_the_middle;

/* NULL when there is none. */
const AttackProgram *attack_find(const char *name);
/* All of them, NULL-terminated names (free the array with g_free). */
const char **attack_names(void);
const AttackProgram *const *attacks_table(size_t *count);
