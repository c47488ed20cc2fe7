/* Stacks: --client and --server, real stacks in place of what a scenario says of its sides. */
#pragma once

#include "scenarios/cli/command.h"
#include "scenarios/cli/input.h"

typedef struct {
    char *client, *server; /* names; NULL: as the scenario says */
} StackChoice;

#define STACK_OPTIONS(choice)                                                                      \
    {"client",                                                                                     \
     0,                                                                                            \
     0,                                                                                            \
     G_OPTION_ARG_STRING,                                                                          \
     &(choice).client,                                                                             \
     "Let this stack be the client, whatever the scenario says: openssl, gnutls, shakedown",       \
     "STACK"},                                                                                     \
    {                                                                                              \
        "server", 0, 0, G_OPTION_ARG_STRING, &(choice).server,                                     \
            "Let this stack be the server, likewise", "STACK"                                      \
    }

/* Whether the names are known and built in; tells what is wrong of them. */
Status stacks_check(const char *verb, const StackChoice *choice);

/* Puts them into every plan of an input; tells where a plan asks of a stack what it cannot be told.
 */
Status stacks_use(const StackChoice *choice, const Input *input);
