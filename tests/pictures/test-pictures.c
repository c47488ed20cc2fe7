/* Every picture of the catalogue, looked at by a checker with real font widths.
 *
 * Each plan of the catalogue is drawn as a slide and as a tall picture: no label is cut, crossed or
 * on top of another; the text ladder keeps its width; the dot is the same from run to run and
 * paints to SVG and PNG that repeat; saved as JSON and read again, the run draws the same picture.
 * That the checker can fail is shown in viz's own tests, with a picture made bad on purpose.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/catalogue.h"
#include "sim/world.h"
#include "tests/support/support.h"
#include "viz/json.h"
#include "viz/ladder.h"
#include "viz/render.h"
#include "viz/sequence.h"

static const SequenceOptions options[] = {{SEQUENCE_SLIDE, SEQUENCE_FOLD_AUTO},
                                          {SEQUENCE_TALL, SEQUENCE_FOLD_AUTO},
                                          {SEQUENCE_SLIDE, SEQUENCE_FOLD_NEVER}};

static void visit_faults(const Trace *trace)
{
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        g_autoptr(GPtrArray) faults = sequence_faults(trace, &options[i]);
        ck_assert_msg(faults->len == 0, "%s: %u faults: %s", trace->header.scenario, faults->len,
                      faults->len == 0 ? "" : (char *)g_ptr_array_index(faults, 0));
    }
}

START_TEST(no_label_is_cut_or_crossed)
{
    unsigned count = support_every_run(visit_faults);
    printf("# %u runs, %zu pictures each\n", count, G_N_ELEMENTS(options));
}
END_TEST

static void visit_ladder(const Trace *trace)
{
    GString *text = g_string_new(NULL);
    ladder_write(trace, NULL, text);
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
    size_t width = trace->header.parties->len == 2 ? 72 : 36 * trace->header.parties->len;
    for (char **line = lines; *line != NULL; line++) {
        ck_assert_msg(strlen(*line) <= width, "%s: %zu columns: %s", trace->header.scenario,
                      strlen(*line), *line);
        for (const char *at = *line; *at != '\0'; at++)
            ck_assert_msg(g_ascii_isprint(*at), "%s: not 7-bit: %s", trace->header.scenario, *line);
    }
    g_string_free(text, TRUE);
}

START_TEST(the_ladder_keeps_its_width)
{
    support_every_run(visit_ladder);
}
END_TEST

static void visit_saved(const Trace *trace)
{
    GString *text = g_string_new(NULL);
    GString *twice = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    json_write(trace, text);
    g_autoptr(Trace) back = json_read(text->str, (gssize)text->len, &error);
    ck_assert_msg(back != NULL, "%s: %s", trace->header.scenario,
                  error == NULL ? "" : error->message);
    json_write(back, twice);
    ck_assert_str_eq(text->str, twice->str);
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        g_autofree char *a = sequence_dot(trace, &options[i]);
        g_autofree char *b = sequence_dot(back, &options[i]);
        ck_assert_str_eq(a, b);
    }
    g_string_free(text, TRUE);
    g_string_free(twice, TRUE);
}

START_TEST(saved_runs_draw_the_same)
{
    support_every_run(visit_saved);
}
END_TEST

/* One of each shape is painted: two lifelines, three, and one with mischief of the network. */
START_TEST(painting_repeats)
{
    static const char *const names[] = {"normal", "man-in-the-middle", "one-bit-flipped"};
    g_autoptr(Scenario) scenario = support_catalogue(names[_i]);
    Fault fault = FAULT_INIT;
    g_autoptr(Trace) trace = world_play(scenario_plan(scenario, 0), &fault);
    ck_assert(trace != NULL);
    g_autofree char *dot = sequence_dot(trace, NULL);
    const RenderFormat formats[] = {RENDER_SVG, RENDER_PNG, RENDER_PDF};
    const char *const heads[] = {"<?xml", "\x89PNG", "%PDF"};
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autoptr(GByteArray) one = g_byte_array_new();
        g_autoptr(GByteArray) two = g_byte_array_new();
        g_autoptr(GError) error = NULL;
        ck_assert_msg(render(dot, formats[i], one, &error), "%s", error->message);
        ck_assert(render(dot, formats[i], two, NULL));
        ck_assert(one->len > 1000 && memcmp(one->data, heads[i], strlen(heads[i])) == 0);
        if (formats[i] != RENDER_PDF) /* a PDF carries its date */
            ck_assert(bytes_equal(bytes_from_array(one), bytes_from_array(two)));
    }
}
END_TEST

int main(void)
{
    CheckSuite *suite = suite_create("pictures");
    TCase *pictures = tcase_create("pictures");
    tcase_set_timeout(pictures, 120);
    tcase_add_test(pictures, no_label_is_cut_or_crossed);
    tcase_add_test(pictures, the_ladder_keeps_its_width);
    tcase_add_test(pictures, saved_runs_draw_the_same);
    tcase_add_loop_test(pictures, painting_repeats, 0, 3);
    suite_add_tcase(suite, pictures);
    return support_run(suite);
}
