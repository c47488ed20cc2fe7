/* What the files of this runner share. */
#pragma once

#include "tests/support/support.h"
#include "tests/viz/fixture.h"

TCase *listing_case(void);
TCase *sequence_case(void);
TCase *saved_case(void);
TCase *texts_case(void);

/* Compares with the file of that name in golden/, and shows the first line that differs. With
 * SHAKEDOWN_GOLDEN=write in the environment it writes the file instead. */
void golden(const char *name, const char *text);

/* A file name from a scenario's name and what follows. g_free. */
char *golden_name(const char *scenario, const char *suffix);
