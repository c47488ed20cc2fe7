/* Thin help for the tests: runners, plans from text, assertions over faults and bytes. */
#pragma once

/* Check and the field both have a Suite. */
#define Suite CheckSuite
#include <check.h>
#undef Suite

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "scenarios/language/scenario.h"
#include "sim/plan.h"

/* Runs a suite with TAP on stdout; returns 0 always, as TAP tells the failures. */
int support_run(CheckSuite *suite);

/* A plan from a scenario's sections; the head is added. Aborts the test with the errors. */
Plan *support_plan(const char *sections);

/* Every plan of a catalogue scenario; free with scenario_free. */
Scenario *support_catalogue(const char *name);

/* Asserts that two rows of bytes are the same, and shows both in hex when they are not. */
void support_bytes(Bytes got, Bytes expected, const char *what);
