/* The runs of one command: read all, decide where everything goes, run one after the other.
 *
 * Nothing runs before every input is read and every output has a name of its own, so that a slip
 * of the pen in the last of twenty scenarios is told at once. A failed expectation is told on
 * standard error at its line of the scenario, as a compiler would. What is made of a run is for
 * product.c, how a file is written for output.c.
 */
#include "scenarios/cli/perform.h"

#include <string.h>
#include <sys/stat.h>

#include "scenarios/cli/input.h"
#include "scenarios/cli/output.h"
#include "scenarios/cli/tap.h"
#include "scenarios/language/diagnostics.h"
#include "sim/world.h"

typedef struct {
    const Performance *performance;
    GPtrArray *inputs; /* of Input *, owned */
    guint count;       /* of runs */
    guint done;
} Stage;

static Status open_inputs(Stage *stage, char **targets);
static Status check_destinations(const Stage *stage);
static Status perform_one(Stage *stage, const Input *input, Plan *plan);

static void free_input(gpointer input)
{
    input_free(input);
}

Status perform(char **targets, const Performance *performance)
{
    g_autoptr(GPtrArray) inputs = g_ptr_array_new_with_free_func(free_input);
    Stage stage = {.performance = performance, .inputs = inputs};
    Status status = open_inputs(&stage, targets);
    if (status == STATUS_HELD)
        status = check_destinations(&stage);
    if (status == STATUS_HELD && performance->tap)
        status = tap_begin(stage.count);
    if (status != STATUS_HELD)
        return status;
    for (guint i = 0; i < inputs->len; i++) {
        const Input *input = g_ptr_array_index(inputs, i);
        for (guint j = 0; j < input_count(input); j++) {
            status = status_worse(status, perform_one(&stage, input, input_plan(input, j)));
            if (status == STATUS_ENVIRONMENT)
                return status;
        }
    }
    return status;
}

static Status open_inputs(Stage *stage, char **targets)
{
    Status status = STATUS_HELD;
    if (targets == NULL || *targets == NULL)
        return complain_usage(stage->performance->verb, "which scenario? Try `shakedown %s normal`",
                              stage->performance->verb);
    status = stacks_check(stage->performance->verb, &stage->performance->stacks);
    if (status != STATUS_HELD)
        return status;
    for (char **target = targets; *target != NULL; target++) {
        Status one = STATUS_HELD;
        Input *input = input_open(*target, &one);
        if (input != NULL)
            one = stacks_use(&stage->performance->stacks, input);
        status = status_worse(status, one);
        if (input == NULL)
            continue;
        g_ptr_array_add(stage->inputs, input);
        stage->count += input_count(input);
    }
    return status;
}

/* Whether something stands there that is no file: it has one name, and all runs go there. */
static bool is_device(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

/* "x.svg", or "x-expired.svg" where there are several runs; NULL: standard output. g_free. */
static char *destination_path(const Stage *stage, const Destination *destination, const Plan *plan)
{
    if (destination->path == NULL || stage->count == 1 || is_device(destination->path))
        return g_strdup(destination->path);
    g_autofree char *word = input_word(stage->inputs->len == 1 ? input_case(plan) : plan->name);
    g_autofree char *base = g_path_get_basename(destination->path);
    g_autofree char *folder = g_path_get_dirname(destination->path);
    const char *dot = strrchr(base, '.');
    int stem = dot == NULL || dot == base ? (int)strlen(base) : (int)(dot - base);
    g_autofree char *name = g_strdup_printf("%.*s-%s%s", stem, base, word, base + stem);
    return strchr(destination->path, '/') == NULL ? g_steal_pointer(&name)
                                                  : g_build_filename(folder, name, NULL);
}

/* Standard output takes one picture, and nothing binary where it is a terminal. */
static Status check_stdout(const Stage *stage, ProductFormat format)
{
    const char *verb = stage->performance->verb;
    const char *name = product_name(format);
    if (product_is_binary(format) && terminal_is())
        return complain_usage(verb,
                              "%s is binary and not for a terminal; write it to a file: "
                              "-o FILE.%s",
                              name, name);
    bool many = format != PRODUCT_TEXT && format != PRODUCT_JSON;
    if (many && stage->count > 1)
        return complain_usage(verb,
                              "standard output takes one %s, and %u are to be made; name one case "
                              "(`shakedown list --cases`), or write files: -o FILE.%s",
                              name, stage->count, name);
    return STATUS_HELD;
}

static Status check_destinations(const Stage *stage)
{
    const Performance *performance = stage->performance;
    g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t d = 0; d < performance->destination_count; d++) {
        const Destination *destination = &performance->destinations[d];
        Status status =
            destination->path == NULL ? check_stdout(stage, destination->format) : STATUS_HELD;
        if (status != STATUS_HELD)
            return status;
        for (guint i = 0; destination->path != NULL && i < stage->inputs->len; i++) {
            const Input *input = g_ptr_array_index(stage->inputs, i);
            for (guint j = 0; j < input_count(input); j++) {
                char *path = destination_path(stage, destination, input_plan(input, j));
                g_autofree char *shown = g_filename_display_name(path);
                if (!g_hash_table_add(paths, path) && !is_device(shown))
                    return complain_usage(performance->verb, "%s would be written twice", shown);
            }
        }
    }
    return STATUS_HELD;
}

