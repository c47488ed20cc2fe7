/* The files of the language's tests. */
#pragma once

#include "tests/support/support.h"

void add_mistake_tests(TCase *tests); /* mistakes.c */
