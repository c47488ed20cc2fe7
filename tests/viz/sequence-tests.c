/* The pictures: the same text from run to run, nothing cut and nothing crossed.
 *
 * The checker must find nothing in any picture of any run, in either format, folded or not; and it
 * must find each kind of fault in a picture that was spoilt on purpose, or its silence would mean
 * nothing. What stands out is never folded away. PNG and SVG are painted once each.
 */
#include <locale.h>
#include <string.h>

#include "tests/viz/viz-tests.h"
#include "viz/flow.h"
#include "viz/render.h"
#include "viz/sequence_check.h"
#include "viz/text_width.h"

static const SequenceOptions formats[] = {
    {SEQUENCE_SLIDE, SEQUENCE_FOLD_AUTO},  {SEQUENCE_TALL, SEQUENCE_FOLD_AUTO},
    {SEQUENCE_SLIDE, SEQUENCE_FOLD_NEVER}, {SEQUENCE_SLIDE, SEQUENCE_FOLD_ALWAYS},
    {SEQUENCE_TALL, SEQUENCE_FOLD_ALWAYS},
};

static void check_picture(const Trace *trace)
{
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autoptr(GPtrArray) faults = sequence_faults(trace, &formats[i]);
        if (faults->len > 0)
            ck_abort_msg("%s, options %zu: %s", trace->header.scenario, i,
                         (char *)g_ptr_array_index(faults, 0));
    }
}

START_TEST(pictures_are_as_they_were)
{
    g_autoptr(Trace) trace = fixture_trace((FixtureKind)_i);
    g_autofree char *slide = sequence_dot(trace, &formats[0]);
    g_autofree char *tall = sequence_dot(trace, &formats[1]);
    g_autofree char *slide_name = golden_name(fixture_name((FixtureKind)_i), "-slide.dot");
    g_autofree char *tall_name = golden_name(fixture_name((FixtureKind)_i), "-tall.dot");
    golden(slide_name, slide);
    golden(tall_name, tall);
}
END_TEST

START_TEST(nothing_is_cut_or_crossed_in_a_run_made_by_hand)
{
    g_autoptr(Trace) trace = fixture_trace((FixtureKind)_i);
    check_picture(trace);
}
END_TEST

START_TEST(nothing_is_cut_or_crossed_in_any_run)
{
    support_every_run(check_picture);
}
END_TEST

START_TEST(long_names_are_cut_to_their_room)
{
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_CLIENT_AUTH);
    for (size_t i = 0; i < trace_count(trace); i++) {
        TraceEvent *event = g_ptr_array_index(trace->events, i);
        if (event->certificate == NULL)
            continue;
        g_free(event->certificate->subject);
        event->certificate->subject =
            g_strdup("CN=a-very-long-name.of-a-host.in-a-very-deep.domain.of-a-very-large.lab."
                     "example, O=An Organisation Whose Name Does Not End, L=Llanfairpwllgwyngyll");
    }
    g_free(trace->header.title);
    trace->header.title = g_strnfill(400, 'W');
    check_picture(trace);
}
END_TEST

/* ---- the checker ---- */

static SceneItem *find(const Scene *scene, SceneKind kind, const char *classes)
{
    for (guint i = 0; i < scene->items->len; i++) {
        SceneItem *item = g_ptr_array_index(scene->items, i);
        if (item->kind == kind &&
            (classes == NULL || (item->classes != NULL && strstr(item->classes, classes) != NULL)))
            return item;
    }
    ck_abort_msg("the scene has no %s", classes == NULL ? "such item" : classes);
}

static void move(SceneItem *item, double x, double y)
{
    item->left += x;
    item->right += x;
    item->top += y;
    item->bottom += y;
}

static void expect_fault(const Scene *scene, const char *what)
{
    g_autoptr(GPtrArray) faults = sequence_check(scene);
    for (guint i = 0; i < faults->len; i++)
        if (strstr(g_ptr_array_index(faults, i), what) != NULL)
            return;
    ck_abort_msg("\"%s\" was not found", what);
}

START_TEST(a_spoilt_picture_is_found_out)
{
    static const char *const faults[] = {
        "cut at the page's edge", "overlap",           "crossed by a lifeline",
        "crossed by an arrow",    "too small to read", "text wider or higher than its box",
    };
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_DROP);
    g_autoptr(Scene) scene = sequence_scene(trace, NULL);
    SceneItem *label = find(scene, SCENE_TEXT, "label s2");
    SceneItem *pill = find(scene, SCENE_BOX, "state s1");
    const SceneItem *other = find(scene, SCENE_TEXT, "label s3");
    switch (_i) {
    case 0:
        move(label, 2000, 0);
        break;
    case 1:
        move(label, other->left - label->left, other->top - label->top);
        break;
    case 2:
        move(label, find(scene, SCENE_LIFELINE, NULL)->left - label->left - 10, 0);
        break;
    case 3:
        move(label, 0, 8);
        break;
    case 4:
        label->size = 6;
        break;
    case 5:
        pill->right = pill->left + 20;
        break;
    default:
        ck_abort_msg("no such fault");
    }
    expect_fault(scene, faults[_i]);
}
END_TEST

/* ---- folding ---- */

