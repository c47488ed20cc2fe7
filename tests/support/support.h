/* Thin help for the tests: runners, plans from text, assertions over faults and bytes. */
#pragma once

/* Check and the field both have a Suite. */
#define Suite CheckSuite
#include <check.h>
#undef Suite

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/engine/trace.h"
#include "scenarios/language/scenario.h"
#include "sim/plan.h"

/* Runs a suite with TAP on stdout; returns 0 always, as TAP tells the failures. */
int support_run(CheckSuite *suite);

/* A plan from a scenario's sections; the head is added. Aborts the test with the errors. */
Plan *support_plan(const char *sections);

/* Every plan of a catalogue scenario; free with scenario_free. */
Scenario *support_catalogue(const char *name);

/* Plays every run of the catalogue and shows its trace; returns how many. SHAKEDOWN_RUN_STEP=N in
 * the environment: every Nth alone, for builds in which all of them would take too long. */
unsigned support_every_run(void (*each)(const Trace *trace));
/* Whether that is all of them. */
bool support_runs_all(void);

/* Asserts that two rows of bytes are the same, and shows both in hex when they are not. */
void support_bytes(Bytes got, Bytes expected, const char *what);
