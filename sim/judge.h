/* What the files that judge expectations share; no other file includes it. */
#pragma once

#include "sim/verdict.h"

typedef struct {
    const Trace *trace;
    const PlanExpect *expect;
    TraceExpectation *result;
} Judgement;

/* Fills the result; `event` is the number of the event that decided it, or -1. */
void judge(Judgement *judgement, bool held, const char *expected, const char *got, int event);

int party_of_role(const Trace *trace, Role role); /* -1: there is none */

/* verdict_feature.c: of what came with resumption, extensions and TLS 1.3. */
void judge_feature(Judgement *judgement);
