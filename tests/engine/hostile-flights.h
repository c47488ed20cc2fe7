/* Hostile flights: the tests of hostile-flights.c. */
#pragma once

#include "tests/support/support.h"

TCase *flight_tests(void);
