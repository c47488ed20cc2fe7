/* shakedown draw: runs scenarios, and draws them.
 *
 * The same as `run -o FILE` for pictures, with the choice of a layout, and with standard output as
 * the place where no file is named: for a pipe, since nobody wants to read SVG on a terminal.
 */
#include <string.h>

#include "scenarios/cli/command.h"
#include "scenarios/cli/perform.h"

static struct {
    char *output, *format, *layout, *seed;
    StackChoice stacks;
} options;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
     "Write this, as its suffix says; - is standard output", "FILE"},
    {"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
     "dot, svg, png or pdf, whatever the suffix", "FORMAT"},
    {"layout", 'l', 0, G_OPTION_ARG_STRING, &options.layout,
     "slide, 16:9 for a projector (the standard); tall, of the width of a page", "LAYOUT"},
    {"seed", 's', 0, G_OPTION_ARG_STRING, &options.seed,
     "Draw all random values from this, in place of the scenario's own seed", "NUMBER"},
    STACK_OPTIONS(options.stacks),
    {NULL},
};

static GOptionContext *context(void)
{
    return command_context(
        "NAME|FILE|-…", "Runs scenarios and draws each as a sequence diagram.", entries,
        "Without -o the picture goes to standard output, as SVG, unless that is a terminal. With\n"
        "more than one run, each file has the case's name before its suffix: x.svg becomes\n"
        "x-expired.svg.\n"
        "\n"
        "Examples:\n"
        "  shakedown draw normal -o normal.svg\n"
        "  shakedown draw renegotiation --layout=tall -o renegotiation.pdf\n"
        "  shakedown draw man-in-the-middle -o attack.png\n"
        "  shakedown draw normal --client gnutls -o gnutls.svg\n"
        "  shakedown draw normal --format=dot | dot -Tpng -o normal.png\n"
        "\n"
        "Exit status: as of `shakedown run`.");
}

static Status choose_format(ProductFormat *format)
{
    bool file = options.output != NULL && strcmp(options.output, "-") != 0;
    *format = PRODUCT_SVG;
    if (options.format != NULL) {
        if (!product_from_name(options.format, format) || !product_is_picture(*format))
            return complain_usage("draw", "a picture is dot, svg, png or pdf, not \"%s\"",
                                  options.format);
    } else if (file) {
        if (!product_from_path(options.output, format) || !product_is_picture(*format)) {
            g_autofree char *shown = g_filename_display_name(options.output);
            return complain_usage("draw",
                                  "the suffix of %s names no picture: .dot, .svg, .png or "
                                  ".pdf does; or say --format",
                                  shown);
        }
    } else if (options.output == NULL && terminal_is()) {
        return complain_usage("draw", "where to? Say -o FILE.svg");
    }
    return STATUS_HELD;
}

static Status play(char **names)
{
    Performance performance = {.verb = "draw", .destination_count = 1, .stacks = options.stacks};
    guint64 seed = 0;
    ProductFormat format = PRODUCT_SVG;
    Status status = choose_format(&format);
    if (status != STATUS_HELD)
        return status;
    if (options.layout != NULL &&
        !sequence_format_from_name(options.layout, &performance.product.layout.format))
        return complain_usage("draw", "--layout is slide or tall, not \"%s\"", options.layout);
    if (options.seed != NULL &&
        !g_ascii_string_to_unsigned(options.seed, 10, 0, G_MAXUINT64, &seed, NULL))
        return complain_usage("draw", "a seed is a whole number from 0 to 2^64 - 1, not \"%s\"",
                              options.seed);
    bool file = options.output != NULL && strcmp(options.output, "-") != 0;
    performance.destinations[0] =
        (Destination){.path = file ? options.output : NULL, .format = format};
    performance.seed = options.seed == NULL ? NULL : &seed;
    return perform(names, &performance);
}

const Verb verb_draw = {"draw", "runs scenarios and draws them", context, play};
