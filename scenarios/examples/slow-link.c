/* A channel of one's own: how to plug a middlebox into a link.
 *
 * A middlebox is three functions and a state. This one is a slow line: it delays each record by
 * what its bytes would take at 9,600 bits a second, says so in the trace, and counts. The program
 * reads the built-in scenario `normal`, puts the slow line onto its first link, runs it, and prints
 * the ladder and how long the records were on the line:
 *
 *     build/slow-link
 *
 * To write another channel, change slow_carry(): pass a parcel on, drop it, copy it, change its
 * bytes. The rest stays as it is.
 */
#include <stdio.h>

#include "scenarios/catalogue.h"
#include "scenarios/language/scenario.h"
#include "sim/world.h"
#include "viz/ladder.h"

enum { BITS_PER_SECOND = 9600 };

typedef struct {
    unsigned records;
    uint64_t time; /* microseconds */
} SlowLine;

/* Each parcel is one record with its header; this function owns it until it passes it on. */
static void slow_carry(Middlebox *self, Parcel *parcel)
{
    SlowLine *line = self->state;
    uint64_t time = (uint64_t)parcel->bytes->len * 8 * G_USEC_PER_SEC / BITS_PER_SECOND;
    g_autofree char *effect = g_strdup_printf("%u ms later", (unsigned)(time / 1000));
    parcel->delay += time;
    line->records++;
    line->time += time;
    middlebox_report(self, parcel, "a slow line", effect, 0);
    middlebox_pass(self, parcel);
}

static const MiddleboxKind slow_kind = {.name = "slow line", .carry = slow_carry};

static Scenario *read_normal(void)
{
    g_autoptr(GBytes) text = catalogue_text("normal");
    g_autofree char *report = NULL;
    gsize size = 0;
    const char *data = g_bytes_get_data(text, &size);
    Scenario *scenario = scenario_parse("normal", "normal", data, size, &report);
    if (scenario == NULL)
        fputs(report, stderr);
    return scenario;
}

int main(void)
{
    SlowLine line = {0};
    Fault fault = FAULT_INIT;
    g_autoptr(Scenario) scenario = read_normal();
    if (scenario == NULL)
        return 2;
    g_autoptr(World) world = world_new(scenario_plan(scenario, 0), &fault);
    if (world == NULL) {
        fprintf(stderr, "slow-link: %s\n", fault.sentence);
        return 2;
    }
    world_add_middlebox(world, 0, middlebox_new(&slow_kind, &line)); /* `line` outlives it */
    world_run(world);
    GString *text = g_string_new(NULL);
    ladder_write(world_trace(world), NULL, text);
    fputs(text->str, stdout);
    g_string_free(text, TRUE);
    printf("%u records took %u ms on the line.\n", line.records, (unsigned)(line.time / 1000));
    return trace_held(world_trace(world)) ? 0 : 1;
}
