/* A run as one of the things that can be made of it.
 *
 * Formats are rows: a name, the suffixes that choose it, whether a terminal may have it. Each is
 * one call into the room of views, which knows how; here is only which. Where it goes is for
 * others.
 */
#include "scenarios/cli/product.h"

#include <string.h>

#include "viz/json.h"
#include "viz/keylog.h"
#include "viz/ladder.h"
#include "viz/narrate.h"
#include "viz/pcapng.h"
#include "viz/render.h"
#include "viz/report.h"

static const struct {
    const char *name;
    const char *suffixes[4];
    bool binary, picture;
} rows[] = {
    [PRODUCT_TEXT] = {"txt", {"txt", "text"}, false, false},
    [PRODUCT_JSON] = {"json", {"json", "jsonl", "ndjson"}, false, false},
    [PRODUCT_DOT] = {"dot", {"dot", "gv"}, false, true},
    [PRODUCT_SVG] = {"svg", {"svg"}, false, true},
    [PRODUCT_PNG] = {"png", {"png"}, true, true},
    [PRODUCT_PDF] = {"pdf", {"pdf"}, true, true},
    [PRODUCT_PCAPNG] = {"pcapng", {"pcapng", "pcap"}, true, false},
    [PRODUCT_KEYLOG] = {"keylog", {"keylog"}, false, false},
};

const char *product_names(void)
{
    return "txt, json, dot, svg, png, pdf, pcapng, keylog";
}

bool product_from_name(const char *name, ProductFormat *format)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_ascii_strcasecmp(rows[i].name, name) != 0)
            continue;
        *format = (ProductFormat)i;
        return true;
    }
    return false;
}

bool product_from_path(const char *path, ProductFormat *format)
{
    g_autofree char *base = g_path_get_basename(path);
    const char *dot = strrchr(base, '.');
    for (size_t i = 0; dot != NULL && i < G_N_ELEMENTS(rows); i++) {
        for (size_t j = 0; j < G_N_ELEMENTS(rows[i].suffixes); j++) {
            if (rows[i].suffixes[j] == NULL ||
                g_ascii_strcasecmp(rows[i].suffixes[j], dot + 1) != 0)
                continue;
            *format = (ProductFormat)i;
            return true;
        }
    }
    return false;
}

const char *product_name(ProductFormat format)
{
    return rows[format].name;
}

bool product_is_binary(ProductFormat format)
{
    return rows[format].binary;
}

bool product_is_picture(ProductFormat format)
{
    return rows[format].picture;
}

static void make_text(const Trace *trace, const ProductOptions *options, GString *text)
{
    LadderOptions ladder = {.utf8 = options->utf8};
    ReportOptions report = {.utf8 = options->utf8, .target = options->target};
    if (options->narrate)
        narrate_write(trace, options->utf8, text);
    else
        ladder_write(trace, &ladder, text);
    if (options->details) {
        g_string_append(text, "\nEvents\n");
        details_write(trace, options->level, options->utf8, text);
    }
    report_write(trace, &report, text);
}

static bool make_picture(RenderFormat format, const Trace *trace, const ProductOptions *options,
                         GByteArray *output, GError **error)
{
    g_autofree char *dot = sequence_dot(trace, &options->layout);
    return render(dot, format, output, error);
}

bool product_make(ProductFormat format, const Trace *trace, const ProductOptions *options,
                  GByteArray *output, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    switch (format) {
    case PRODUCT_SVG:
        return make_picture(RENDER_SVG, trace, options, output, error);
    case PRODUCT_PNG:
        return make_picture(RENDER_PNG, trace, options, output, error);
    case PRODUCT_PDF:
        return make_picture(RENDER_PDF, trace, options, output, error);
    case PRODUCT_PCAPNG:
        pcapng_write(trace, output);
        return true;
    case PRODUCT_DOT: {
        g_autofree char *dot = sequence_dot(trace, &options->layout);
        g_string_append(text, dot);
        break;
    }
    case PRODUCT_TEXT:
        make_text(trace, options, text);
        break;
    case PRODUCT_JSON:
        json_write(trace, text);
        break;
    case PRODUCT_KEYLOG:
        keylog_write(trace, text);
        break;
    }
    g_byte_array_append(output, (const guint8 *)text->str, (guint)text->len);
    return true;
}
