/* Weaknesses: what a real stack got wrong by leaving out a check. A row each, consulted on exactly
 * one line of the engine. A sound peer has none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t Weaknesses; /* a mask of Weakness */

typedef enum {
    WEAKNESS_CHECKS_NO_ISSUER = 1u << 0,
    WEAKNESS_RENEGOTIATES_WITHOUT_BINDING = 1u << 1,
    WEAKNESS_ACCEPTS_SMALL_GROUPS = 1u << 2,
} Weakness;

typedef struct {
    Weakness weakness;
    const char *name; /* as a scenario writes it: "checks no issuer" */
    const char *cve;  /* the best-known case, or "" */
    const char *rfc;  /* the rule that is left out */
    const char *sentence;
} WeaknessRow;

const WeaknessRow *weakness_table(size_t *count);
const WeaknessRow *weakness_from_name(const char *name); /* case-insensitive; NULL */