START_TEST(what_stands_out_is_never_folded)
{
    g_autoptr(Trace) trace = fixture_trace((FixtureKind)_i);
    g_autoptr(Flow) flow = flow_new(trace);
    int messages = flow->messages, seen = 0;
    flow_fold(flow, FLOW_FOLD_FLIGHTS);
    for (guint i = 0; i < flow->rows->len; i++) {
        const FlowRow *row = flow_row(flow, i);
        seen += row->kind == FLOW_MESSAGE ? row->last_number - row->number + 1 : 0;
        for (guint j = 0; row->folded != NULL && j < row->folded->len; j++) {
            const FlowRow *part = g_ptr_array_index(row->folded, j);
            ck_assert(part->fate == FATE_DELIVERED && part->mischief->len == 0);
            ck_assert(part->message != MESSAGE_ALERT && part->delay == 0);
            ck_assert_int_eq(part->epoch, row->epoch);
        }
    }
    ck_assert_int_eq(seen, messages);
}
END_TEST

START_TEST(a_long_run_fits_a_slide)
{
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_LONG);
    g_autoptr(Scene) slide = sequence_scene(trace, &formats[0]);
    g_autoptr(Scene) tall = sequence_scene(trace, &formats[1]);
    ck_assert(slide->width == 960 && slide->height == 540);
    ck_assert(tall->width == 595 && tall->height > 1000);
}
END_TEST

/* ---- painting ---- */

START_TEST(pictures_are_painted)
{
    static const struct {
        RenderFormat format;
        const char *magic;
    } kinds[] = {{RENDER_PNG, "\x89PNG"}, {RENDER_SVG, "<?xml"}, {RENDER_PDF, "%PDF"}};
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_CHANGED);
    g_autofree char *dot = sequence_dot(trace, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GByteArray) picture = g_byte_array_new();
        g_autoptr(GByteArray) again = g_byte_array_new();
        g_autoptr(GError) error = NULL;
        bool done = render(dot, kinds[i].format, picture, &error);
        ck_assert_msg(done, "%s", done ? "" : error->message);
        ck_assert(picture->len > 4 && memcmp(picture->data, kinds[i].magic, 4) == 0);
        ck_assert(render(dot, kinds[i].format, again, NULL));
        if (kinds[i].format != RENDER_PDF) /* it carries a date */
            support_bytes(bytes_from_array(again), bytes_from_array(picture), "painted again");
    }
}
END_TEST

START_TEST(an_svg_is_live)
{
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_DROP);
    g_autofree char *dot = sequence_dot(trace, NULL);
    g_autoptr(GByteArray) svg = g_byte_array_new();
    ck_assert(render(dot, RENDER_SVG, svg, NULL));
    g_byte_array_append(svg, (const guint8 *)"", 1);
    const char *text = (const char *)svg->data;
    ck_assert(strstr(text, "id=\"m11\" class=\"edge msg s11 enc dropped\"") != NULL);
    ck_assert(strstr(text, "width=\"960pt\" height=\"540pt\"") != NULL);
    ck_assert(strstr(text, "cipher_suite") != NULL); /* a tooltip carries the fields */
    ck_assert(strstr(text, "title=\"n1\"") == NULL); /* and none a node's name */
}
END_TEST

START_TEST(what_is_no_graph_is_an_error)
{
    g_autoptr(GByteArray) picture = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    ck_assert(!render("digraph {", RENDER_SVG, picture, &error));
    ck_assert(g_error_matches(error, RENDER_ERROR, RENDER_ERROR_SYNTAX));
}
END_TEST

START_TEST(the_locale_changes_nothing)
{
    g_autoptr(Trace) trace = fixture_trace(FIXTURE_CHANGED);
    g_autofree char *before = sequence_dot(trace, NULL);
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL)
        g_printerr("# no locale de_DE.UTF-8: numbers were not tried with a comma\n");
    g_autofree char *after = sequence_dot(trace, NULL);
    ck_assert_str_eq(before, after);
}
END_TEST

START_TEST(text_has_its_width)
{
    ck_assert(text_width("iiii", 10, false) < text_width("WWWW", 10, false));
    ck_assert(text_width("abc", 10, true) > text_width("abc", 10, false));
    ck_assert_double_eq_tol(text_width("A", 1000, false), 668, 0.01);
    ck_assert_double_eq_tol(text_width("é", 10, false), text_width("e", 10, false), 0.01);
    g_autofree char *cut = text_width_cut("a long label that has no room", 10, false, 60);
    ck_assert(g_str_has_suffix(cut, "…") && text_width(cut, 10, false) <= 60);
}
END_TEST

TCase *sequence_case(void)
{
    TCase *cases = tcase_create("sequence");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, pictures_are_as_they_were, 0, FIXTURE_KINDS);
    tcase_add_loop_test(cases, nothing_is_cut_or_crossed_in_a_run_made_by_hand, 0, FIXTURE_KINDS);
    tcase_add_test(cases, nothing_is_cut_or_crossed_in_any_run);
    tcase_add_test(cases, long_names_are_cut_to_their_room);
    tcase_add_loop_test(cases, a_spoilt_picture_is_found_out, 0, 6);
    tcase_add_loop_test(cases, what_stands_out_is_never_folded, 0, FIXTURE_KINDS);
    tcase_add_test(cases, a_long_run_fits_a_slide);
    tcase_add_test(cases, pictures_are_painted);
    tcase_add_test(cases, an_svg_is_live);
    tcase_add_test(cases, what_is_no_graph_is_an_error);
    tcase_add_test(cases, the_locale_changes_nothing);
    tcase_add_test(cases, text_has_its_width);
    return cases;
}
