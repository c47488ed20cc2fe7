/* The defaults of every statement: what a scenario says by saying nothing. */
#pragma once

#include "sim/plan.h"

/* A plan with the lab's own certificates (lab-root, www, alice, and those two with other keys), all
 * keys, and the defaults of both sides. */
/* The plan's balancer; made, if it is not there, as the lab's own server for its clients. */
PlanParty *defaults_balancer(Plan *plan);

Plan *defaults_plan(const char *name);

/* A certificate with the defaults, added to the plan. Borrowed. */
CertificateSpec *defaults_add_certificate(Plan *plan, const char *name);

/* What a scenario without `play` or without `expect` does and expects. */
void defaults_fill(Plan *plan, bool seen_play, bool seen_expect);
