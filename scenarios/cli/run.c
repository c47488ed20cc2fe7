/* shakedown run: runs scenarios, and prints what happened.
 *
 * The words of the command line become a Performance; perform.c does it. Standard output gets one
 * thing: the text of a lecture, JSON lines, TAP lines, or with `-o -` a picture; what contradicts
 * that is refused here. Files are made besides.
 */
#include <string.h>

#include "scenarios/cli/command.h"
#include "scenarios/cli/perform.h"

static struct {
    char *trace, *seed, *keylog, *pcap, *output, *format;
    gboolean narrate, json, tap;
    StackChoice stacks;
    Look look;
} options;

static const GOptionEntry entries[] = {
    {"narrate", 'n', 0, G_OPTION_ARG_NONE, &options.narrate,
     "Tell the run as a story, in place of the ladder", NULL},
    {"trace", 't', 0, G_OPTION_ARG_STRING, &options.trace,
     "Add the events: msg, a line a message; fields, their fields; bytes, their bytes; keys, the "
     "key schedule",
     "LEVEL"},
    {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json, "Print the trace as JSON lines", NULL},
    {"tap", 0, 0, G_OPTION_ARG_NONE, &options.tap,
     "Print a line a scenario or case, for test harnesses (TAP)", NULL},
    {"seed", 's', 0, G_OPTION_ARG_STRING, &options.seed,
     "Draw all random values from this, in place of the scenario's own seed", "NUMBER"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
     "Write this, as its suffix says; - is standard output", "FILE"},
    {"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
     "What to make, whatever the suffix: txt, json, dot, svg, png, pdf, pcapng, keylog", "FORMAT"},
    {"keylog", 'k', 0, G_OPTION_ARG_FILENAME, &options.keylog,
     "Write the secrets as SSLKEYLOGFILE (RFC 9850)", "FILE"},
    {"pcap", 'p', 0, G_OPTION_ARG_FILENAME, &options.pcap,
     "Write the packets, with their secrets, for Wireshark (pcapng)", "FILE"},
    STACK_OPTIONS(options.stacks),
    LOOK_OPTIONS(options.look),
    {NULL},
};

static GOptionContext *context(void)
{
    return command_context(
        "NAME|FILE|-…", "Runs scenarios: names of the catalogue, files, or standard input.",
        entries,
        "A scenario with cases runs all of them; NAME/CASE is one. With more than one run, each\n"
        "file that is written has the case's name before its suffix: x.svg becomes x-expired.svg.\n"
        "\n"
        "Examples:\n"
        "  shakedown run normal\n"
        "  shakedown run bad-certificate/expired --narrate\n"
        "  shakedown run normal --trace=keys --seed 7\n"
        "  shakedown run lesson.scn -o lesson.svg\n"
        "  shakedown run normal --server openssl\n"
        "  shakedown run normal --pcap normal.pcapng && tshark -r normal.pcapng\n"
        "  shakedown run --tap $(shakedown list --names)\n"
        "\n"
        "Exit status: 0 every expectation held, 1 one failed, 2 the command line or a scenario is\n"
        "wrong, 3 something around the program is.");
}

static bool seed_from_options(guint64 *seed, Status *status)
{
    g_autoptr(GError) error = NULL;
    if (g_ascii_string_to_unsigned(options.seed, 10, 0, G_MAXUINT64, seed, &error))
        return true;
    *status = complain_usage("run", "a seed is a whole number from 0 to 2^64 - 1, not \"%s\"",
                             options.seed);
    return false;
}

static void add(Performance *performance, const char *path, ProductFormat format)
{
    bool out = path == NULL || strcmp(path, "-") == 0;
    performance->destinations[performance->destination_count++] =
        (Destination){.path = out ? NULL : path, .format = format};
}

/* What -o and --format make. */
static Status choose_format(ProductFormat *format)
{
    if (options.format != NULL && !product_from_name(options.format, format))
        return complain_usage("run", "no format is called \"%s\": there are %s", options.format,
                              product_names());
    if (options.format != NULL)
        return STATUS_HELD;
    bool file = options.output != NULL && strcmp(options.output, "-") != 0;
    if (file && product_from_path(options.output, format))
        return STATUS_HELD;
    *format = options.json ? PRODUCT_JSON : PRODUCT_TEXT;
    if (!file || options.json)
        return STATUS_HELD;
    g_autofree char *shown = g_filename_display_name(options.output);
    return complain_usage("run", "the suffix of %s names no format: there are %s; or say --format",
                          shown, product_names());
}

/* One thing at a time goes to standard output. */
static Status choose_destinations(Performance *performance)
{
    ProductFormat format = PRODUCT_TEXT;
    Status status = choose_format(&format);
    if (status != STATUS_HELD)
        return status;
    bool file = options.output != NULL && strcmp(options.output, "-") != 0;
    bool tap_and_more = options.tap && !file && (options.output != NULL || options.format != NULL);
    if ((options.tap && options.json) || tap_and_more)
        return complain_usage("run", "--tap takes standard output; write the rest to a file: "
                                     "-o FILE");
    if (options.json && !file && format != PRODUCT_JSON)
        return complain_usage("run",
                              "--json takes standard output; write the %s to a file: "
                              "-o FILE.%s",
                              product_name(format), product_name(format));
    if (file || !options.tap)
        add(performance, options.output, format);
    if (file && options.json && format != PRODUCT_JSON)
        add(performance, NULL, PRODUCT_JSON);
    bool text = performance->destination_count > 0 && format == PRODUCT_TEXT;
    if (!text && (options.narrate || options.trace != NULL))
        return complain_usage("run", "%s is of the text alone: leave out %s",
                              options.narrate ? "--narrate" : "--trace",
                              options.tap    ? "--tap"
                              : options.json ? "--json"
                                             : "the other format");
    if (options.keylog != NULL)
        add(performance, options.keylog, PRODUCT_KEYLOG);
    if (options.pcap != NULL)
        add(performance, options.pcap, PRODUCT_PCAPNG);
    return STATUS_HELD;
}

static Status play(char **names)
{
    guint64 seed = 0;
    Status status = STATUS_HELD;
    Performance performance = {
        .verb = "run", .look = options.look, .tap = options.tap, .stacks = options.stacks};
    if (options.seed != NULL && !seed_from_options(&seed, &status))
        return status;
    performance.seed = options.seed == NULL ? NULL : &seed;
    performance.product.narrate = options.narrate;
    performance.product.details = options.trace != NULL;
    if (options.trace != NULL &&
        !details_level_from_name(options.trace, &performance.product.level))
        return complain_usage("run", "--trace is msg, fields, bytes or keys, not \"%s\"",
                              options.trace);
    status = choose_destinations(&performance);
    return status == STATUS_HELD ? perform(names, &performance) : status;
}

const Verb verb_run = {"run", "runs scenarios and prints what happened", context, play};
