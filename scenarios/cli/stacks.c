/* --client and --server: the same scenario with real stacks as its sides.
 *
 * The choice goes into the plan before anything runs, as if the scenario had said it, and is told
 * in the plan's canonical text. What a scenario asks of a party that a stack cannot be told is
 * refused with the reason, as it is for a scenario that names the stack itself.
 */
#include "scenarios/cli/stacks.h"

#include "scenarios/language/diagnostics.h"
#include "sim/peers/peers.h"

/* The source of a name; our own engine has a name as well, and NULL for a source. */
static bool find_source(const char *name, const SpeakerSource **source)
{
    const PeerStack *stack = peers_find(name);
    *source = stack == NULL ? NULL : stack->source;
    return (stack != NULL && stack->source != NULL) || g_strcmp0(name, own_source.name) == 0;
}

static Status check_stack(const char *verb, const char *option, const char *name)
{
    const SpeakerSource *source = NULL;
    if (name == NULL || find_source(name, &source))
        return STATUS_HELD;
    const PeerStack *stack = peers_find(name);
    if (stack != NULL)
        return complain_usage(verb, "this program was built without %s; build it with -D%s=enabled",
                              stack->title, stack->option);
    return complain_usage(verb, "--%s is openssl, gnutls or shakedown, not \"%s\"", option, name);
}

Status stacks_check(const char *verb, const StackChoice *choice)
{
    Status status = check_stack(verb, "client", choice->client);
    return status == STATUS_HELD ? check_stack(verb, "server", choice->server) : status;
}

static void use(Plan *plan, PartyKind kind, const char *name)
{
    const SpeakerSource *source = NULL;
    if (name != NULL && find_source(name, &source))
        plan_party(plan, kind)->source = source;
}

static Status use_in_plan(const StackChoice *choice, const Input *input, Plan *plan)
{
    g_autofree char *why = NULL;
    int line = 0;
    use(plan, PARTY_CLIENT, choice->client);
    use(plan, PARTY_SERVER, choice->server);
    g_free(plan->text);
    plan->text = plan_print(plan);
    if (plan_check(plan, &why, &line))
        return STATUS_HELD;
    g_printerr("%s: error: %s: %s\n", input->file, plan->name, why);
    return STATUS_USAGE;
}

Status stacks_use(const StackChoice *choice, const Input *input)
{
    Status status = STATUS_HELD;
    if (choice->client == NULL && choice->server == NULL)
        return status;
    for (guint i = 0; i < input_count(input); i++)
        status = status_worse(status, use_in_plan(choice, input, input_plan(input, i)));
    return status;
}