static Status complain_fault(const Input *input, const Plan *plan, const Fault *fault)
{
    g_printerr("%s: error: %s: %s\n", input->file, plan->name, fault->sentence);
    return fault->blame == FAULT_OF_US ? STATUS_ENVIRONMENT : STATUS_USAGE;
}

static void use_seed(const Performance *performance, Plan *plan)
{
    if (performance->seed == NULL)
        return;
    plan->seed = *performance->seed;
    g_free(plan->text);
    plan->text = plan_print(plan);
}

/* Where a line's first word stands, and how far its words go. */
static void line_extent(const Input *input, int line, int *column, int *width)
{
    const char *at = input->text, *end = input->text + input->size;
    for (int i = 1; i < line && at < end; i++) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        at = next == NULL ? end : next + 1;
    }
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    g_autofree char *whole = g_strndup(at, (gsize)((stop == NULL ? end : stop) - at));
    g_strchomp(whole);
    size_t blanks = strspn(whole, " \t");
    *column = (int)blanks + 1;
    *width = (int)g_utf8_strlen(whole + blanks, -1);
}

/* What did not hold, each at its line. */
static void complain_verdict(const Input *input, const Trace *trace)
{
    const TraceEvent *verdict = trace_at(trace, trace_count(trace) - 1);
    Diagnostics diagnostics;
    diagnostics_init(&diagnostics, input->file, input->text, input->size);
    for (guint i = 0; verdict->expectations != NULL && i < verdict->expectations->len; i++) {
        const TraceExpectation *expectation = g_ptr_array_index(verdict->expectations, i);
        int column = 1, width = 1;
        if (expectation->held)
            continue;
        if (expectation->line > 0)
            line_extent(input, expectation->line, &column, &width);
        diagnostics_error(&diagnostics, expectation->line, column, width,
                          "%s: %s: expected %s, got %s", trace->header.scenario, expectation->text,
                          expectation->expected, expectation->got);
    }
    g_printerr("%s", diagnostics.report->str);
    diagnostics_clear(&diagnostics);
}

static bool put_stdout(const Stage *stage, ProductFormat format, const GByteArray *bytes,
                       GError **error)
{
    if (format != PRODUCT_TEXT)
        return output_stdout(bytes->data, bytes->len, error);
    g_autoptr(GString) text = g_string_new(stage->done > 0 ? "\n\n" : NULL);
    g_string_append_len(text, (const char *)bytes->data, bytes->len);
    terminal_colour(text);
    return output_stdout(text->str, text->len, error);
}

static bool put(const Stage *stage, const Destination *destination, const Trace *trace,
                const Plan *plan, const ProductOptions *options, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *path = destination_path(stage, destination, plan);
    ProductOptions own = *options;
    const Look *look = &stage->performance->look;
    own.utf8 = path == NULL ? terminal_utf8(look) : look->utf8; /* a file is 7-bit unless asked */
    if (!product_make(destination->format, trace, &own, bytes, error))
        return false;
    if (path == NULL)
        return put_stdout(stage, destination->format, bytes, error);
    if (!output_file(path, bytes->data, bytes->len, OUTPUT_REPLACE, error))
        return false;
    g_autofree char *shown = g_filename_display_name(path);
    complain("wrote %s: %s, seed %" G_GUINT64_FORMAT ", %s", shown, plan->name, plan->seed,
             trace_held(trace) ? "every expectation held" : "an expectation FAILED");
    return true;
}

static Status perform_one(Stage *stage, const Input *input, Plan *plan)
{
    const Performance *performance = stage->performance;
    Fault fault = FAULT_INIT;
    g_autoptr(GError) error = NULL;
    use_seed(performance, plan);
    g_autoptr(Trace) trace = world_play(plan, &fault);
    if (trace == NULL)
        return complain_fault(input, plan, &fault);
    g_autofree char *target = input_target(input, plan);
    ProductOptions options = performance->product;
    options.target = target;
    for (size_t i = 0; i < performance->destination_count; i++)
        if (!put(stage, &performance->destinations[i], trace, plan, &options, &error))
            return complain_error(g_steal_pointer(&error));
    stage->done++;
    if (performance->tap && tap_result(stage->done, trace, target) != STATUS_HELD)
        return STATUS_ENVIRONMENT;
    if (trace_held(trace))
        return STATUS_HELD;
    if (!performance->tap)
        complain_verdict(input, trace);
    return STATUS_FAILED;
}
